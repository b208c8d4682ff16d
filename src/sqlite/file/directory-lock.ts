import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import { createDatabaseFile } from './new-file.js';
import { indexError } from './run-query.js';

const FILE = 'daemon.lock';
/** How long to wait for a holder that is about to end, or only checks. */
const PATIENCE_MS = 1_000;

/** Shows that somebody changes the index in a data directory for longer; ends with the process in any case. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes a data directory for a daemon, a restore or a migration, so that no two daemons use it. It is a kernel lock on
 * an empty database of its own, so it works wherever that of the index does, even across containers, and ends with a
 * killed process. Throws OvadexError `conflict` if it is held.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const file = path.join(directory, FILE);
  let db: Database.Database | null = null;
  try {
    createDatabaseFile(file);
    db = new Database(file, { timeout: PATIENCE_MS });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      const who = 'another ovadex daemon uses this data directory, or a restore or migration is running';
      throw new OvadexError('conflict', `${directory}: ${who}; stop it first, or use another data.directory`);
    }
    if (error instanceof Database.SqliteError) throw indexError(error, `${file}: the lock can't be taken`);
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OvadexError('index', `${file}: the lock can't be taken: ${error.message}`, { cause: error });
  }
  const held = db;
  return { release: () => void held.close() };
}
