import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMigrations } from '../../../src/platform/migrations.js';
import { listBackups } from '../../../src/sqlite/backup/backups.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { migrate } from '../../../src/sqlite/schema/migrate.js';
import { MIGRATIONS, temporaryDirectory } from '../temporary-index.js';

/** What is applied is the same however many there are. */
const FEW = MIGRATIONS.slice(0, 3);

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let migrations: string;
const open: Database.Database[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
  file = path.join(directory.path, 'index.db');
  migrations = path.join(directory.path, 'migrations');
  mkdirSync(migrations);
  for (const { name, sql } of FEW) writeFileSync(path.join(migrations, name), sql);
});
afterEach(() => {
  for (const db of open.splice(0)) db.close();
  directory.remove();
});

const migrated = (options: { readonly?: boolean } = {}) => {
  const db = openDatabase(file, options);
  open.push(db);
  migrate(db, readMigrations(migrations), { clock: () => 42 });
  return db;
};
const latest = FEW.length;
const next = `${String(latest + 1).padStart(4, '0')}-next.sql`;
const addNext = (sql = 'CREATE TABLE later (a INTEGER) STRICT;') => writeFileSync(path.join(migrations, next), sql);
const versionOf = (db: Database.Database) => db.pragma('user_version', { simple: true });
const refusal = (message: RegExp, code = 'index') =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const copiesIn = (folder: string) => listBackups(path.join(folder, 'backups')).map(({ name }) => name);

