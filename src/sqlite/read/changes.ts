import type { Database } from 'better-sqlite3';
import type { Changes } from '../../domain/ports.js';

/** Stamps of an index over one connection: both counts only rise, so their sum stays while neither does. */
export function createChanges(db: Database): Changes {
  // Commits of other connections (https://sqlite.org/pragma.html#pragma_data_version), and rows that this one has written.
  const selectVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
  const selectOwn = db.prepare<[], number>('SELECT total_changes()').pluck();
  const version = () => selectVersion.get() ?? 0;
  return { current: db.readonly ? version : () => version() + (selectOwn.get() ?? 0) };
}
