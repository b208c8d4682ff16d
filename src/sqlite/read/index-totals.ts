import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { imagesByState } from '../../domain/description/image-counts.js';
import { both, namedStorages, type StorageFreshness } from '../../domain/freshness/storage-freshness.js';
import { SPACE_STATES } from '../../domain/lists/space-states.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { UserTrouble } from '../../domain/model/measurements.js';
import { type SpaceState, STALE_AFTER_INTERVALS } from '../../domain/model/space.js';
import type { ReadIndexTotals } from '../../domain/ports/index-facts.js';
import { stateSql } from '../../sql/space-state.js';
import { attempt } from '../file/run-query.js';

/** Spaces read at a time, in some 10 ms: whoever asks shares its thread with the crawl. */
const SPACES_AT_ONCE = 5_000;

const SUMS = ['images', 'collections', 'heldImages', 'described', 'waiting', 'incomplete', 'broken'] as const;
type Sum = (typeof SUMS)[number];

interface StorageRow extends Readonly<Record<Sum | SpaceState, number>> {
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

/**
 * Sums over all configured spaces, from piece to piece, between which others have their turn and may write. In SQL: 100,000 spaces as
 * objects would take ten times as long. In the order of the table, since any other reads its pages over and over.
 */
export function createIndexTotals(db: Database, spacesAtOnce = SPACES_AT_ONCE): ReadIndexTotals {
  const newest = db.prepare<[], number | null>('SELECT max(id) FROM spaces').pluck();
  const storages = db.prepare<[Piece & { readonly now: number; readonly staleBefore: number }], StorageRow>(SUMS_SQL);
  const successes = db
    .prepare<[Piece], number>(
      `SELECT last_success_at FROM spaces NOT INDEXED
       WHERE id > :after AND id <= :upTo AND is_configured = 1 AND last_success_at IS NOT NULL`,
    )
    .pluck();
  // SQLite takes the user from the row that has the minimum, and in the next the trouble's from that of the maximum (https://sqlite.org/lang_select.html#bareagg).
  const oldestOf = db.prepare<[Piece], Oldest>(
    `SELECT user, min(last_success_at) AS at FROM spaces NOT INDEXED
     WHERE id > :after AND id <= :upTo AND is_configured = 1 AND last_success_at IS NOT NULL HAVING count(*) > 0`,
  );
  const latestTrouble = db.prepare<[Piece], UserTrouble>(
    `SELECT user, trouble_message AS message, max(trouble_at) AS at FROM spaces NOT INDEXED
     WHERE id > :after AND id <= :upTo AND is_configured = 1 AND trouble_at IS NOT NULL HAVING count(*) > 0`,
  );
  const countSyncs = db.prepare<[string], number>('SELECT count(*) FROM syncs WHERE status = ?').pluck();

  return async (now, intervalMs) => {
    const staleBefore = now - intervalMs * STALE_AFTER_INTERVALS;
    const sums = Object.fromEntries(SUMS.map((sum) => [sum, 0])) as Record<Sum, number>;
    const spaces = new Map<SpaceState, number>();
    const byOrigin = new Map<string, StorageFreshness & { readonly user: string }>();
    const ends: number[] = [];
    let oldest: Oldest | undefined;
    let lastTrouble: UserTrouble | null = null;
    const last = (await attempt(() => newest.get())) ?? 0;
    for (let after = 0; after < last; after += spacesAtOnce) {
      if (after > 0) await setImmediate();
      if (!db.open) throw new OvadexError('index', `${db.name}: the index was closed while it was summed up`);
      const piece = { after, upTo: after + spacesAtOnce };
      for (const row of await attempt(() => storages.all({ ...piece, now, staleBefore }))) {
        for (const sum of SUMS) sums[sum] += row[sum];
        for (const state of SPACE_STATES) {
          if (row[state] > 0) spaces.set(state, (spaces.get(state) ?? 0) + row[state]);
        }
        if (row.listed > 0) byOrigin.set(row.origin, together(byOrigin.get(row.origin), row));
      }
      let isOlder = false;
      for (const end of await attempt(() => successes.all(piece))) {
        ends.push(end);
        isOlder ||= oldest === undefined || end < oldest.at;
      }
      // Mostly the first piece alone: a passage over 100,000 spaces takes some 50 ms.
      if (isOlder) oldest = (await attempt(() => oldestOf.get(piece))) ?? oldest;
      const trouble = await attempt(() => latestTrouble.get(piece));
      if (trouble !== undefined && (lastTrouble === null || trouble.at > lastTrouble.at)) lastTrouble = trouble;
    }
    const inOrder = Float64Array.from(ends).sort();
    const { described, waiting, incomplete, broken, ...rest } = sums;
    return {
      ...rest,
      spaces,
      imagesByState: imagesByState(rest.images, { described, waiting, incomplete, broken }),
      waitingSyncs: (await attempt(() => countSyncs.get('PENDING'))) ?? 0,
      runningSyncs: (await attempt(() => countSyncs.get('IN_PROGRESS'))) ?? 0,
      oldestSuccessAt: oldest?.at ?? null,
      oldestUser: oldest?.user ?? null,
      lastTrouble,
      medianSuccessAt: inOrder[Math.floor(inOrder.length / 2)] ?? null,
      storages: namedStorages([...byOrigin.values()]),
      storedBytes: sizeOf(db.name),
      unmergedBytes: sizeOf(`${db.name}-wal`),
    };
  };
}

interface Oldest {
  readonly user: string;
  readonly at: number;
}

interface Piece {
  readonly after: number;
  readonly upTo: number;
}

/** `expectedAge` in SQL; a test compares them. */
const SUMS_SQL = `WITH ages AS (
    SELECT storage, user, images, collections, held_removals, described_images, waiting_images, incomplete_images,
      broken_images, max(0, :now - last_success_at) AS age,
      max(0, :now - last_success_at) * rate_changes / rate_span_ms AS changed,
      ${stateSql(':staleBefore')} AS state
    FROM spaces NOT INDEXED WHERE id > :after AND id <= :upTo AND is_configured = 1),
  lags AS (
    SELECT *, CASE
      WHEN changed < 1e-3 THEN age * changed / 2 ELSE age * (1 + (exp(-changed) - 1) / changed)
    END AS lag
    FROM ages)
  SELECT rtrim(storage, '/') AS origin, min(user) AS user, sum(images) AS images, sum(collections) AS collections,
    total(held_removals) AS heldImages, sum(described_images) AS described, sum(waiting_images) AS waiting,
    sum(incomplete_images) AS incomplete, sum(broken_images) AS broken,
    ${SPACE_STATES.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(', ')},
    count(age) AS listed, total(age) AS ageSum, max(age) AS ageMax, total(lag) AS lagSum, max(lag) AS lagMax
  FROM lags GROUP BY storage`;

function together(before: (StorageFreshness & { readonly user: string }) | undefined, row: StorageRow) {
  const { origin, user, listed, ageSum, ageMax, lagSum, lagMax } = row;
  const age = { sum: ageSum, max: ageMax ?? 0 };
  const expectedAge = { sum: lagSum, max: lagMax ?? 0 };
  if (before === undefined) return { origin, user, spaces: listed, age, expectedAge };
  return {
    origin,
    user: before.user < user ? before.user : user,
    spaces: before.spaces + listed,
    age: both(before.age, age),
    expectedAge: both(before.expectedAge, expectedAge),
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
