import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { nextTurn, type Pace } from '../../domain/hosts/pace.js';
import type { Clock } from '../../domain/ports/clock.js';
import { type Allowance, createRateLimit } from './rate-limit.js';

/** An attempt to log in that may be made after a wait. */
export interface Try {
  readonly waitMs: number;
  /** Whether this user has logged in from there before. */
  readonly isKnown: boolean;
  /** Takes the attempt back: it was no guess, since the password was right or could not be checked. */
  giveBack(): void;
  /** Notes that the password was right: this user's attempts from there no longer wait for those of strangers. */
  succeed(): void;
}

/** Limits attempts to log in. */
export interface Tries {
  /**
   * Counts an attempt before the password is checked, so that many at once don't get around the limit. Returns the
   * state of the limit if it is used up.
   */
  take(user: string, network: string): Try | { readonly exceeded: Allowance };
  /** Returns what the user has left from there. */
  allowance(user: string, network: string): Allowance;
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
/**
 * Maximum of each kind at some 200 bytes: forty megabytes at most, and more than guess at one place. As `maxSize`: by
 * `max` memory for all would be allocated at once.
 */
const MAX_KEYS = 50_000;

/**
 * Refuses or slows failing attempts, so that a user can't be shut out by others, nor a place by one of its people:
 *
 * | who has failed             | the next ones of                              | are                           |
 * | -------------------------- | --------------------------------------------- | ----------------------------- |
 * | this user, from this place | the same                                      | refused, after 5, for a while |
 * | this user, from anywhere   | places where the user has not logged in yet   | one each 5 s, after 20        |
 * | anybody, from this place   | users who have not logged in from there yet   | one each 5 s, after 50        |
 */
export function createTries(clock: Clock): Tries {
  const byPair = createRateLimit({ limit: TRIES, windowMs: WINDOW_MS, maxKeys: MAX_KEYS, clock });
  const byUser = createLane(OF_A_USER, clock);
  const byPlace = createLane(FROM_A_PLACE, clock);
  const known = new LRUCache<string, true>({ maxSize: MAX_KEYS, sizeCalculation: () => 1 });

  return {
    take(user, network) {
      const userKey = keyOf(user);
      const pair = `${userKey} ${network}`;
      if (byPair.take(pair) === null) return { exceeded: byPair.allowance(pair) };
      const taken = [() => byPair.giveBack(pair)];
      const giveBack = () => {
        for (const each of taken.splice(0)) each();
      };
      let waitMs = 0;
      const isKnown = known.get(pair) === true;
      if (!isKnown) {
        for (const [lane, key] of [
          [byPlace, network],
          [byUser, userKey],
        ] as const) {
          const turn = lane.take(key);
          if (turn.waitMs === null) {
            giveBack();
            return { exceeded: { limit: lane.burst, remaining: 0, resetAt: turn.retryAt } };
          }
          taken.push(() => lane.giveBack(key));
          waitMs = Math.max(waitMs, turn.waitMs);
        }
      }
      const succeed = () => {
        giveBack();
        known.set(pair, true);
      };
      return { waitMs, isKnown, giveBack, succeed };
    },
    allowance: (user, network) => byPair.allowance(`${keyOf(user)} ${network}`),
  };
}

function createLane(pace: Pace, clock: Clock) {
  const lanes = new LRUCache<string, number>({ maxSize: MAX_KEYS, sizeCalculation: () => 1 });
  return {
    burst: pace.burst,
    take(key: string) {
      const turn = nextTurn(lanes.get(key), clock(), pace);
      if (turn.waitMs !== null) lanes.set(key, turn.doneAt);
      return turn;
    },
    giveBack(key: string) {
      const doneAt = lanes.get(key);
      if (doneAt !== undefined) lanes.set(key, doneAt - pace.intervalMs);
    },
  };
}

/** Returns a hash of the name, since it may be as long as a request's head, and people type passwords there. */
function keyOf(user: string): string {
  return hash('sha256', user, 'base64');
}
