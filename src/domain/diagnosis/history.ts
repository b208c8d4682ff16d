import type { SyncCounts, SyncOutcome } from '../model/sync.js';

export const HOUR_MS = 3_600_000;
const HOURS_OF_A_DAY = 24;
/** Long enough to see what a week did, and small: 1,440 rows. */
const EACH_HOUR_FOR = 60 * HOURS_OF_A_DAY;
/** Two years, by which a year is compared with the one before. */
const KEPT_FOR = 731 * HOURS_OF_A_DAY;

/** What all spaces had at one moment. */
export interface Stock {
  readonly spaces: number;
  readonly images: number;
  readonly bytes: number;
}

/** Syncs that ended in an hour, and what they found. */
export interface SyncsOfHour {
  readonly syncs: number;
  readonly failed: number;
  readonly added: number;
  readonly removed: number;
}

/** An hour since the epoch (UTC); `stock` is null if nobody has counted in it. */
export interface HourRecord extends SyncsOfHour {
  readonly hour: number;
  readonly stock: Stock | null;
}

export const NO_SYNCS: SyncsOfHour = { syncs: 0, failed: 0, added: 0, removed: 0 };

/** Users whose spaces need a person, the first few of each kind by name. */
export interface TroubledUsers {
  readonly held: readonly string[];
  readonly suspended: readonly string[];
  readonly failing: readonly string[];
}

export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}

/** Returns what the end of a sync adds to its hour; null if it was cancelled, which is neither success nor failure. */
export function countedInHour(
  status: SyncOutcome['status'],
  { added, removed }: Pick<SyncCounts, 'added' | 'removed'>,
): SyncsOfHour | null {
  if (status === 'CANCELLED') return null;
  return { syncs: 1, failed: status === 'ERROR' ? 1 : 0, added, removed };
}

/**
 * Returns the hours to delete: of those that are older than 60 days the last count of each day stays, for two years.
 * `hours` are in their order.
 */
export function hoursToDrop(hours: readonly Pick<HourRecord, 'hour' | 'stock'>[], now: number): readonly number[] {
  const thisHour = hourOf(now);
  const lastOfDay = new Map<number, number>();
  for (const { hour, stock } of hours) if (stock !== null) lastOfDay.set(dayOf(hour), hour);
  return hours.flatMap(({ hour }) => {
    if (hour > thisHour - EACH_HOUR_FOR) return [];
    const isKept = hour > thisHour - KEPT_FOR && lastOfDay.get(dayOf(hour)) === hour;
    return isKept ? [] : [hour];
  });
}

function dayOf(hour: number): number {
  return Math.floor(hour / HOURS_OF_A_DAY);
}

/**
 * Returns at most `atMost` of these hours, two or more, evenly in time, the first and the last among them: a picture has no
 * room for more. `hours` are in their order.
 */
export function thinned<T extends { readonly hour: number }>(hours: readonly T[], atMost: number): readonly T[] {
  const [first, last] = [hours[0], hours.at(-1)];
  if (first === undefined || last === undefined || hours.length <= atMost) return hours;
  const perPlace = (last.hour - first.hour) / (atMost - 1);
  let taken = -1;
  // Nothing but the last hour has the last place.
  return hours.filter(({ hour }) => {
    const place = hour === last.hour ? atMost - 1 : Math.min(atMost - 2, Math.floor((hour - first.hour) / perPlace));
    if (place === taken) return false;
    taken = place;
    return true;
  });
}

/** Returns the syncs of the last `count` hours up to this one, in their order, those without any included. */
export function lastHours(
  hours: readonly HourRecord[],
  count: number,
  now: number,
): readonly (SyncsOfHour & { readonly hour: number })[] {
  const byHour = new Map(hours.map((each) => [each.hour, each]));
  const first = hourOf(now) - count + 1;
  return Array.from({ length: count }, (_, at) => {
    const { syncs, failed, added, removed } = byHour.get(first + at) ?? NO_SYNCS;
    return { hour: first + at, syncs, failed, added, removed };
  });
}
