import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, fsyncSync, linkSync, lstatSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * What opens files in this room, and never an index: locks of POSIX belong to the process and the file, so that closing
 * *any* descriptor of a database gives back all of SQLite's (https://sqlite.org/howtocorrupt.html#posix_close_bug),
 * those of another thread included. A test keeps other openers out.
 */

/** As Linux says it of FAT, of some network and of some FUSE file systems. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EMLINK']);

/**
 * Makes an empty database that only its owner may read, where there is no such file. It gets its name when it is closed
 * already: another thread that finds it has taken no lock on it before. Answers whether it was made here.
 */
export function createDatabaseFile(file: string): boolean {
  if (exists(file)) return false;
  const unnamed = `${file}.new-${randomBytes(6).toString('hex')}`;
  closeSync(openSync(unnamed, 'wx', 0o600));
  try {
    giveToOwnerOf(path.dirname(file), unnamed);
    linkSync(unnamed, file);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EEXIST' && !NO_LINKS.has(code)) throw error;
    return false;
  } finally {
    rmSync(unnamed, { force: true });
  }
}

/** What root makes for a service is the service's: in its folder, the account of that folder. */
export function giveToOwnerOf(directory: string, file: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(directory);
  if (uid !== 0) chownSync(file, uid, gid);
}

/** Whether `link` has failed since this file system has none. */
export function isLinkUnsupported(error: unknown): boolean {
  return NO_LINKS.has(codeOf(error));
}

/** A new name, or the content of a copy that nobody has open, survives a crash of the machine from here on. */
export function syncToDisk(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
