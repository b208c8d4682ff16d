import type { Database } from 'better-sqlite3';

/** Runs work that survives a crash of the machine: for what no sync would find again. */
export function durably<T>(db: Database, work: () => T): T {
  db.pragma('synchronous = FULL');
  try {
    return work();
  } finally {
    db.pragma('synchronous = NORMAL');
  }
}
