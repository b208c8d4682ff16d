import Database from 'better-sqlite3';

/**
 * Opens a database for reading that exists. What a process that was killed has left half done in it (a rollback journal, as
 * there is while the mode of the log is switched) is taken back first, as any writer would: a reader can't.
 * Throws SqliteError or TypeError as better-sqlite3 does.
 */
export function openReadonly(file: string, { timeoutMs }: { readonly timeoutMs: number }): Database.Database {
  const options = { fileMustExist: true, timeout: timeoutMs };
  const db = new Database(file, { ...options, readonly: true });
  try {
    db.pragma('schema_version');
    return db;
  } catch (error) {
    db.close();
    // Whatever else is wrong with it is told by whoever reads it.
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

function isHalfDone(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_READONLY_ROLLBACK';
}
