import { FAILURES_OF_CRAWLS, LOCK_OUT_WINDOW_MS } from './lock-out.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A log-in service that was away is back by then, and no lock-out counts one attempt an hour. */
const FIRST_RETRY_MS = HOUR_MS;
/** New credentials end a suspension at once; these retries are for storages that recover by themselves. */
const LATER_RETRIES_MS = DAY_MS;

/** Returns when a space whose credentials were refused this often in a row is retried automatically, in ms since the epoch. */
export function retryAt(refusals: number, now: number): number {
  return now + (refusals <= 1 ? FIRST_RETRY_MS : LATER_RETRIES_MS);
}

/** After this many refusals at one origin within the window, credentials that were never accepted there wait. */
const REFUSALS_OF_AN_ORIGIN = 3;
/** A third of the time for which storages count failures, so that those allowed are not all used up at once. */
export const REFUSAL_WINDOW_MS = 600_000;

/** How an origin has recently answered credentials. */
export interface OriginRecord {
  /** When each of its spaces was last refused, in ms since the epoch; those of the last half hour suffice. */
  readonly refusedAt: readonly number[];
  /** Spaces that are being asked for the first time, with credentials that were never accepted there. */
  readonly trials: number;
}

/**
 * Whether credentials that were never accepted at an origin must wait; proven ones never do. A first crawl consists of
 * trials only, and even if each of them were refused, no address would be locked.
 */
export function mustWait({ refusedAt, trials }: OriginRecord, now: number): boolean {
  const within = (windowMs: number) => refusedAt.filter((at) => at <= now && now - at < windowMs).length;
  const recent = within(REFUSAL_WINDOW_MS);
  if (recent > 0 && recent + trials >= REFUSALS_OF_AN_ORIGIN) return true;
  return within(LOCK_OUT_WINDOW_MS) + trials >= FAILURES_OF_CRAWLS;
}

/** More refusals than these change nothing about `mustWait`. */
const REFUSALS_KEPT = Math.max(REFUSALS_OF_AN_ORIGIN, FAILURES_OF_CRAWLS);

/**
 * Returns when each space of an origin was last refused, as far as `mustWait` asks, once this one was refused at `at`: a storage
 * that refuses 100,000 spaces at once must not have all of them compared at each further refusal.
 */
export function withRefusal(
  refusedAt: ReadonlyMap<string, number>,
  refused: { readonly url: string; readonly at: number },
  now: number,
): ReadonlyMap<string, number> {
  const all = new Map([...refusedAt].filter(([, at]) => now - at < LOCK_OUT_WINDOW_MS)).set(refused.url, refused.at);
  if (all.size <= REFUSALS_KEPT) return all;
  // One from before the clock was set back counts only later.
  const rank = (at: number) => (at <= now ? at : Number.NEGATIVE_INFINITY);
  return new Map([...all].sort(([, a], [, b]) => rank(b) - rank(a)).slice(0, REFUSALS_KEPT));
}

/**
 * Returns when a restart retries a suspended space: at once, since its credentials may have changed, unless the daemon
 * is restarted again and again, as it must not try them each time.
 */
export function retryAfterRestart(refusedAt: number, planned: number | null, now: number): number {
  const soonest = Math.max(now, Math.min(refusedAt, now) + REFUSAL_WINDOW_MS);
  return planned === null ? soonest : Math.min(planned, soonest);
}

/**
 * Returns when a log-in of its user retries a suspended space, since a Nextcloud may take the same credentials again then:
 * at once after the refusal that suspended it, later not within ten minutes of the last refusal, however often its user
 * logs in. Null: a retry is on its way already.
 */
export function retryAfterLogIn(
  refusals: number,
  refusedAt: number,
  planned: number | null,
  now: number,
): number | null {
  if (planned === null) return null;
  return refusals <= 1 ? Math.min(planned, now) : retryAfterRestart(refusedAt, planned, now);
}
