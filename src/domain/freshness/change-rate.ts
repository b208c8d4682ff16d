/**
 * How often a space changes, as far as looks have told: a gamma distribution over its rate. The mean is
 * `changes / spanMs`, in changes a millisecond.
 */
export interface ChangeRate {
  /** The shape: as much is known as if so many changes had been counted. */
  readonly changes: number;
  /** The time in which they would have been counted, in ms. */
  readonly spanMs: number;
}

/** Before a second look nothing is known: a change a day, give or take several decades. */
export const UNKNOWN_RATE: ChangeRate = { changes: 0.5, spanMs: 43_200_000 };

/** A rate known within 40 % costs some hundredths of freshness; more certainty only delays the notice of another pace. */
const MOST_CHANGES = 6;
/** Less than this can't be known: a silent space may wake up. */
const LEAST_CHANGES = 0.3;
/** What was seen fades with this time, to a seventh in a day, so that another pace shows within a day. */
const MEMORY_MS = 43_200_000;
/** Where looks are rare, memory lasts as long as so many of them. */
const MEMORY_LOOKS = 10;
/** What was less probable than this counts as a surprise: the pace may be another one. */
const SURPRISE = 0.02;
/**
 * The share of certainty that a surprise leaves. In simulations changes show 1.6 times sooner than at equal intervals
 * on the very day on which all spaces change their pace, 1.3 times without this, and no later on other days.
 */
const KEPT = 0.4;
/** Looks that follow each other at once count as a second apart: a clock may even have been set back in between. */
const LEAST_MS = 1_000;

/**
 * Returns what is known after a look `elapsedMs` after the last one, which found a change or none. A look tells only
 * whether there was any change, not how many: the exact posterior is replaced by the gamma distribution of the same
 * mean and variance.
 */
export function rateAfterLook(before: ChangeRate, hasChanged: boolean, elapsedMs: number): ChangeRate {
  const elapsed = Math.max(elapsedMs, LEAST_MS);
  const { changes, spanMs } = faded(before, elapsed, hasChanged);
  if (!hasChanged) return { changes, spanMs: spanMs + elapsed };
  // The logarithms keep their digits where a look follows the last one soon, and hardly anything could have changed.
  const shorter = Math.log1p(elapsed / spanMs);
  /** The share of the prior's k-th moment that a change takes. */
  const taken = (k: number) => -Math.expm1(-(changes + k) * shorter);
  const mean = (changes * taken(1)) / (spanMs * taken(0));
  const square = (changes * (changes + 1) * taken(2)) / (spanMs * spanMs * taken(0));
  const variance = square - mean * mean;
  return { changes: (mean * mean) / variance, spanMs: mean / variance };
}

/** Forgets: the mean stays, certainty goes, and more of it after a surprise. */
function faded({ changes, spanMs }: ChangeRate, elapsed: number, hasChanged: boolean): ChangeRate {
  const unchanged = Math.exp(-changes * Math.log1p(elapsed / spanMs));
  const wasExpected = hasChanged ? 1 - unchanged : unchanged;
  const kept = Math.exp(-elapsed / Math.max(MEMORY_MS, MEMORY_LOOKS * elapsed)) * (wasExpected < SURPRISE ? KEPT : 1);
  const wanted = Math.min(MOST_CHANGES, Math.max(LEAST_CHANGES, changes * kept));
  return { changes: wanted, spanMs: (spanMs * wanted) / changes };
}

/**
 * Returns for how long, on average, what is known of a space has been outdated `elapsedMs` after the last look (its
 * expected age, as Cho and Garcia-Molina have it): the time since the first change, none where nothing has changed.
 */
export function expectedAge({ changes, spanMs }: ChangeRate, elapsedMs: number): number {
  const expected = (Math.max(elapsedMs, 0) * changes) / spanMs;
  // Below a thousandth the difference would be of rounding alone.
  if (expected < 1e-3) return (Math.max(elapsedMs, 0) * expected) / 2;
  return Math.max(elapsedMs, 0) * (1 + Math.expm1(-expected) / expected);
}

/** Returns the mean of the rate. */
export function changesPerDay({ changes, spanMs }: ChangeRate): number {
  return (changes / spanMs) * DAY_MS;
}

const DAY_MS = 86_400_000;
