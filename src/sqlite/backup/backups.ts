import { existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { OvadexError } from '../../domain/model/errors.js';
import { removeLeftBehind } from '../file/private-folder.js';
import { copyDatabase, requireRoom, sizeOf } from './copy.js';
import { isCopy, removeAll, sortOut } from './rotation.js';
import { strangersOf } from './trust.js';

/** Where copies of an index are stored before it is changed, and how many of them are kept. */
export interface Backups {
  readonly directory: string;
  readonly keep: number;
}

/** This version's copy, the previous one's, and one in reserve for a mistake. */
export const KEEP_BACKUPS = 3;

interface Backup {
  readonly name: string;
  readonly schema: number;
}

/**
 * Copies the index `file` into the backup folder, named after the time and the schema; returns the copy's path. Surplus
 * copies of the same schema are removed: a migration that fails again and again must not fill the disk, nor push out
 * earlier copies. Throws as `copyDatabase` does.
 */
export function setAside(file: string, schema: number, { directory, keep }: Backups, now: number): string {
  makeBackupFolder(directory);
  // A migration holds the index's write lock, so no other process is making a copy here.
  removeLeftBehind(directory, 0);
  // The migration may rewrite all of it before the old pages are free.
  requireRoom(directory, 2 * sizeOf(file));
  let copy: string;
  // Two may fall in the same millisecond if the clock was set back.
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

/** Creates the folder of copies unless it is there. Throws OvadexError `index` if others choose or change what is in it. */
export function makeBackupFolder(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  requireTrusted(directory);
}

/** Throws OvadexError `index` if an account without rights here chooses where copies go, or may change them. */
function requireTrusted(directory: string): void {
  const link = lstatSync(directory);
  // The folder may belong to the owner of the data directory, but a link may not: it could lead this program anywhere.
  const isLinkTrusted = !link.isSymbolicLink() || link.uid === 0 || link.uid === process.geteuid?.();
  const strangers = strangersOf(directory, [statSync(path.dirname(directory)).uid]);
  const why = isLinkTrusted ? strangers : 'this link belongs to another account';
  if (why === null) return;
  throw new OvadexError(
    'index',
    `${directory}: ${why}, so no copy of the index is stored there; correct its owner and mode`,
  );
}

/** Keeps the newest copies, and the one just made. */
export function pruneBackups({ directory, keep }: Backups, made: string): void {
  const names = listBackups(directory).map(({ name }) => name);
  prune(directory, names, keep, made);
}

/** Lists the copies in a folder, the newest first; none if there is no such folder. */
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

/** Names a copy so that names sort as their times do. */
function backupName(schema: number, now: number): string {
  return `ovadex-${new Date(now).toISOString().replace(/[-:.]/g, '')}-schema-${schema}.db`;
}

/** Removes surplus copies. Those that can't be removed stay until the next time: a migration doesn't fail because of them. */
function prune(directory: string, names: readonly string[], keep: number, made: string): void {
  const copies = names.map((name) => path.join(directory, name)).filter(isCopy);
  removeAll(sortOut(copies, keep, made).old);
}
