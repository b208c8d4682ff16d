import Database from 'better-sqlite3';
import { OvadexError } from '../domain/errors.js';

/**
 * Runs a piece of database work as a port's promise. A full disk, a damaged file
 * or a lock held too long rejects with OvadexError `index`; a broken constraint
 * is a mistake of this program and stays what it is.
 */
export async function attempt<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
    throw new OvadexError('index', `the index could not be used: ${error.message} (${error.code})`, { cause: error });
  }
}
