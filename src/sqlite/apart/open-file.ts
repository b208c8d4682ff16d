import { realpathSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';

/** The file of an index, as somebody has it open. */
export interface OpenFile {
  readonly file: string;
  /** Its write-ahead log, beside the file itself if the name is a link. */
  readonly log: string;
  readonly replicated: boolean;
  /** Tell both from others that have taken their names. */
  readonly inode: number | null;
  readonly logInode: number | null;
}

/** Returns what a connection that was just opened has open. */
export function openFileOf({ name }: Database, { replicated }: Pick<OpenFile, 'replicated'>): OpenFile {
  const log = `${realpathSync(name)}-wal`;
  return { file: name, log, replicated, inode: inodeOf(name), logInode: inodeOf(log) };
}

export function isSameFile(one: OpenFile, other: OpenFile): boolean {
  return one.inode === other.inode && one.logInode === other.logInode && one.replicated === other.replicated;
}

/**
 * Throws OvadexError `index` if the names no longer lead to what is open. A connection that then found the file with another
 * log would read and write what isn't there for the first one.
 */
export function requireSameFile({ file, log, inode, logInode }: OpenFile): void {
  if (inode === inodeOf(file) && logInode === inodeOf(log)) return;
  throw new OvadexError('index', `${file}: the index was just replaced; try again`);
}

function inodeOf(file: string): number | null {
  try {
    return statSync(file).ino;
  } catch {
    return null;
  }
}
