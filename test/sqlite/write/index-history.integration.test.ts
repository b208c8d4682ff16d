import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOUR_MS } from '../../../src/domain/diagnosis/history.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createIndexHistory } from '../../../src/sqlite/write/index-history.js';
import { MIGRATIONS, MIGRATIONS_FOLDER, temporaryDirectory } from '../temporary-index.js';

const GOING_ON = new AbortController().signal;

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** An index with these rows, written before there were hours, or by a new version. */
function indexOf(rows: string, when: 'before the upgrade' | 'after it' = 'after it') {
  const db = openDatabase(`${directory.path}/index.db`);
  const names = MIGRATIONS.map(({ name }) => name);
  const at = names.findIndex((name) => /-hours\.sql$/.test(name)) + (when === 'after it' ? 1 : 0);
  const apply = (name: string) => db.exec(readFileSync(`${fileURLToPath(MIGRATIONS_FOLDER)}/${name}`, 'utf8'));
  names.slice(0, at).forEach(apply);
  db.exec(rows);
  names.slice(at).forEach(apply);
  return db;
}

const space = (id: number, images: number, rest: Readonly<Record<string, string | number>> = {}) => {
  const names = ['id', 'user', 'url', 'added_at', 'images', 'revision', ...Object.keys(rest)];
  const values = [id, `'u${id}'`, "'http://dav.test/'", 0, images, 3, ...Object.values(rest)];
  return `INSERT INTO spaces (${names.join()}) VALUES (${values.join()});
    INSERT INTO collections (id, space, path) VALUES (${id}0, ${id}, '');`;
};
const image = (of: number, path: string, bytes: number | null, missingSince: number | null = null) => `
  INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at, missing_since)
  VALUES (${of}, ${of}0, '${path}', '${path.slice(2)}', '${path.slice(2)}', ${bytes}, 0, 0, ${missingSince});`;

it('counts what an index had before there were hours, without images that are missing and spaces that have left', async () => {
  const db = indexOf(
    [
      space(1, 2),
      image(1, 'd/a.ova', 5),
      image(1, 'd/b.ova', null),
      image(1, 'd/gone.ova', 100, 7),
      space(2, 1, { held_removals: 1 }),
      image(2, 'd/held.ova', 7),
      space(3, 1, { is_configured: 0, left_at: 9 }),
      image(3, 'd/left.ova', 1_000),
      space(4, 0, { trouble_kind: "'unauthorized'", trouble_message: "'401'", trouble_at: 1, held_removals: 1 }),
      space(5, 0, { trouble_kind: "'failed'", trouble_message: "'no answer'", trouble_at: 1 }),
    ].join('\n'),
    'before the upgrade',
  );
  const history = createIndexHistory(db);
  expect(await history.hours()).toEqual([]);
  await history.count(7 * HOUR_MS, GOING_ON);
  const none = { syncs: 0, failed: 0, added: 0, removed: 0 };
  expect(await history.hours()).toEqual([{ hour: 7, ...none, stock: { spaces: 4, images: 3, bytes: 12 } }]);
  const sums = db.prepare('SELECT image_bytes, bytes_revision FROM spaces ORDER BY id').raw().all();
  expect(sums).toEqual([
    [5, 3],
    [7, 3],
    [0, -1],
    [0, 3],
    [0, 3],
  ]);
  expect(await history.troubled(5)).toEqual({ held: ['u2'], suspended: ['u4'], failing: ['u5'] });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});

it.each([1, 2, 3, 7, 8, 100])('sums up a space of seven images in pieces of %i', async (atOnce) => {
  // Three folders have an image of the same name, which no piece parts.
  const paths = ['a/a.ova', 'a/b.ova', 'b/b.ova', 'c/b.ova', 'a/c.ova', 'a/d.ova', 'a/é.ova'];
  const images = paths.map((path, at) => image(1, path, 10 ** at));
  const db = indexOf([space(1, 7), ...images, space(2, 1), image(2, 'd/x.ova', 10_000_000)].join('\n'));
  await createIndexHistory(db, atOnce).count(0, GOING_ON);
  expect(db.prepare('SELECT image_bytes FROM spaces ORDER BY id').pluck().all()).toEqual([1_111_111, 10_000_000]);
  db.close();
});

it('sums up a space again an hour later if it has changed between two pieces', async () => {
  const images = ['a/a.ova', 'a/b.ova', 'a/c.ova'].map((path) => image(1, path, 1));
  const db = indexOf([space(1, 3), ...images].join('\n'));
  const history = createIndexHistory(db, 1);
  const counting = history.count(0, GOING_ON);
  await new Promise((resolve) => setImmediate(resolve));
  db.exec("UPDATE images SET size_bytes = 50 WHERE name = 'a.ova'; UPDATE spaces SET revision = 4");
  await counting;
  expect(db.prepare('SELECT bytes_revision FROM spaces').pluck().get()).toBe(3);
  await history.count(HOUR_MS, GOING_ON);
  expect(db.prepare('SELECT image_bytes, bytes_revision FROM spaces').raw().get()).toEqual([52, 4]);
  db.close();
});
