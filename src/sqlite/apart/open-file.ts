import { realpathSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';

/** The file of an index, as somebody has it open. */
export interface OpenFile {
  readonly file: string;
  /** Its write-ahead log, beside the file itself if the name is a link. */
  readonly log: string;
  readonly replicated: boolean;
  /** Tell both from others that have taken their names: device and inode, or null if that can't be told. */
  readonly identity: string | null;
  readonly logIdentity: string | null;
}

/** Returns what a connection that was just opened has open. */
export function openFileOf({ name }: Database, { replicated }: Pick<OpenFile, 'replicated'>): OpenFile {
  const log = `${realpathSync(name)}-wal`;
  return { file: name, log, replicated, identity: identityOf(name), logIdentity: identityOf(log) };
}

export function isSameFile(one: OpenFile, other: OpenFile): boolean {
  const { file, replicated, identity, logIdentity } = other;
  return (
    one.file === file && one.replicated === replicated && one.identity === identity && one.logIdentity === logIdentity
  );
}

/**
 * Throws OvadexError `index` if the names no longer lead to what is open. A connection that then found the file with another
 * log would read and write what isn't there for the first one.
 */
export function requireSameFile({ file, log, identity, logIdentity }: OpenFile): void {
  if (identity !== null && identity === identityOf(file) && logIdentity === identityOf(log)) return;
  throw new OvadexError('index', `${file}: the index was just replaced; try again`);
}

function identityOf(file: string): string | null {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
