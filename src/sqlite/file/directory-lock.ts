import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import { createDatabaseFile } from './new-file.js';
import { indexError } from './run-query.js';

const FILE = 'daemon.lock';
/** One that is about to end, or looks only, is waited for. */
const PATIENCE_MS = 1_000;

/** Says of a data directory that somebody changes its index for longer; ends with the process in any case. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes a data directory for a daemon, a restore or a migration: two daemons would be one too many. The lock is the kernel's, on an
 * empty database of its own, so it works wherever that of the index does, across containers too, and a killed
 * process gives it back. Throws OvadexError `conflict` where somebody has it.
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
