import { chmodSync, existsSync, linkSync, lstatSync, renameSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import { BUSY_TIMEOUT_MS } from '../file/database.js';
import { isLinkUnsupported, syncToDisk } from '../file/new-file.js';
import { openReadonly } from '../file/open-readonly.js';
import { inPrivateFolder, LEFT_BEHIND_MS, removeLeftBehind } from '../file/private-folder.js';
import { indexError } from '../file/run-query.js';

/** Left free, since a disk that is filled to the last byte stops other programs, too. */
const SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Copies a database as of one moment, while others read and write it, to a file that only its owner may read. Under its
 * name the copy is either complete, verified and on disk, or absent; nothing is overwritten. `source` may be the file
 * that a transaction of this process has locked: the copy is of the moment before it. Throws OvadexError `conflict` if
 * the file exists, `index` if there is no room or it can't be written.
 */
export function copyDatabase(source: string, target: string): void {
  copyInspected(source, target, () => undefined);
}

/**
 * Copies like `copyDatabase`, and returns what `inspect` says of the copy while that has another name: if it throws, or the
 * process is killed meanwhile, there is no copy.
 */
export function copyInspected<T>(source: string, target: string, inspect: (unfinished: string) => T): T {
  return copyInto(
    target,
    sizeOf(source),
    (unfinished) => {
      read(source, (db) => vacuumInto(db, unfinished));
    },
    inspect,
  );
}

/** Copies a database that is open here, like `copyDatabase`, whatever its name leads to by now. */
export function copyOpenDatabase(db: Database.Database, target: string): void {
  const bytes = ['page_count', 'page_size'].reduce((all, each) => all * Number(db.pragma(each, { simple: true })), 1);
  copyInto(
    target,
    bytes,
    (unfinished) => vacuumInto(db, unfinished),
    () => undefined,
  );
}

function vacuumInto(db: Database.Database, file: string): void {
  db.prepare('VACUUM INTO ?').run(file);
}

function copyInto<T>(
  target: string,
  bytes: number,
  write: (unfinished: string) => void,
  inspect: (unfinished: string) => T,
): T {
  for (const suffix of ['', ...COMPANIONS]) if (isTaken(target + suffix)) throw existsAlready(target + suffix);
  const directory = path.dirname(target);
  try {
    removeLeftBehind(directory, LEFT_BEHIND_MS);
    requireRoom(directory, bytes);
    const inspected = inPrivateFolder(directory, (folder) => {
      const unfinished = path.join(folder.path, COPY);
      write(unfinished);
      folder.requireOwn(COPY);
      markAsCopy(unfinished);
      chmodSync(unfinished, 0o600);
      syncToDisk(unfinished);
      read(unfinished, (db) => requireWhole(db, target));
      const found = inspect(unfinished);
      folder.requireOwn(COPY);
      publish(unfinished, target);
      return found;
    });
    syncToDisk(directory);
    return inspected;
  } catch (error) {
    throw copyError(error, target);
  }
}

/** The copy's name until it is complete. */
const COPY = 'copy.db';
/** SQLite takes files with these suffixes for parts of the database, whoever has put them there. */
const COMPANIONS = ['-journal', '-wal', '-shm'];

/**
 * Notes in a copy that no run in it has ended: wherever it is put in place of an index, by a command or by hand, readers who
 * have seen later changes learn that they can't go on.
 */
function markAsCopy(unfinished: string): void {
  const db = new Database(unfinished);
  try {
    const hasRuns =
      db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'runs'").get() !== undefined;
    if (hasRuns) db.exec('UPDATE runs SET ended_at = NULL');
  } finally {
    db.close();
  }
}

/** Whether the name is taken by anything, even a dangling link. */
function isTaken(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Returns the size of the file and of what is still in its write-ahead log. */
export function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Throws OvadexError `index` unless this folder has room for this many bytes, and some more. */
export function requireRoom(directory: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const wanted = bytes + SPARE_BYTES;
  if (free >= wanted) return;
  const [has, needs] = [free, wanted].map((each) => `${Math.round(each / 1e6)} MB`);
  throw new OvadexError(
    'index',
    `${directory}: there is no room for a copy of the index: ${has} are free, it needs ${needs}`,
  );
}

function read<T>(file: string, use: (db: Database.Database) => T): T {
  const db = openReadonly(file, { timeoutMs: BUSY_TIMEOUT_MS });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

/** Reads the copy again, so that a failing disk shows now and not on the day of the restore. */
function requireWhole(db: Database.Database, target: string): void {
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new OvadexError('index', `${target}: the copy of the index is damaged: ${String(found)}`);
}

/**
 * Gives the copy its name. Unlike a rename, a link fails if such a file has appeared meanwhile; not every file system
 * has links.
 */
function publish(unfinished: string, target: string): void {
  try {
    linkSync(unfinished, target);
  } catch (error) {
    if (!isLinkUnsupported(error) || existsSync(target)) throw error;
    renameSync(unfinished, target);
  }
}

function existsAlready(target: string): OvadexError {
  return new OvadexError('conflict', `${target}: file exists; not overwritten`);
}

function copyError(error: unknown, target: string): unknown {
  if (error instanceof Database.SqliteError) return indexError(error, `${target}: the index can't be copied`);
  if (!(error instanceof Error && 'syscall' in error) || error instanceof OvadexError) return error;
  if ('code' in error && error.code === 'EEXIST') return existsAlready(target);
  return new OvadexError('index', `${target}: the index can't be copied: ${error.message}`, { cause: error });
}
