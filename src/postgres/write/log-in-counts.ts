import type { Counted } from '../../domain/hosts/counted.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { LogInCounts } from '../../domain/ports/log-in-counts.js';
import type { Database } from '../connection/database.js';
import { storableJson } from '../connection/storable.js';

/** Some 200 bytes each; who guesses from very many places makes room for what matters longer than those guesses. */
const ROWS_AT_MOST = 200_000;
const REMOVED_AT_ONCE = 1_000;
/** One change in so many takes away what no longer matters. */
const CHANGES_TO_TIDY = 100;

interface Row {
  readonly key: string;
  readonly counted: Counted | null;
}

/** Locks the rows in one order, and makes those that are not there. */
const TAKE_SQL = `INSERT INTO log_in_counts (key, until) SELECT key, 0 FROM unnest($1::text[]) AS key ORDER BY key
  ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, counted`;
const PUT_SQL = `UPDATE log_in_counts SET counted = next.counted, until = next.until
  FROM unnest($1::text[], $2::json[], $3::bigint[]) AS next (key, counted, until) WHERE log_in_counts.key = next.key`;
const DROP_SQL = 'DELETE FROM log_in_counts WHERE key = ANY ($1)';
const TIDY_SQL = `DELETE FROM log_in_counts
  WHERE key IN (SELECT key FROM log_in_counts WHERE until <= $1 ORDER BY until LIMIT ${REMOVED_AT_ONCE} FOR UPDATE SKIP LOCKED)
     OR key IN (SELECT key FROM log_in_counts ORDER BY until DESC OFFSET $2 LIMIT ${REMOVED_AT_ONCE} FOR UPDATE SKIP LOCKED)`;

/** Creates the counts of all hosts over a database. */
export function createLogInCounts(
  db: Database,
  clock: Clock,
  { random = Math.random, rowsAtMost = ROWS_AT_MOST } = {},
): LogInCounts {
  return {
    change: (keys, recount) =>
      db.write(async (session) => {
        const rows = await session.rows<Row>(TAKE_SQL, [keys]);
        const found = new Map(rows.map(({ key, counted }) => [key, counted]));
        const now = clock();
        const before = keys.map((key) => found.get(key) ?? null);
        const { counts, result } = recount(before, now);
        const ended = keys.filter((_, at) => (counts[at] ?? null) === null);
        const put = keys.flatMap((key, at) => {
          const counted = counts[at] ?? null;
          return counted === null || counted === before[at] ? [] : [{ key, counted }];
        });
        if (put.length > 0) {
          await session.run(PUT_SQL, [
            put.map(({ key }) => key),
            put.map(({ counted }) => storableJson(counted)),
            put.map(({ counted }) => Math.ceil(counted.until)),
          ]);
        }
        if (ended.length > 0) await session.run(DROP_SQL, [ended]);
        if (random() * CHANGES_TO_TIDY < 1) await session.run(TIDY_SQL, [now, rowsAtMost]);
        return result;
      }),
  };
}
