import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';

/**
 * Opens an existing database for reading. If a killed process has left something half done in it (a rollback journal,
 * as there is while the mode of the log is switched), that is rolled back first, as any writer would: a reader can't.
 * Throws SqliteError or TypeError as better-sqlite3 does, and OvadexError `not-found` for anything but a regular file:
 * opening a pipe would wait until somebody writes to it.
 */
export function openReadonly(file: string, { timeoutMs }: { readonly timeoutMs: number }): Database.Database {
  for (const suffix of ['', '-journal', '-wal', '-shm']) requireRegular(file + suffix);
  const options = { fileMustExist: true, timeout: timeoutMs };
  const db = new Database(file, { ...options, readonly: true });
  try {
    db.pragma('schema_version');
    return db;
  } catch (error) {
    db.close();
    // Anything else that is wrong with it is reported when it is read.
    if (!isHalfDone(error)) return new Database(file, { ...options, readonly: true });
  }
  const writer = new Database(file, options);
  try {
    writer.pragma('schema_version');
  } finally {
    writer.close();
  }
  return new Database(file, { ...options, readonly: true });
}

/** Throws for anything but a regular file. A missing file is reported when it is opened. */
function requireRegular(file: string): void {
  let isOther: boolean;
  try {
    isOther = statSync(file, { throwIfNoEntry: false })?.isFile() === false;
  } catch (error) {
    // What can't be examined can't be opened either, and then SQLite says why.
    if (error instanceof Error && 'syscall' in error) return;
    throw error;
  }
  if (isOther)
    throw new OvadexError('not-found', `${file}: this is not a regular file, so it can't be an index or a copy of one`);
}

function isHalfDone(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_READONLY_ROLLBACK';
}
