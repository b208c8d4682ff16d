import type { Database } from './database.js';

/**
 * Creates a check that the database takes writes: it has a transaction numbered, as the first write of each is, which
 * a replica and a server that only reads refuse. Rejects with OvadexError `index`.
 */
export function createProbe(db: Database): () => Promise<void> {
  return async () => {
    await db.row('SELECT pg_current_xact_id()');
  };
}
