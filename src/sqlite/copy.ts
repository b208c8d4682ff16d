import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../domain/errors.js';
import { indexError } from './attempt.js';
import { BUSY_TIMEOUT_MS } from './database.js';
import { openReadonly } from './open-readonly.js';

/** The end of a copy's name until it is whole. */
export const UNFINISHED = '.unfinished';
/** A disk that is filled to the last byte stops others, too. */
const SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Copies a database of one moment, beside whoever reads and writes it, to a file that only its owner may read. Under
 * its name it is whole, read again and on the disk, or not there; nothing is overwritten. `source` may be
 * the file that a transaction of this process has locked: the copy is of the moment before it. Throws
 * OvadexError `conflict` where the file exists, `index` where there is no room or it can't be written.
 */
export function copyDatabase(source: string, target: string): void {
  if (existsSync(target)) throw existsAlready(target);
  const unfinished = target + UNFINISHED;
  try {
    requireRoom(path.dirname(target), sizeOf(source));
    // VACUUM INTO accepts an empty file, and one that exists keeps its mode.
    closeSync(openSync(unfinished, 'w', 0o600));
    read(source, (db) => db.prepare('VACUUM INTO ?').run(unfinished));
    syncToDisk(unfinished);
    read(unfinished, (db) => requireWhole(db, target));
    publish(unfinished, target);
    syncToDisk(path.dirname(target));
  } catch (error) {
    // Where it can't be removed either, that is not what went wrong first.
    if (existsSync(unfinished)) rmSync(unfinished, { force: true });
    throw copyError(error, target);
  }
}

/** The file and what is not yet in it but in its write-ahead log. */
export function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Throws OvadexError `index` unless so much can be written in this folder, and some more. */
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

/** A new name, or a file's content, survives a crash of the machine from here on. */
export function syncToDisk(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function read<T>(file: string, use: (db: Database.Database) => T): T {
  const db = openReadonly(file, { timeoutMs: BUSY_TIMEOUT_MS });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

/** What was written is read again: a disk that fails says so now and not on the day of the restore. */
function requireWhole(db: Database.Database, target: string): void {
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new OvadexError('index', `${target}: the copy of the index is not whole: ${String(found)}`);
}

/** Unlike a rename, a link fails where somebody has made such a file meanwhile; not every file system has links. */
function publish(unfinished: string, target: string): void {
  try {
    linkSync(unfinished, target);
    rmSync(unfinished);
  } catch (error) {
    const isUnsupported = error instanceof Error && 'code' in error && NO_LINKS.has(String(error.code));
    if (!isUnsupported || existsSync(target)) throw error;
    renameSync(unfinished, target);
  }
}

/** As Linux says it of FAT, of some network and of some FUSE file systems. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EMLINK']);

function existsAlready(target: string): OvadexError {
  return new OvadexError('conflict', `${target}: there is such a file already; a copy overwrites nothing`);
}

function copyError(error: unknown, target: string): unknown {
  if (error instanceof Database.SqliteError) return indexError(error, `${target}: the index can't be copied`);
  if (!(error instanceof Error && 'syscall' in error) || error instanceof OvadexError) return error;
  if ('code' in error && error.code === 'EEXIST') return existsAlready(target);
  return new OvadexError('index', `${target}: the index can't be copied: ${error.message}`, { cause: error });
}
