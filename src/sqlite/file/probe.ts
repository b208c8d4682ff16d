import type { Database } from 'better-sqlite3';
import { attempt } from './run-query.js';

/**
 * Asks whether the index can be written: takes the right to write for a moment and changes nothing.
 * Rejects with OvadexError `index`, after the connection's whole waiting time where somebody else keeps that right.
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