describe('migrate', () => {
  it('makes the schema that schema.sql shows', async () => {
    const db = openDatabase(file);
    open.push(db);
    migrate(db, MIGRATIONS);
    const statements = db
      .prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name",
      )
      .pluck()
      .all();
    await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot('schema.sql');
  });

  it('notes what it applied, and does nothing the second time', () => {
    const db = migrated();
    const applied = db.prepare('SELECT number, name, length(checksum) AS digits, applied_at FROM migrations').all();
    expect(applied[0]).toEqual({ number: 1, name: '0001-index.sql', digits: 64, applied_at: 42 });
    expect(versionOf(db)).toBe(latest);
    migrate(db, readMigrations(migrations), { clock: () => 43 });
    expect(db.prepare('SELECT count(*) FROM migrations WHERE applied_at = 42').pluck().get()).toBe(latest);
    expect(copiesIn(directory.path)).toEqual([]);
  });

  it('sets a copy of an older index aside before it changes it', () => {
    const before = migrated();
    before.prepare("INSERT INTO spaces (user, url, added_at) VALUES ('jm', 'http://dav.test/', 1)").run();
    addNext();
    expect(versionOf(migrated())).toBe(latest + 1);
    const name = `ovadex-19700101T000000042Z-schema-${latest}.db`;
    const copy = path.join(directory.path, 'backups', name);
    expect(copiesIn(directory.path)).toEqual([name]);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(copy)).mode & 0o777).toBe(0o700);
    const old = new Database(copy, { readonly: true });
    open.push(old);
    expect(versionOf(old)).toBe(latest);
    expect(old.prepare('SELECT user FROM spaces').pluck().all()).toEqual(['jm']);
    expect(old.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'later'").pluck().get()).toBe(0);
  });

  it('keeps so many copies, the newest, and what others have put beside them', () => {
    const backups = path.join(directory.path, 'backups');
    const db = migrated();
    for (let n = 1; n <= 5; n++) {
      writeFileSync(
        path.join(migrations, `${String(latest + n).padStart(4, '0')}-more.sql`),
        `CREATE TABLE more${n} (a INTEGER) STRICT;`,
      );
      migrate(db, readMigrations(migrations), { clock: () => n, backups: { directory: backups, keep: 2 } });
      writeFileSync(path.join(backups, 'a note.txt'), 'mine');
    }
    expect(readdirSync(backups).sort()).toEqual([
      'a note.txt',
      `ovadex-19700101T000000004Z-schema-${latest + 3}.db`,
      `ovadex-19700101T000000005Z-schema-${latest + 4}.db`,
    ]);
  });

  it('keeps earlier copies however often a migration fails, and leaves the index of the program before', () => {
    const db = migrated();
    addNext();
    migrate(db, readMigrations(migrations), { clock: () => 1 });
    for (const [n, sql] of [
      'CREATE TABLE even_later (a INTEGER) STRICT;',
      'INSERT INTO nowhere VALUES (1);',
    ].entries()) {
      writeFileSync(path.join(migrations, `${String(latest + 2 + n).padStart(4, '0')}-more.sql`), sql);
    }
    const keepTwo = { directory: path.join(directory.path, 'backups'), keep: 2 };
    for (let now = 2; now <= 6; now++) {
      expect(() => migrate(db, readMigrations(migrations), { clock: () => now, backups: keepTwo })).toThrow(
        refusal(/nowhere/),
      );
      expect(versionOf(db)).toBe(latest + 1);
    }
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'even_later'").pluck().get()).toBe(0);
    expect(listBackups(keepTwo.directory).map(({ schema }) => schema)).toEqual([latest + 1, latest + 1, latest]);
  });

  it('is not hindered by what is no copy and has the name of one, nor does that take the place of one', () => {
    const db = migrated();
    addNext();
    const backups = path.join(directory.path, 'backups');
    const planted = `ovadex-19700101T000000000Z-schema-${latest}.db`;
    const future = `ovadex-20990101T000000000Z-schema-${latest}.db`;
    mkdirSync(path.join(backups, planted), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(backups, future), 'copy');
    migrate(db, readMigrations(migrations), { clock: () => 5, backups: { directory: backups, keep: 1 } });
    const made = `ovadex-19700101T000000005Z-schema-${latest}.db`;
    expect(readdirSync(backups).sort()).toEqual([planted, made, future]);
  });

  it('removes what a killed process left half written', () => {
    migrated();
    addNext();
    const half = path.join(directory.path, 'backups', 'ovadex-unfinished-x');
    mkdirSync(half, { recursive: true });
    writeFileSync(path.join(half, 'copy.db'), 'half');
    migrated();
    expect(readdirSync(path.join(directory.path, 'backups'))).toEqual([expect.stringMatching(/^ovadex-.*\.db$/)]);
  });

  it('changes nothing where other accounts may write to the folder of copies', () => {
    migrated();
    addNext();
    mkdirSync(path.join(directory.path, 'backups'));
    chmodSync(path.join(directory.path, 'backups'), 0o777);
    expect(() => migrated()).toThrow(refusal(/backups: every account on this machine may write to it/));
    expect(copiesIn(directory.path)).toEqual([]);
  });

  it('changes nothing where the copy can not be written', () => {
    migrated();
    addNext();
    writeFileSync(path.join(directory.path, 'backups'), 'a file in the place of the folder');
    expect(() => migrated()).toThrow(refusal(/can't be brought up to date: EEXIST/));
    rmSync(path.join(directory.path, 'backups'));
    const reader = new Database(file, { readonly: true });
    open.push(reader);
    expect(versionOf(reader)).toBe(latest);
  });

  it('sets no copy aside of an index that it makes itself', () => {
    addNext();
    expect(versionOf(migrated())).toBe(latest + 1);
    expect(copiesIn(directory.path)).toEqual([]);
  });

  it('leaves an index as it was when a migration fails, and goes on once that is mended', () => {
    migrated();
    addNext('CREATE TABLE later (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);');
    expect(() => migrated()).toThrow(refusal(/no such table: nowhere/));
    const reader = new Database(file, { readonly: true });
    open.push(reader);
    expect(versionOf(reader)).toBe(latest);
    expect(reader.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'later'").pluck().get()).toBe(0);
    addNext();
    expect(versionOf(migrated())).toBe(latest + 1);
  });

  it('refuses an index of a newer program', () => {
    migrated().pragma(`user_version = ${latest + 1}`);
    expect(() => migrated()).toThrow(
      refusal(/newer ovadex \(schema \d+, this one knows \d+\); use that version, or "ovadex db restore"/, 'foreign'),
    );
    expect(() => migrated({ readonly: true })).toThrow(refusal(/newer ovadex/, 'foreign'));
  });

  it('refuses an applied migration that has changed since', () => {
    migrated();
    const first = path.join(migrations, '0001-index.sql');
    writeFileSync(first, `${readFileSync(first, 'utf8')}-- an afterthought\n`);
    expect(() => migrated()).toThrow(refusal(/0001-index\.sql differs/));
    expect(() => migrated({ readonly: true })).toThrow(refusal(/0001-index\.sql differs/));
  });

  it('takes other line ends for the same migration', () => {
    migrated();
    const first = path.join(migrations, '0001-index.sql');
    writeFileSync(first, readFileSync(first, 'utf8').replaceAll('\n', '\r\n'));
    expect(versionOf(migrated())).toBe(latest);
  });

  it('refuses migrations with a gap', () => {
    addNext();
    renameSync(path.join(migrations, next), path.join(migrations, '0099-next.sql'));
    expect(() => migrated()).toThrow(refusal(/migration \d+ is missing/));
  });

  it('refuses a folder without migrations', () => {
    for (const name of readdirSync(migrations)) rmSync(path.join(migrations, name), { recursive: true });
    expect(() => migrated()).toThrow(refusal(/no migration/));
  });

  it('does not read an index that is not up to date', () => {
    migrated();
    addNext();
    expect(() => migrated({ readonly: true })).toThrow(refusal(/has schema \d+, this program needs \d+/));
  });
});
