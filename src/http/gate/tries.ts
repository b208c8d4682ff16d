import { hash } from 'node:crypto';
import {
  type Allowance,
  allowanceOf,
  giveBackTry,
  listOfTry,
  succeedTry,
  takeTry,
  tryOfList,
} from '../../domain/hosts/tries.js';
import type { LogInCounts } from '../../domain/ports/log-in-counts.js';

/** An attempt to log in that may be made after a wait. */
export interface Try {
  readonly waitMs: number;
  /** Whether this user has logged in from there before. */
  readonly isKnown: boolean;
  readonly allowance: Allowance;
  /** Takes the attempt back: it was no guess, since the password was right or could not be checked. Returns what is left then. */
  giveBack(): Promise<Allowance>;
  /** Notes that the password was right: this user's attempts from there no longer wait for those of strangers. */
  succeed(): Promise<Allowance>;
}

/** Limits attempts to log in, as `takeTry` does, at all hosts together. Rejects with OvadexError `index`. */
export interface Tries {
  /**
   * Counts an attempt before the password is checked, so that many at once don't get around the limit. Returns the
   * state of the limit if it is used up.
   */
  take(user: string, network: string): Promise<Try | { readonly exceeded: Allowance }>;
  /** Returns what the user has left from there. */
  allowance(user: string, network: string): Promise<Allowance>;
}

export function createTries(counts: LogInCounts): Tries {
  return {
    async take(user, network) {
      const keys = keysOf(user, network);
      const taken = await counts.change(keys, (list, now) => {
        const { counts: after, result } = takeTry(tryOfList(list), now);
        return { counts: listOfTry(after), result };
      });
      if ('exceeded' in taken) return taken;
      let isOpen = true;
      const end = async (how: typeof giveBackTry) => {
        const allowance = await counts.change(keys, (list, now) => {
          const before = tryOfList(list);
          const after = isOpen ? how(before, taken, now) : before;
          return { counts: listOfTry(after), result: allowanceOf(after.pair, now) };
        });
        isOpen = false;
        return allowance;
      };
      return { ...taken, giveBack: () => end(giveBackTry), succeed: () => end(succeedTry) };
    },
    allowance: (user, network) =>
      counts.change(keysOf(user, network).slice(0, 1), (list, now) => ({
        counts: list,
        result: allowanceOf(list[0] ?? null, now),
      })),
  };
}

/** Returns the keys in the order of `TryCounts`. */
function keysOf(user: string, network: string): readonly string[] {
  const userKey = hashOf(user);
  const pair = `${userKey} ${network}`;
  return [`try ${pair}`, `place ${network}`, `user ${userKey}`, `known ${pair}`];
}

/** Returns a hash of the name, since it may be as long as a request's head, and people type passwords there. */
function hashOf(user: string): string {
  return hash('sha256', user, 'base64');
}
