import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** Where a copy of an index is to go. */
export interface BackupTarget {
  /** Its absolute path. */
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Looks at a target before anything is written. Throws OvadexError `not-found` where its folder is missing, `conflict`
 * where the copy would be, or become, a part of the index `file` or of what lies beside it in the data
 * directory, `index` where it can't be looked at.
 */
export function requireBackupTarget(target: string, file: string): BackupTarget {
  const path = resolve(target);
  const directory = dirname(file);
  const found = look(path);
  if (found?.isDirectory() === true) {
    if (isSame(found, look(directory))) {
      const why = 'that is the data directory, which a copy is to outlive';
      throw new OvadexError('conflict', `${target}: ${why}; name another folder`);
    }
    return { path, isFolder: true };
  }
  const folder = look(dirname(path));
  if (folder === null) throw new OvadexError('not-found', `${dirname(path)}: there is no such folder; make it first`);
  if (!folder.isDirectory()) throw new OvadexError('not-found', `${dirname(path)}: this is no folder`);
  // Behind a link SQLite keeps the log beside the file itself.
  for (const index of new Set([file, realpathSync(file)])) {
    if (!isSame(folder, look(dirname(index)))) continue;
    if (isOfIndex(basename(path), basename(index))) throw inTheWay(target);
  }
  if (isSame(folder, look(directory)) && isKept(basename(path))) throw inTheWay(target);
  return { path, isFolder: false };
}

/** Whether a file of this name is the index of that one, or a part of it to SQLite or to ovadex. */
export function isOfIndex(name: string, index: string): boolean {
  return (
    name.startsWith(index) && /^(-wal|-shm|-journal|\.replaced-.*|\.orphaned-wal)?$/.test(name.slice(index.length))
  );
}

/** Whether ovadex keeps something else under this name in its data directory: the lock, the key of tokens, the audit log. */
export function isKept(name: string): boolean {
  return name === 'token.key' || name.startsWith('daemon.lock') || name.startsWith('audit.log');
}

function inTheWay(target: string): OvadexError {
  const why = 'ovadex keeps something of its own under this name';
  return new OvadexError('conflict', `${target}: ${why}; name another file for the copy`);
}

function isSame(one: Stats, other: Stats | null): boolean {
  return one.dev === other?.dev && one.ino === other.ino;
}

/** null: there is nothing. */
function look(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    if ('code' in error && error.code === 'ENOTDIR') return null;
    throw new OvadexError('index', `${path}: it can't be looked at: ${error.message}`, { cause: error });
  }
}
