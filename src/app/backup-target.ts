import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** The destination of a copy of the index. */
export interface BackupTarget {
  /** Its absolute path. */
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Checks a target before anything is written. Throws OvadexError `not-found` if its folder is missing, `conflict` if
 * the copy would be, or become, part of the index `file` or of other files in the data directory, and `index` if it
 * can't be examined.
 */
export function requireBackupTarget(target: string, file: string): BackupTarget {
  const path = resolve(target);
  const directory = dirname(file);
  const found = look(path);
  if (found?.isDirectory() === true) {
    if (isSame(found, look(directory))) {
      const why = 'that is the data directory, which a backup should survive';
      throw new OvadexError('conflict', `${target}: ${why}; name another folder`);
    }
    return { path, isFolder: true };
  }
  const folder = look(dirname(path));
  if (folder === null) throw new OvadexError('not-found', `${dirname(path)}: no such folder; create it first`);
  if (!folder.isDirectory()) throw new OvadexError('not-found', `${dirname(path)}: not a folder`);
  // If the path is a link, SQLite keeps the log beside the file itself.
  for (const index of new Set([file, realpathSync(file)])) {
    if (!isSame(folder, look(dirname(index)))) continue;
    if (isOfIndex(basename(path), basename(index))) throw inTheWay(target);
  }
  if (isSame(folder, look(directory)) && isKept(basename(path))) throw inTheWay(target);
  return { path, isFolder: false };
}

/** Whether `name` is the index file itself or a companion file of SQLite or ovadex. */
export function isOfIndex(name: string, index: string): boolean {
  return (
    name.startsWith(index) && /^(-wal|-shm|-journal|\.replaced-.*|\.orphaned-wal)?$/.test(name.slice(index.length))
  );
}

/** Whether ovadex uses this name in its data directory: for the lock, a key or the audit log. */
export function isKept(name: string): boolean {
  return (
    name === 'token.key' ||
    name.startsWith('link.key') ||
    name.startsWith('daemon.lock') ||
    name.startsWith('audit.log')
  );
}

function inTheWay(target: string): OvadexError {
  const why = 'ovadex itself uses this name';
  return new OvadexError('conflict', `${target}: ${why}; name another file for the copy`);
}

function isSame(one: Stats, other: Stats | null): boolean {
  return one.dev === other?.dev && one.ino === other.ino;
}

/** Returns null if there is nothing at the path. */
function look(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    if ('code' in error && error.code === 'ENOTDIR') return null;
    throw new OvadexError('index', `${path}: it can't be examined: ${error.message}`, { cause: error });
  }
}
