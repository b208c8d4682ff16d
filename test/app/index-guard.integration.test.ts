import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOf, openSqliteIndex, type SqliteIndex } from '../../src/app/engines/sqlite-index.js';
import { createIndexFile } from '../../src/app/index-file.js';
import { guardIndex, type IndexGuard } from '../../src/app/index-guard.js';
import type { Displacement } from '../../src/domain/diagnosis/displacement.js';
import { layEmptyIndex } from '../sqlite/temporary-index.js';

describe('the guard of an open index', () => {
  let folder: string;
  let directory: string;
  let file: string;
  let writer: SqliteIndex;
  let reader: SqliteIndex;
  let guard: IndexGuard;
  let found: Displacement[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-guard-'));
    directory = join(folder, 'data');
    file = fileOf(place());
    layEmptyIndex(directory);
    writer = openSqliteIndex(place());
    reader = openSqliteIndex(place(), { readonly: true });
    found = [];
    guard = await guardIndex(file, { onDisplaced: (each) => void found.push(each), everyMs: 60_000 });
    await add('jm');
  });
  afterEach(async () => {
    guard.end();
    await reader.close();
    await writer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const place = () => ({ data: { directory } });
  const add = (user: string) => writer.spaces.configure([{ user, url: 'http://dav.test/' }], 'rules', 0);
  const usersIn = (copy: string) => {
    const db = new Database(copy, { readonly: true });
    try {
      return db.prepare('SELECT user FROM spaces ORDER BY user').pluck().all();
    } finally {
      db.close();
    }
  };

  it('says nothing of writers, checkpoints, backups, other readers and time', async () => {
    await guard.look();
    await add('kim');
    await writer.maintenance.merge();
    createIndexFile(place()).backup(join(directory, 'copy.db'));
    await openSqliteIndex(place(), { readonly: true }).close();
    await openSqliteIndex(place()).close();
    await guard.look();
    expect(found).toEqual([]);
  });

  it.each<[string, () => void, RegExp, string]>([
    [
      'its folder is moved',
      () => renameSync(directory, join(folder, 'gone')),
      /directory was moved or deleted/,
      'nothing',
    ],
    [
      'its folder is removed',
      () => rmSync(directory, { recursive: true }),
      /directory was moved or deleted/,
      'nothing',
    ],
    [
      'another folder is in its place',
      () => {
        renameSync(directory, join(folder, 'gone'));
        mkdirSync(directory);
      },
      /directory was replaced/,
      'nothing',
    ],
    ['its file is removed', () => rmSync(file), /index was renamed or deleted/, 'copy'],
    ['its file is renamed', () => renameSync(file, `${file}.old`), /index was renamed/, 'copy'],
    [
      'its file is replaced',
      () => {
        writeFileSync(join(folder, 'other'), '');
        renameSync(join(folder, 'other'), file);
      },
      /index was replaced/,
      'copy',
    ],
    ['its log is removed', () => rmSync(`${file}-wal`), /log was removed/, 'checkpoint'],
    [
      'its log is another one',
      () => {
        writeFileSync(join(folder, 'other'), '');
        renameSync(join(folder, 'other'), `${file}-wal`);
      },
      /log was replaced/,
      'nothing',
    ],
    ['what is shared is removed', () => rmSync(`${file}-shm`), /shared memory file was removed/, 'nothing'],
  ])('tells once when %s', async (_, act, what, rescue) => {
    act();
    await guard.look();
    await guard.look();
    expect(found).toEqual([expect.objectContaining({ what: expect.stringMatching(what), rescue })]);
  });

  it('looks by itself', async () => {
    guard.end();
    guard = await guardIndex(file, { onDisplaced: (each) => void found.push(each), everyMs: 5 });
    rmSync(file);
    await expect.poll(() => found.length).toBe(1);
  });

  it('waits while the names can not be looked at, and is not mistaken by what else is done', async () => {
    linkSync(file, `${file}.replaced-19700101T000000000Z`);
    await guard.look();
    expect(found).toEqual([]);
  });

  it('lets a copy be kept of what has lost its name, and its log be no part of the file that has it now', async () => {
    const backup = join(folder, 'backup.db');
    createIndexFile(place()).backup(backup);
    await add('kim');
    renameSync(backup, file);
    await guard.look();
    const kept = reader.keepDisplaced(found[0]?.isLogLeft ?? false);
    expect(usersIn(kept)).toEqual(['jm', 'kim']);
    expect(createIndexFile(place()).check(kept).findings).toEqual([]);
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(usersIn(file)).toEqual(['jm']);
    expect(createIndexFile(place()).check().findings).toEqual([]);
  });

  it('saves what only a log without a name holds, by putting it into the file', async () => {
    await add('kim');
    rmSync(`${file}-wal`);
    await writer.close();
    await reader.close();
    rmSync(`${file}-shm`, { force: true });
    expect(usersIn(file)).toEqual(['jm', 'kim']);
    expect(createIndexFile(place()).check().findings).toEqual([]);
    expect(readdirSync(directory)).toContain('ovadex.db');
  });
});
