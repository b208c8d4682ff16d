import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { DatabaseFacts } from '../../domain/diagnosis/daemon-health.js';
import { attempt } from './run-query.js';

/** Returns what there is to say of the index as a file, all of it out of headers. Rejects with OvadexError `index`. */
export type ReadDatabaseFacts = () => Promise<DatabaseFacts>;

export function createDatabaseFacts(db: Database): ReadDatabaseFacts {
  const number = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return () =>
    attempt(() => ({
      file: db.name,
      engine: String(db.prepare('SELECT sqlite_version()').pluck().get()),
      schema: number('user_version'),
      sizeBytes: sizeOf(db.name),
      logBytes: sizeOf(`${db.name}-wal`),
      freeBytes: number('freelist_count') * number('page_size'),
    }));
}
