import type { ReadDatabaseFacts } from '../../domain/ports/index-facts.js';
import type { Database } from '../connection/database.js';

/** Reads facts of the database; `name` is what it is called in them. Its logs and its free room are the server's own affair. */
export function createDatabaseFacts(db: Database, name: string): ReadDatabaseFacts {
  return async () => {
    const row = await db.row<{ version: string; schema: number; size: number }>(
      `SELECT current_setting('server_version') AS version, (SELECT coalesce(max(number), 0) FROM migrations) AS schema,
         pg_database_size(current_database()) AS size`,
    );
    return {
      file: name,
      engine: `PostgreSQL ${row?.version ?? ''}`.trim(),
      schema: row?.schema ?? 0,
      sizeBytes: row?.size ?? 0,
      logBytes: 0,
      freeBytes: 0,
    };
  };
}
