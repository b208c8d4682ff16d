import { imagesByState } from '../../domain/description/image-counts.js';
import { namedStorages } from '../../domain/freshness/storage-freshness.js';
import { SPACE_STATES } from '../../domain/lists/space-states.js';
import type { IndexTotals, UserTrouble } from '../../domain/model/measurements.js';
import { type SpaceState, STALE_AFTER_INTERVALS } from '../../domain/model/space.js';
import type { ReadIndexTotals } from '../../domain/ports/index-facts.js';
import { stateSql } from '../../sql/space-state.js';
import type { Database } from '../connection/database.js';

const SUMS = ['images', 'collections', 'heldImages', 'described', 'waiting', 'incomplete', 'broken'] as const;

interface StorageRow extends Readonly<Record<(typeof SUMS)[number] | SpaceState, number>> {
  readonly origin: string;
  /** Any of its users. */
  readonly user: string;
  /** Spaces of which a sync has listed all. */
  readonly listed: number;
  readonly ageSum: number;
  readonly ageMax: number | null;
  readonly lagSum: number;
  readonly lagMax: number | null;
}

type Rest = Pick<
  IndexTotals,
  'waitingSyncs' | 'runningSyncs' | 'oldestSuccessAt' | 'oldestUser' | 'medianSuccessAt' | 'storedBytes'
>;

/** Sums up all configured spaces as they are at one moment. Rejects with OvadexError `index`. */
export function createIndexTotals(db: Database): ReadIndexTotals {
  return (now, intervalMs) =>
    db.read(async (session): Promise<IndexTotals> => {
      // Nothing is older than the epoch: without an interval nothing is too old.
      const staleBefore = Math.max(0, Math.ceil(now - intervalMs * STALE_AFTER_INTERVALS));
      const storages = await session.rows<StorageRow>(STORAGES_SQL, [now, staleBefore]);
      const rest = (await session.row<Rest>(REST_SQL)) ?? NOTHING;
      const lastTrouble = (await session.row<UserTrouble>(LAST_TROUBLE_SQL)) ?? null;
      const sum = (key: keyof StorageRow & (typeof SUMS)[number]) => storages.reduce((all, row) => all + row[key], 0);
      const images = sum('images');
      const counts = {
        described: sum('described'),
        waiting: sum('waiting'),
        incomplete: sum('incomplete'),
        broken: sum('broken'),
      };
      return {
        ...rest,
        lastTrouble,
        images,
        collections: sum('collections'),
        heldImages: sum('heldImages'),
        spaces: spacesByState(storages),
        imagesByState: imagesByState(images, counts),
        storages: namedStorages(
          storages
            .filter(({ listed }) => listed > 0)
            .map(({ origin, user, listed, ageSum, ageMax, lagSum, lagMax }) => ({
              origin,
              user,
              spaces: listed,
              age: { sum: ageSum, max: ageMax ?? 0 },
              expectedAge: { sum: lagSum, max: lagMax ?? 0 },
            })),
        ),
        // What the server has yet to write into its files is of all its databases.
        unmergedBytes: 0,
      };
    });
}

function spacesByState(storages: readonly StorageRow[]): ReadonlyMap<SpaceState, number> {
  const counted = SPACE_STATES.map((state) => [state, storages.reduce((all, row) => all + row[state], 0)] as const);
  return new Map(counted.filter(([, count]) => count > 0));
}

/** `expectedAge` in SQL; a test compares them. */
const STORAGES_SQL = `WITH ages AS (
    SELECT storage, user_name, images, collections, held_removals, described_images, waiting_images, incomplete_images,
      broken_images, greatest(0, $1::bigint - last_success_at)::double precision AS age, rate_changes, rate_span_ms,
      last_success_at IS NOT NULL AS is_listed, ${stateSql('$2::bigint')} AS state
    FROM spaces WHERE is_configured),
  changes AS (SELECT *, age * rate_changes / rate_span_ms AS changed FROM ages),
  lags AS (
    SELECT *, CASE
      WHEN NOT is_listed THEN NULL
      WHEN changed < 1e-3 THEN age * changed / 2
      ELSE age * (1 + (exp(-least(changed, 700)) - 1) / changed)
    END AS lag
    FROM changes)
  SELECT rtrim(storage, '/') AS origin, min(user_name) AS "user", sum(images) AS images, sum(collections) AS collections,
    coalesce(sum(held_removals), 0) AS "heldImages", sum(described_images) AS described, sum(waiting_images) AS waiting,
    sum(incomplete_images) AS incomplete, sum(broken_images) AS broken,
    ${SPACE_STATES.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(', ')},
    count(*) FILTER (WHERE is_listed) AS listed,
    coalesce(sum(age) FILTER (WHERE is_listed), 0) AS "ageSum", max(age) FILTER (WHERE is_listed) AS "ageMax",
    coalesce(sum(lag), 0) AS "lagSum", max(lag) AS "lagMax"
  FROM lags GROUP BY storage`;

const REST_SQL = `WITH listed AS (
    SELECT user_name, last_success_at FROM spaces WHERE is_configured AND last_success_at IS NOT NULL)
  SELECT (SELECT count(*) FROM syncs WHERE status = 'PENDING') AS "waitingSyncs",
    (SELECT count(*) FROM syncs WHERE status = 'IN_PROGRESS') AS "runningSyncs",
    (SELECT min(last_success_at) FROM listed) AS "oldestSuccessAt",
    (SELECT user_name FROM listed ORDER BY last_success_at LIMIT 1) AS "oldestUser",
    (SELECT (array_agg(last_success_at ORDER BY last_success_at))[count(*) / 2 + 1] FROM listed) AS "medianSuccessAt",
    pg_database_size(current_database()) AS "storedBytes"`;

const LAST_TROUBLE_SQL = `SELECT user_name AS "user", trouble_message AS message, trouble_at AS at FROM spaces
  WHERE is_configured AND trouble_kind IS NOT NULL ORDER BY trouble_at DESC LIMIT 1`;

const NOTHING: Rest = {
  waitingSyncs: 0,
  runningSyncs: 0,
  oldestSuccessAt: null,
  oldestUser: null,
  medianSuccessAt: null,
  storedBytes: 0,
};
