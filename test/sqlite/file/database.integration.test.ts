import {
  appendFileSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeAlone } from '../../../src/sqlite/backup/restore.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createDatabaseFile } from '../../../src/sqlite/file/new-file.js';
import { migrate } from '../../../src/sqlite/schema/migrate.js';
import { configure } from '../../contract/index-under-test.js';
import { MIGRATIONS, makeSqliteIndex, portsOf, temporaryDirectory } from '../temporary-index.js';

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
beforeEach(() => {
  directory = temporaryDirectory();
  file = path.join(directory.path, 'index.db');
});
afterEach(() => directory.remove());

const refusal = (message: RegExp, code = 'index') =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('openDatabase', () => {
  it('creates a file, and its companions, that only the owner may read', () => {
    const db = openDatabase(file);
    migrate(db, MIGRATIONS);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    db.close();
  });

  it('is made, taken and switched without a journal, which a killed process would leave in the way of readers', async () => {
    const names: string[] = [];
    const watcher = watch(directory.path, (_event, name) => void names.push(name ?? ''));
    try {
      const db = openDatabase(file);
      migrate(db, MIGRATIONS);
      db.close();
      takeAlone(file).db.close();
      openDatabase(file).close();
      await expect.poll(() => names.includes('index.db-wal')).toBe(true);
      expect(names.filter((name) => name.endsWith('-journal'))).toEqual([]);
    } finally {
      watcher.close();
    }
  });

  it('makes one index where two threads begin at once, and leaves nothing beside it', () => {
    expect(createDatabaseFile(file)).toBe(true);
    expect(createDatabaseFile(file)).toBe(false);
    expect(readdirSync(directory.path)).toEqual(['index.db']);
  });

  it('closes to others what a link that led nowhere has made', () => {
    symlinkSync(path.join(directory.path, 'elsewhere.db'), file);
    openDatabase(file).close();
    expect(statSync(path.join(directory.path, 'elsewhere.db')).mode & 0o777).toBe(0o600);
  });

  it('opens for reading beside a writer, and writes nothing then', async () => {
    const index = await makeSqliteIndex();
    await configure(index, 'jm');
    const reader = openDatabase(index.file, { readonly: true });
    migrate(reader, MIGRATIONS);
    const ports = portsOf(reader, () => 0);
    expect(await ports.catalogue.space('jm')).toMatchObject({ user: 'jm' });
    await expect(ports.spaces.configure([], 'rules', 0)).rejects.toEqual(refusal(/SQLITE_READONLY/));
    reader.close();
    await index.close();
  });

  it('does not create an index for reading, and says what does', () => {
    const none = /index\.db: there is no index; the first sync, or a start of the daemon, makes one$/;
    expect(() => openDatabase(file, { readonly: true })).toThrow(refusal(none));
  });

  it('names the file and the reason where the folder is missing', () => {
    const elsewhere = path.join(directory.path, 'missing', 'index.db');
    expect(() => openDatabase(elsewhere)).toThrow(refusal(/missing\/index\.db: the index can't be opened: ENOENT/));
    expect(() => openDatabase(elsewhere, { readonly: true })).toThrow(
      refusal(/missing\/index\.db: there is no index;/),
    );
  });

  it('refuses a file that is no database, and leaves it as it is', () => {
    writeFileSync(file, 'a letter to somebody\n'.repeat(100));
    expect(() => openDatabase(file)).toThrow(refusal(/not a database .*ovadex db restore/, 'damaged'));
    expect(readFileSync(file, 'utf8')).toMatch(/^a letter/);
  });

  it.each([
    ['with its own id', 'PRAGMA application_id = 77'],
    ['without an id', 'CREATE TABLE theirs (a)'],
  ])('refuses the database of another program %s', (_, sql) => {
    const other = new Database(file);
    other.exec(sql);
    other.exec('CREATE TABLE more (a)');
    other.close();
    expect(() => openDatabase(file)).toThrow(refusal(/belongs to another program/, 'foreign'));
  });

  it('reports a damaged index as such', async () => {
    const db = openDatabase(file);
    migrate(db, MIGRATIONS);
    db.close();
    truncateSync(file, statSync(file).size - 8192);
    appendFileSync(file, Buffer.alloc(100, 1));
    const damaged = async () => {
      const reopened = openDatabase(file);
      try {
        migrate(reopened, MIGRATIONS);
        await portsOf(reopened, () => 0).catalogue.listSpaces();
        await portsOf(reopened, () => 0).tokens.list();
      } finally {
        reopened.close();
      }
    };
    await expect(damaged()).rejects.toEqual(refusal(/malformed.*ovadex db restore/, 'damaged'));
  });
});
