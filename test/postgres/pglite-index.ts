import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { createDatabase, type Database } from '../../src/postgres/connection/database.js';
import { PARSERS } from '../../src/postgres/connection/values.js';
import { migrate } from '../../src/postgres/schema/migrate.js';
import type { MakeIndex } from '../contract/index-under-test.js';
import type { ReadIndexPorts } from '../support/memory-index/memory-index.js';
import { emptyIndex, FIRST_ROWS, MIGRATIONS, portsOver, TABLES } from './index-ports.js';
import { openCluster } from './pglite-cluster.js';

/** Databases that no test uses at the moment: to make one takes a second. */
const idle: Database[] = [];

/** An index whose tables and indexes together are no larger has few rows, be it with those that were deleted. */
const SMALL_BYTES = 2_000_000;

/** `bytea`, which the client reads as a buffer. */
const BYTEA = 17;

/** PostgreSQL within this process. It has one connection, which is used by one at a time. */
export async function openPglite(): Promise<Database> {
  const parsers = { ...PARSERS, [BYTEA]: (text: string) => Buffer.from(text.slice('\\x'.length), 'hex') };
  const engine = await openCluster((options) => PGlite.create({ ...options, extensions: { pg_trgm }, parsers }));
  let free: Promise<void> = Promise.resolve();
  return createDatabase({
    async acquire() {
      const before = free;
      let release: () => void = () => undefined;
      free = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return {
        async query(sql, values) {
          // Several statements at once have no values.
          if (values.length === 0) {
            const all = await engine.exec(sql);
            const last = all.at(-1);
            return { rows: (last?.rows ?? []) as object[], count: last?.affectedRows ?? 0 };
          }
          const { rows, affectedRows } = await engine.query<object>(sql, [...values]);
          return { rows, count: affectedRows ?? rows.length };
        },
        release,
      };
    },
    close: () => engine.close(),
  });
}

/**
 * Makes an index as it was when it was created. Rows are deleted where they are few: to truncate a table makes new files
 * of it and of its indexes, which takes ten times as long as that. Plans that the connection keeps were made for tables with
 * less in them: foreign keys would be looked up by reading whole tables, with all rows that were deleted. What a test had the
 * server find out about its tables is forgotten as they are truncated: it would choose plans for other rows than there will be.
 */
async function emptySmallIndex(db: Database): Promise<void> {
  const found = await db.row<{ readonly bytes: number; readonly isAnalyzed: boolean }>(
    `SELECT sum(pg_relation_size(oid)) AS bytes, bool_or(relname = ANY ($1) AND reltuples >= 0) AS "isAnalyzed"
     FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
    [TABLES],
  );
  if (found === undefined || found.bytes > SMALL_BYTES || found.isAnalyzed) return emptyIndex(db);
  await db.run(`
    ${TABLES.map((table) => `DELETE FROM ${table};`).join(' ')}
    SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
    ${FIRST_ROWS}`);
  await db.run('DISCARD PLANS');
}

/** A fresh index in PGlite, with its database for a look behind the ports. */
export async function makePgliteIndex(): Promise<Awaited<ReturnType<MakeIndex>> & ReadIndexPorts & { db: Database }> {
  let db = idle.pop();
  if (db === undefined) {
    db = await openPglite();
    await migrate(db, MIGRATIONS);
  } else {
    await emptySmallIndex(db);
  }
  const database = db;
  const clock = { now: 1_000 };
  return Object.assign(
    portsOver(database, () => clock.now),
    { clock, db: database, close: async () => void idle.push(database) },
  );
}
