import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';

type SqliteError = InstanceType<typeof Database.SqliteError>;

/** SQLite's codes for a file whose content is broken; https://sqlite.org/rescode.html. */
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

/**
 * Runs a piece of database work as a port's promise. A full disk or a lock held too long rejects with OvadexError
 * `index`, a damaged file with `damaged`; a broken constraint is a bug in this program and is rethrown unchanged.
 */
export async function attempt<T>(work: () => T): Promise<T> {
  return attemptNow(work);
}

/** Runs a piece of database work like `attempt`, but without a promise: it throws. */
export function attemptNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
    throw indexError(error, 'the index could not be used');
  }
}

/** Returns SQLite's error in our terms; `what` begins the message. */
export function indexError(error: SqliteError, what: string): OvadexError {
  const reason = `${what}: ${error.message} (${error.code})`;
  if (!DAMAGED.test(error.code)) return new OvadexError('index', reason, { cause: error });
  return new OvadexError('damaged', `${reason}; ${REMEDY}`, { cause: error });
}

/** Says what to do about a damaged index. */
export const REMEDY = '"ovadex db check" tells how much is damaged, "ovadex db restore FILE" goes back to a backup';
