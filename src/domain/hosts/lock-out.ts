/**
 * How Nextcloud defends itself against guessed passwords: after more than `LOCK_OUT_FAILURES` failed log-ins from one
 * address within the window, it refuses every log-in from there. All of ovadex has one address, so those failures are
 * shared out, and the shares never add up to a lock-out.
 */
export const LOCK_OUT_FAILURES = 10;
export const LOCK_OUT_WINDOW_MS = 1_800_000;

/** Failures that people's log-ins may cause: enough for a few typing errors in half an hour. */
export const FAILURES_OF_LOG_INS = 4;
/** What a configuration says about failed log-ins at one storage: their number, `off` for any, `auto` for what it is. */
export type FailedLogInsSetting = number | 'auto' | 'off';

/** Returns how many failed log-ins are risked at a storage within the window; null for any number. */
export function failuresRisked(setting: FailedLogInsSetting, isNextcloudLike: boolean): number | null {
  if (setting === 'off') return null;
  if (setting !== 'auto') return setting;
  return isNextcloudLike ? FAILURES_OF_LOG_INS : null;
}

/**
 * Failures that log-ins of all clients together may cause where each is counted by the client's own address: a wrong
 * password costs a Nextcloud half a second, so they take no more than a thirtieth of one processor.
 */
const FAILURES_OF_ALL_CLIENTS = 100;

/**
 * A storage that refuses clients at so many addresses hardly means each of them: it may not believe the addresses that
 * it is told.
 */
export const CLIENTS_TO_DOUBT = 3;

/** How many failed log-ins are risked at a storage within the window. */
export interface GuessLimits {
  readonly all: number;
  /** By one client's address, if the storage counts by that; null: it counts all as ovadex's own. */
  readonly perAddress: number | null;
}

/** Returns the limits, given the number of failures that one address may cause. */
export function guessLimits(limit: number, isByClient: boolean): GuessLimits {
  return isByClient
    ? { all: Math.max(limit, FAILURES_OF_ALL_CLIENTS), perAddress: limit }
    : { all: limit, perAddress: null };
}

/** Failures that the crawl may cause with credentials never accepted before: as many as it tries at once when it begins. */
export const FAILURES_OF_CRAWLS = LOCK_OUT_FAILURES - FAILURES_OF_LOG_INS;
