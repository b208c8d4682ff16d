import type { Database } from 'better-sqlite3';
import { attempt } from './run-query.js';

/**
 * Creates a check that the index can be written: it takes the write lock for a moment and changes nothing. Rejects with
 * OvadexError `index`, after the connection's whole timeout if somebody else keeps that lock.
 */
export function createProbe(db: Database): () => Promise<void> {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('ROLLBACK');
  return () =>
    attempt(() => {
      begin.run();
      end.run();
    });
}
