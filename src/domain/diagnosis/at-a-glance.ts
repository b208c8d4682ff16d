import type { CrawlMeasurements, Histogram, IndexTotals } from '../model/measurements.js';
import type { SpaceState } from '../model/space.js';
import {
  type HourRecord,
  hourOf,
  lastHours,
  type Stock,
  type SyncsOfHour,
  type TroubledUsers,
  thinned,
} from './history.js';

/** Two days: today and the day to compare it with. */
const HOURS_TOLD = 48;
/** More than a chart on a screen has room for; two years that are kept are some 2,100. */
const HISTORY_TOLD = 400;

/** All spaces at a glance, for an administrator. Times are ms since the epoch. */
export interface AtAGlance {
  readonly at: number;
  readonly states: ReadonlyMap<SpaceState, number>;
  readonly images: number;
  readonly collections: number;
  /** The sizes of all images together, as they were counted last; null if they never were. */
  readonly bytes: { readonly total: number; readonly hour: number } | null;
  /** Whose list has been known to be complete for the longest time; null if none ever was. */
  readonly oldest: { readonly user: string; readonly successAt: number } | null;
  readonly waitingSyncs: number;
  readonly runningSyncs: number;
  readonly troubled: TroubledUsers;
  /** Webhooks that were given up, each with the number of spaces of which it knows nothing new. */
  readonly deadWebhooks: readonly { readonly name: string; readonly spaces: number }[];
  /** Requests to storages since the daemon's start, by outcome. */
  readonly requests: ReadonlyMap<string, number>;
  readonly requestSeconds: Histogram;
  /** The last 48 hours, this one included. */
  readonly hours: readonly (SyncsOfHour & { readonly hour: number })[];
  /** Of the hours that are kept at most 400, evenly in time, with the first and the last. */
  readonly history: readonly (Stock & { readonly hour: number })[];
}

/** What is told of a crawler whose index can be read. */
type Measured = Omit<CrawlMeasurements, 'loop' | 'totals'> & { readonly totals: IndexTotals };

/** Puts together what the crawler has measured and what the index keeps. */
export function atAGlance(
  { counts, totals, webhooks = [] }: Measured,
  hours: readonly HourRecord[],
  troubled: TroubledUsers,
  now: number,
): AtAGlance {
  const thisHour = hourOf(now);
  // Later ones are of a clock that was ahead once; years may pass until they are of the past.
  const history = hours.flatMap(({ hour, stock }) => (stock === null || hour > thisHour ? [] : [{ hour, ...stock }]));
  const last = history.at(-1);
  const { oldestUser, oldestSuccessAt } = totals;
  return {
    at: now,
    states: totals.spaces,
    images: totals.images,
    collections: totals.collections,
    bytes: last === undefined ? null : { total: last.bytes, hour: last.hour },
    oldest: oldestUser === null || oldestSuccessAt === null ? null : { user: oldestUser, successAt: oldestSuccessAt },
    waitingSyncs: totals.waitingSyncs,
    runningSyncs: totals.runningSyncs,
    troubled,
    deadWebhooks: webhooks.flatMap(({ name, dead }) => (dead === 0 ? [] : [{ name, spaces: dead }])),
    requests: counts.requests,
    requestSeconds: counts.requestSeconds,
    hours: lastHours(hours, HOURS_TOLD, now),
    history: thinned(history, HISTORY_TOLD),
  };
}
