const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A log-in service that was away is back by then, and no lock-out counts one try an hour. */
const FIRST_RETRY_MS = HOUR_MS;
/** Whoever has a new password hands it in; this is for storages that recover by themselves. */
const LATER_RETRIES_MS = DAY_MS;

/** When a space whose credentials were refused so often in a row is tried by itself; ms since the epoch. */
export function retryAt(refusals: number, now: number): number {
  return now + (refusals <= 1 ? FIRST_RETRY_MS : LATER_RETRIES_MS);
}

/** So many refusals at one origin within the window, and credentials that were never good there wait. */
const REFUSALS_OF_AN_ORIGIN = 3;
/** A first crawl has nothing but trials, and were each of them refused, there would still be room. */
const TRIALS_AT_ONCE = 6;
/** Three in ten minutes are nine in half an hour, for which Nextcloud locks an address after ten. */
export const REFUSAL_WINDOW_MS = 600_000;

/** What an origin has made of credentials lately. */
export interface OriginRecord {
  /** When each of its spaces was refused last; ms since the epoch. */
  readonly refusedAt: readonly number[];
  /** Spaces that are being asked for the first time with credentials that were never good there. */
  readonly trials: number;
}

/** Whether credentials that were never good at an origin wait; proven ones never do. */
export function mustWait({ refusedAt, trials }: OriginRecord, now: number): boolean {
  const recent = refusedAt.filter((at) => at <= now && now - at < REFUSAL_WINDOW_MS).length;
  return recent > 0 ? recent + trials >= REFUSALS_OF_AN_ORIGIN : trials >= TRIALS_AT_ONCE;
}

/**
 * When a restart tries a suspended space: at once, since its credentials may be others now; but a daemon that is restarted
 * again and again must not try them each time.
 */
export function retryAfterRestart(refusedAt: number, planned: number | null, now: number): number {
  const soonest = Math.max(now, Math.min(refusedAt, now) + REFUSAL_WINDOW_MS);
  return planned === null ? soonest : Math.min(planned, soonest);
}
