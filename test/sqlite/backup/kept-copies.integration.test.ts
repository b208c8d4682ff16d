import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeBackupFolder, setAside } from '../../../src/sqlite/backup/backups.js';
import { copyDatabase } from '../../../src/sqlite/backup/copy.js';
import { listKeptCopies } from '../../../src/sqlite/backup/kept-copies.js';
import { nameByTime } from '../../../src/sqlite/backup/rotation.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createDatabaseFacts } from '../../../src/sqlite/file/database-facts.js';
import { layEmptyIndex, temporaryDirectory } from '../temporary-index.js';

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);

let directory: ReturnType<typeof temporaryDirectory>;
let index: string;
let folder: string;
beforeEach(() => {
  directory = temporaryDirectory();
  index = join(directory.path, 'ovadex.db');
  folder = join(directory.path, 'backups');
  layEmptyIndex(directory.path);
});
afterEach(() => directory.remove());

const copyAt = (time: number) => {
  makeBackupFolder(folder);
  const target = nameByTime(folder, time);
  copyDatabase(index, target);
  return target;
};

it('lists those made on request and those from before a migration, the newest first', () => {
  setAside(index, 7, { directory: folder, keep: 3 }, NOON - 1);
  copyAt(NOON);
  copyAt(NOON - 2);
  writeFileSync(join(folder, 'ovadex-notes.db'), 'x');
  writeFileSync(join(folder, 'ovadex-20260230T120000000Z.db'), 'a day that there was not');
  const schema = schemaOfIndex();
  const copies = listKeptCopies(folder, 50);
  expect(copies.map(({ name, madeAt, isBeforeMigration }) => [name, madeAt - NOON, isBeforeMigration])).toEqual([
    ['ovadex-20261124T120000000Z.db', 0, false],
    ['ovadex-20261124T115959999Z-schema-7.db', -1, true],
    ['ovadex-20261124T115959998Z.db', -2, false],
  ]);
  for (const copy of copies) expect(copy).toMatchObject({ schema, problem: null });
  expect(listKeptCopies(folder, 1)).toHaveLength(1);
});

it('says what is wrong with a copy', () => {
  const cut = copyAt(NOON);
  truncateSync(cut, 8_192);
  writeFileSync(copyAt(NOON + 1), '');
  writeFileSync(
    copyAt(NOON + 2),
    'this is no database, but a text about as long as a header of one is, or longer still',
  );
  const other = copyAt(NOON + 3);
  const db = new Database(other);
  db.pragma('application_id = 7');
  db.close();
  expect(listKeptCopies(folder, 50).map(({ problem }) => problem)).toEqual([
    'it is a database of another program',
    expect.stringMatching(/^it can't be read: /),
    'it is empty',
    expect.stringMatching(/^it has 8192 bytes instead of \d+$|^it can't be read: /),
  ]);
});

it('has none where there is no folder, or something else in its place', () => {
  expect(listKeptCopies(folder, 50)).toEqual([]);
  writeFileSync(folder, 'in the way');
  expect(listKeptCopies(folder, 50)).toEqual([]);
});

it('tells the index as a file', async () => {
  const db = openDatabase(index);
  db.exec('CREATE TABLE much (x); INSERT INTO much VALUES (zeroblob(100000)); DROP TABLE much');
  const facts = await createDatabaseFacts(db)();
  expect(facts).toMatchObject({
    file: index,
    engine: expect.stringMatching(/^SQLite 3\./) as string,
    schema: schemaOfIndex(),
  });
  expect(facts.freeBytes).toBeGreaterThan(90_000);
  expect(facts.logBytes).toBeGreaterThan(0);
  db.close();
});

function schemaOfIndex(): number {
  const db = new Database(index, { readonly: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  db.close();
  return version;
}
