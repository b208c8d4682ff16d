import { existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { OvadexError } from '../../domain/model/errors.js';
import { removeLeftBehind } from '../file/private-folder.js';
import { copyDatabase, requireRoom, sizeOf } from './copy.js';
import { isCopy, removeAll, sortOut } from './rotation.js';
import { strangersOf } from './trust.js';

/** Where copies of an index are set aside before it is changed, and how many of them stay. */
export interface Backups {
  readonly directory: string;
  readonly keep: number;
}

/** This version's copy, that of the one before, and one for a mistake in between. */
export const KEEP_BACKUPS = 3;

interface Backup {
  readonly name: string;
  readonly schema: number;
}

/**
 * Copies the index `file` into the folder of backups, named after the time and the schema; answers the copy's path.
 * More than is kept of the same schema goes: a migration that fails again and again must not fill
 * the disk, nor push out what was before it. Throws as `copyDatabase` does.
 */
export function setAside(file: string, schema: number, { directory, keep }: Backups, now: number): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  requireTrusted(directory);
  // Whoever migrates holds the index's write lock, so nobody is at a copy here now.
  removeLeftBehind(directory, 0);
  // The migration may write all of it anew, before the old pages are free.
  requireRoom(directory, 2 * sizeOf(file));
  let copy: string;
  // Two at the same millisecond, by a clock that was set back.
  for (let at = now; ; at++) {
    copy = path.join(directory, backupName(schema, at));
    if (!existsSync(copy)) break;
  }
  copyDatabase(file, copy);
  const ofSchema = listBackups(directory).filter((backup) => backup.schema === schema);
  const names = ofSchema.map(({ name }) => name);
  prune(directory, names, keep, copy);
  return copy;
}

/** Throws OvadexError `index` where an account that has no say here chooses where copies go, or may change them. */
function requireTrusted(directory: string): void {
  const link = lstatSync(directory);
  // Who owns the data directory may own the folder in it, but a link takes whoever runs this elsewhere.
  const isLinkTrusted = !link.isSymbolicLink() || link.uid === 0 || link.uid === process.geteuid?.();
  const strangers = strangersOf(directory, [statSync(path.dirname(directory)).uid]);
  const why = isLinkTrusted ? strangers : 'this link belongs to another account';
  if (why === null) return;
  throw new OvadexError('index', `${directory}: ${why}, so no copy of the index goes there; see to its owner and mode`);
}

/** Leaves the newest ones, and the one that was made now. */
export function pruneBackups({ directory, keep }: Backups, made: string): void {
  const names = listBackups(directory).map(({ name }) => name);
  prune(directory, names, keep, made);
}

/** The copies of a folder, the newest first; none where there is no such folder. */
export function listBackups(directory: string): readonly Backup[] {
  try {
    return readdirSync(directory)
      .sort()
      .reverse()
      .flatMap((name) => {
        const schema = NAME.exec(name)?.[1];
        return schema === undefined ? [] : [{ name, schema: Number(schema) }];
      });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

const NAME = /^ovadex-\d{8}T\d{9}Z-schema-(\d+)\.db$/;

/** In the order of their names they are in that of their times. */
function backupName(schema: number, now: number): string {
  return `ovadex-${new Date(now).toISOString().replace(/[-:.]/g, '')}-schema-${schema}.db`;
}

/** What can't be removed stays until the next time: a migration doesn't fail for it. */
function prune(directory: string, names: readonly string[], keep: number, made: string): void {
  const copies = names.map((name) => path.join(directory, name)).filter(isCopy);
  removeAll(sortOut(copies, keep, made).old);
}
