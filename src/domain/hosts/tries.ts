import type { Counted, Counts } from './counted.js';
import { nextTurn, type Pace } from './pace.js';

/** How much of a limit is left. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** When the whole limit is available again, in ms since the epoch. */
  readonly resetAt: number;
}

/** Enough for a user who tries all of his passwords. */
const TRIES = 5;
/** Long enough to make a guess of a million take six years from one place, short enough to sit it out. */
const WINDOW_MS = 15 * 60_000;
/**
 * For one user from many places: from a new one, a user finds at most four in line before him (proxies give up after a
 * minute), and an attacker from everywhere has 17,000 guesses a day.
 */
const OF_A_USER: Pace = { burst: 20, intervalMs: 5_000, maxWaitMs: 20_000 };
/** For many users from one place: in an office, more than one mistypes in the morning. */
const FROM_A_PLACE: Pace = { burst: 50, intervalMs: 5_000, maxWaitMs: 20_000 };
/** A place where a user hasn't logged in for a month is a new one. */
const KNOWN_FOR_MS = 30 * 24 * 60 * 60_000;

/**
 * What attempts to log in are counted by: those of a user from a place, of anybody from that place, and of that user from
 * anywhere; and whether this user has logged in from there before.
 */
export interface TryCounts {
  readonly pair: Counted | null;
  readonly place: Counted | null;
  readonly user: Counted | null;
  readonly known: Counted | null;
}

/** An attempt that may be made after a wait; or the state of the limit that is used up. */
export type TakenTry =
  | { readonly waitMs: number; readonly isKnown: boolean; readonly allowance: Allowance }
  | { readonly exceeded: Allowance };

/**
 * Counts an attempt before its password is checked. Failing ones are refused or slowed, so that a user can't be shut out by
 * others, nor a place by one of its people:
 *
 * | who has failed             | the next ones of                              | are                           |
 * | -------------------------- | --------------------------------------------- | ----------------------------- |
 * | this user, from this place | the same                                      | refused, after 5, for a while |
 * | this user, from anywhere   | places where the user has not logged in yet   | one each 5 s, after 20        |
 * | anybody, from this place   | users who have not logged in from there yet   | one each 5 s, after 50        |
 */
export function takeTry(counts: TryCounts, now: number): { readonly counts: TryCounts; readonly result: TakenTry } {
  const window = windowOf(counts.pair, now);
  if (window.used >= TRIES) return { counts, result: { exceeded: allowanceOf(counts.pair, now) } };
  const pair = { ...window, used: window.used + 1 };
  const allowance = allowanceOf(pair, now);
  const isKnown = counts.known !== null && counts.known.until > now;
  if (isKnown) return { counts: { ...counts, pair }, result: { waitMs: 0, isKnown, allowance } };
  const ofPlace = nextTurn(counts.place?.until, now, FROM_A_PLACE);
  if (ofPlace.waitMs === null) return { counts, result: { exceeded: exceeded(FROM_A_PLACE, ofPlace.retryAt) } };
  const ofUser = nextTurn(counts.user?.until, now, OF_A_USER);
  if (ofUser.waitMs === null) return { counts, result: { exceeded: exceeded(OF_A_USER, ofUser.retryAt) } };
  return {
    counts: { ...counts, pair, place: { until: ofPlace.doneAt }, user: { until: ofUser.doneAt } },
    result: { waitMs: Math.max(ofPlace.waitMs, ofUser.waitMs), isKnown, allowance },
  };
}

/** Takes back an attempt that was no guess, since the password was right or could not be checked. */
export function giveBackTry(counts: TryCounts, { isKnown }: { readonly isKnown: boolean }, now: number): TryCounts {
  const { used, until } = windowOf(counts.pair, now);
  const pair = used > 1 ? { used: used - 1, until } : null;
  if (isKnown) return { ...counts, pair };
  return { ...counts, pair, place: back(counts.place, FROM_A_PLACE), user: back(counts.user, OF_A_USER) };
}

/** The same for a password that was right: this user's attempts from there no longer wait for those of strangers. */
export function succeedTry(counts: TryCounts, taken: { readonly isKnown: boolean }, now: number): TryCounts {
  return { ...giveBackTry(counts, taken, now), known: { until: now + KNOWN_FOR_MS } };
}

/** Returns what is left of what a user may try from a place, by what was counted of both. */
export function allowanceOf(pair: Counted | null, now: number): Allowance {
  const { used, until } = windowOf(pair, now);
  return { limit: TRIES, remaining: TRIES - used, resetAt: until };
}

function windowOf(pair: Counted | null, now: number): { readonly used: number; readonly until: number } {
  // A clock that is set back must not make a window longer.
  if (pair === null || pair.until <= now || pair.until > now + WINDOW_MS) return { used: 0, until: now + WINDOW_MS };
  return { used: pair.used ?? 0, until: pair.until };
}

function back(lane: Counted | null, { intervalMs }: Pace): Counted | null {
  return lane === null ? null : { until: lane.until - intervalMs };
}

function exceeded({ burst }: Pace, retryAt: number): Allowance {
  return { limit: burst, remaining: 0, resetAt: retryAt };
}

/** Returns counts in the order of their keys, and the other way round. */
export function listOfTry({ pair, place, user, known }: TryCounts): Counts {
  return [pair, place, user, known];
}
export function tryOfList([pair = null, place = null, user = null, known = null]: Counts): TryCounts {
  return { pair, place, user, known };
}
