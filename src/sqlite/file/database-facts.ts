import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { ReadDatabaseFacts } from '../../domain/ports/index-facts.js';
import { attempt } from './run-query.js';

/** Reads facts of the index as a file, all of them out of headers. */
export function createDatabaseFacts(db: Database): ReadDatabaseFacts {
  const number = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return () =>
    attempt(() => ({
      file: db.name,
      engine: `SQLite ${db.prepare('SELECT sqlite_version()').pluck().get()}`,
      schema: number('user_version'),
      sizeBytes: sizeOf(db.name),
      logBytes: sizeOf(`${db.name}-wal`),
      freeBytes: number('freelist_count') * number('page_size'),
    }));
}
