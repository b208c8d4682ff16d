import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import { giveToOwnerOf, syncToDisk } from '../file/new-file.js';
import { inPrivateFolder } from '../file/private-folder.js';
import { indexError } from '../file/run-query.js';
import { copyDatabase } from './copy.js';
import { replacedName } from './replaced.js';
import { NOTHING_NEWER, readNewer, writeNewer } from './restore-newer.js';

export interface Restored {
  /** The name that the old index has now; null if there was none. */
  readonly replaced: string | null;
  /** False if the old index could not be read: then ids may be given again, and revoked tokens are valid again. */
  readonly isNewerKept: boolean;
  /** False if the old index doesn't tell who was forgotten since, because it is damaged or was begun anew: they are back. */
  readonly isForgottenKept: boolean;
}

/**
 * Replaces the index `file` with a copy of `source` in one step: after a crash there is one or the other. The old file
 * stays under another name. All spaces are then due for a full sync. Throws OvadexError `conflict` if any process has
 * the index open, `index` if the copy can't be written.
 */
export function restoreDatabase(source: string, file: string, now: number): Restored {
  const directory = path.dirname(file);
  return inPrivateFolder(directory, (folder) => {
    const incoming = path.join(folder.path, INCOMING);
    copyDatabase(source, incoming);
    const old = existsSync(file) ? takeAlone(file) : null;
    try {
      const newer = old === null ? NOTHING_NEWER : readNewer(old.db);
      const isForgottenKept = writeNewer(incoming, newer ?? NOTHING_NEWER, now) || old === null;
      syncToDisk(incoming);
      folder.requireOwn(INCOMING);
      giveToOwnerOf(directory, incoming);
      const replaced = old === null ? null : setAside(file, now);
      renameSync(incoming, file);
      syncToDisk(directory);
      return { replaced, isNewerKept: newer !== null, isForgottenKept };
    } finally {
      old?.db.close();
    }
  });
}

const INCOMING = 'incoming.db';

/** An index that no other process has open, nor can open until it is closed. */
interface Alone {
  readonly db: Database.Database;
}

/**
 * Takes the index for this process alone. Every process that has it open holds a kernel lock on it until it ends, even
 * if it is killed, so no file has to say who runs. Throws OvadexError `conflict` if there is one. A damaged index can't
 * be locked, but nobody can open it either.
 */
export function takeAlone(file: string): Alone {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    // Everything in the log goes into the file, so that closing it does no more beside it. Only the header changes, 100
    // bytes of one page; a journal of it on disk would stop readers if this process were killed here.
    db.pragma('journal_mode = MEMORY');
  } catch (error) {
    if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) return { db };
    db.close();
    if (!(error instanceof Database.SqliteError)) throw error;
    if (!error.code.startsWith('SQLITE_BUSY')) throw indexError(error, `${file}: the index can't be taken`);
    throw new OvadexError(
      'conflict',
      `${file}: another process has the index open; first stop the daemon and every other ovadex process`,
    );
  }
  return { db };
}

/** Gives the old index another name, in addition to its own until something else takes that, and its log with it. */
function setAside(file: string, now: number): string {
  const replaced = replacedName(file, now);
  linkSync(file, replaced);
  // Only a damaged index leaves one. Beside another file of this name SQLite would take it for that one's.
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${replaced}-wal`);
  rmSync(`${file}-shm`, { force: true });
  syncToDisk(path.dirname(file));
  return replaced;
}
