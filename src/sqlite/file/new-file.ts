import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, fsyncSync, linkSync, lstatSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * This file is the one that opens files in this room, and never an index: POSIX locks belong to the process and the
 * file, so closing *any* descriptor of a database releases all of SQLite's
 * (https://sqlite.org/howtocorrupt.html#posix_close_bug), even those of another thread. A test keeps other openers out.
 */

/** How Linux reports a lack of links: on FAT, on some network file systems and on some of FUSE. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EMLINK']);

/**
 * Creates an empty database that only its owner may read, if there is no such file. It gets its name after it was
 * closed, so another thread that finds it can't have locked it before. Returns whether it was created here.
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

/** Gives a file that root creates for a service to the service: to the account that owns its folder. */
export function giveToOwnerOf(directory: string, file: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(directory);
  if (uid !== 0) chownSync(file, uid, gid);
}

/** Whether `link` has failed because this file system has no links. */
export function isLinkUnsupported(error: unknown): boolean {
  return NO_LINKS.has(codeOf(error));
}

/** Makes a new name, or the content of a copy that nobody has open, survive a crash of the machine from here on. */
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
