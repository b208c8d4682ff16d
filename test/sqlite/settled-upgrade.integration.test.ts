import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { MIGRATIONS, MIGRATIONS_FOLDER, temporaryDirectory } from './temporary-index.js';

const IS_SETTLED = /-held-and-settled\.sql$/;
const MINUTE = 60_000;

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** An index of before that migration, with what `fill` puts into it, brought up to date. */
function upgraded(fill: string) {
  const db = openDatabase(`${directory.path}/index.db`);
  const names = MIGRATIONS.map(({ name }) => name);
  const at = names.findIndex((name) => IS_SETTLED.test(name));
  const apply = (name: string) => db.exec(readFileSync(`${fileURLToPath(MIGRATIONS_FOLDER)}/${name}`, 'utf8'));
  names.slice(0, at).forEach(apply);
  db.exec(fill);
  names.slice(at).forEach(apply);
  return db;
}

const space = (id: number, fullAt: number | null) => `
  INSERT INTO spaces (id, user, url, added_at, last_sync_at) VALUES (${id}, 'u${id}', 'http://dav.test/', 0, 9000000);
  INSERT INTO collections (id, space, path, is_settled, is_proven) VALUES (${id}0, ${id}, '', 1, 1);
  INSERT INTO collections (id, space, parent, path, is_settled, is_proven) VALUES (${id}1, ${id}, ${id}0, 'd', 1, 1);
  ${['full', 'incremental']
    .map((mode, later) =>
      fullAt === null && mode === 'full'
        ? ''
        : `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, started_at, ended_at)
           VALUES ('t', ${id}, '${mode}', 'schedule', '[]', 'PROCESSED', 0, 0, ${(fullAt ?? 0) + later * 10 * MINUTE}, 0);`,
    )
    .join('\n')}`;
const image = (of: number, name: string, updatedAt: number) => `
  INSERT INTO images (space, collection, path, name, name_key, created_at, updated_at)
  VALUES (${of}, ${of}1, 'd/${name}', '${name}', '${name}', 0, ${updatedAt});`;

it('takes images for settled that a full sync has seen to stand still, and looks at the others again', () => {
  const fullAt = 10 * MINUTE;
  const db = upgraded(
    [
      space(1, fullAt),
      image(1, 'old.ova', fullAt - MINUTE),
      image(1, 'young.ova', fullAt - MINUTE + 1),
      space(2, fullAt),
      image(2, 'old.ova', 0),
      space(3, null),
      image(3, 'never.ova', 0),
    ].join('\n'),
  );
  const all = (sql: string) => db.prepare(sql).raw().all();
  expect(all('SELECT space, name, is_settled FROM images ORDER BY space, name')).toEqual([
    [1, 'old.ova', 1],
    [1, 'young.ova', 0],
    [2, 'old.ova', 1],
    [3, 'never.ova', 0],
  ]);
  // Of the second space nothing need be looked at again.
  expect(all('SELECT id, is_settled, is_proven FROM collections ORDER BY id')).toEqual([
    [10, 1, 0],
    [11, 0, 0],
    [20, 1, 1],
    [21, 1, 1],
    [30, 1, 0],
    [31, 0, 0],
  ]);
  db.close();
});

it('tells since when a removal is held that an older index noted', () => {
  const db = upgraded(
    `${space(1, 0)}${image(1, 'held.ova', 0)}${image(1, 'lost.ova', 0)}
     UPDATE syncs SET id = 7, ended_at = 4711 WHERE mode = 'full';
     UPDATE images SET absent_in_sync = 7 WHERE name = 'held.ova';
     UPDATE images SET absent_in_sync = 3 WHERE name = 'lost.ova';`,
  );
  const since = db.prepare('SELECT name, absent_since FROM images ORDER BY name').raw().all();
  expect(since).toEqual([
    ['held.ova', 4711],
    ['lost.ova', null],
  ]);
  db.close();
});
