import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { namedStorages } from '../../domain/freshness/storage-freshness.js';
import type { IndexTotals } from '../../domain/model/measurements.js';
import { type SpaceState, STALE_AFTER_INTERVALS } from '../../domain/model/space.js';
import { attempt } from '../file/run-query.js';

/** Returns what the index contains; `intervalMs` as in `stateOf`. */
export type ReadIndexTotals = (now: number, intervalMs: number) => Promise<IndexTotals>;

interface StateRow {
  readonly state: SpaceState;
  readonly spaces: number;
  readonly images: number;
  readonly collections: number;
  readonly heldImages: number;
}

interface StorageRow {
  readonly origin: string;
  /** Any of its users. */
  readonly user: string;
  readonly spaces: number;
  readonly ageSum: number;
  readonly ageMax: number;
  readonly lagSum: number;
  readonly lagMax: number;
}

/** Sums over all configured spaces in SQL: 100,000 spaces as objects would take ten times as long. */
export function createIndexTotals(db: Database): ReadIndexTotals {
  // `stateOf` in SQL; a test compares the two.
  const byState = db.prepare<[number], StateRow>(
    `SELECT CASE
         WHEN trouble_kind = 'unauthorized' THEN 'suspended'
         WHEN held_removals IS NOT NULL THEN 'held'
         WHEN trouble_kind = 'failed' THEN 'failing'
         WHEN last_sync_at IS NULL THEN 'pending'
         WHEN trouble_kind = 'incomplete' OR coalesce(last_success_at, 0) < ? THEN 'stale'
         ELSE 'fresh'
       END AS state,
       count(*) AS spaces, sum(images) AS images, sum(collections) AS collections,
       total(held_removals) AS heldImages
     FROM spaces WHERE is_configured = 1 GROUP BY 1`,
  );
  const successes = db
    .prepare<[], number>(
      `SELECT last_success_at FROM spaces WHERE is_configured = 1 AND last_success_at IS NOT NULL
       ORDER BY last_success_at`,
    )
    .pluck();
  // `expectedAge` in SQL; a test compares the two.
  const storages = db.prepare<[{ readonly now: number }], StorageRow>(
    `WITH ages AS (
       SELECT storage, user, max(0, :now - last_success_at) AS age,
         max(0, :now - last_success_at) * rate_changes / rate_span_ms AS changed
       FROM spaces WHERE is_configured = 1 AND last_success_at IS NOT NULL),
     lags AS (
       SELECT storage, user, age,
         CASE WHEN changed < 1e-3 THEN age * changed / 2 ELSE age * (1 + (exp(-changed) - 1) / changed) END AS lag
       FROM ages)
     SELECT rtrim(storage, '/') AS origin, min(user) AS user, count(*) AS spaces,
       total(age) AS ageSum, max(age) AS ageMax, total(lag) AS lagSum, max(lag) AS lagMax
     FROM lags GROUP BY storage`,
  );
  const countSyncs = db.prepare<[string], number>('SELECT count(*) FROM syncs WHERE status = ?').pluck();

  const read = db.transaction((now: number, intervalMs: number): IndexTotals => {
    const rows = byState.all(now - intervalMs * STALE_AFTER_INTERVALS);
    const sum = (column: 'images' | 'collections' | 'heldImages') => rows.reduce((all, row) => all + row[column], 0);
    const ends = successes.all();
    return {
      spaces: new Map(rows.map(({ state, spaces }) => [state, spaces])),
      images: sum('images'),
      collections: sum('collections'),
      heldImages: sum('heldImages'),
      waitingSyncs: countSyncs.get('PENDING') ?? 0,
      runningSyncs: countSyncs.get('IN_PROGRESS') ?? 0,
      oldestSuccessAt: ends[0] ?? null,
      medianSuccessAt: ends[Math.floor(ends.length / 2)] ?? null,
      storages: namedStorages(storages.all({ now }).map(freshnessOf)),
      storedBytes: sizeOf(db.name),
      unmergedBytes: sizeOf(`${db.name}-wal`),
    };
  });
  return (now, intervalMs) => attempt(() => read.deferred(now, intervalMs));
}

function freshnessOf({ origin, user, spaces, ageSum, ageMax, lagSum, lagMax }: StorageRow) {
  return { origin, user, spaces, age: { sum: ageSum, max: ageMax }, expectedAge: { sum: lagSum, max: lagMax } };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
