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

/** Failures that the crawl may cause with credentials never accepted before: as many as it tries at once when it begins. */
export const FAILURES_OF_CRAWLS = LOCK_OUT_FAILURES - FAILURES_OF_LOG_INS;
