/** How far looks have drawn on a budget: until when it is spent, in ms since the epoch. */
export type SpentUntil = number;

/** A dozen looks that fall into one moment need not be told apart. */
const BURST_MS = 10_000;

/**
 * Charges a look's cost in requests. Intervals meet a budget on average only; if looks come faster for a while, as after
 * a pause in which all became due, the budget is spent until some time ahead.
 */
export function charged(spentUntil: SpentUntil, cost: number, requestsPerMs: number, now: number): SpentUntil {
  // A clock that was set back must not leave the budget spent for a day.
  const believed = Math.min(spentUntil, now + MOST_AHEAD_MS);
  return Math.max(believed, now) + cost / requestsPerMs;
}

/** Returns when a look wanted at `at` may be, with the budget as it is: later by as much as is overdrawn. */
export function affordableAt(at: number, spentUntil: SpentUntil, now: number): number {
  return Math.max(at, now) + Math.min(Math.max(0, spentUntil - now - BURST_MS), MOST_AHEAD_MS);
}

/** Looks that are put off by more than an hour are better left to the schedule. */
const MOST_AHEAD_MS = 3_600_000;
