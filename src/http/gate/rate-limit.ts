import { LRUCache } from 'lru-cache';
import type { Allowance } from '../../domain/hosts/tries.js';
import type { Clock } from '../../domain/ports/clock.js';

/** Counts the uses of each key in a window of time that begins with the first. */
export interface RateLimit {
  readonly limit: number;
  readonly windowMs: number;
  /** Counts one use; returns null and counts nothing if the limit is used up. */
  take(key: string): Allowance | null;
  /** Takes back a use that was counted. */
  giveBack(key: string): void;
  /** Returns what is left, without counting. */
  allowance(key: string): Allowance;
}

interface Window {
  used: number;
  readonly endsAt: number;
}

/** Creates a limit whose windows are kept in memory; beyond `maxKeys` those quiet for the longest start anew. */
export function createRateLimit(options: {
  readonly limit: number;
  readonly windowMs: number;
  readonly maxKeys: number;
  readonly clock: Clock;
}): RateLimit {
  const { limit, windowMs, maxKeys, clock } = options;
  // By `max` memory for all keys would be allocated at once, 1 MB for 50,000.
  const windows = new LRUCache<string, Window>({ maxSize: maxKeys, sizeCalculation: () => 1 });

  const current = (key: string): Window | undefined => {
    const window = windows.get(key);
    // A clock that is set back must not make a window longer.
    const isOver = window === undefined || window.endsAt <= clock() || window.endsAt > clock() + windowMs;
    return isOver ? undefined : window;
  };
  const allowanceOf = (window: Window | undefined): Allowance => ({
    limit,
    remaining: limit - (window?.used ?? 0),
    resetAt: window?.endsAt ?? clock() + windowMs,
  });

  return {
    limit,
    windowMs,
    take(key) {
      const window = current(key) ?? { used: 0, endsAt: clock() + windowMs };
      if (window.used >= limit) return null;
      window.used++;
      windows.set(key, window);
      return allowanceOf(window);
    },
    giveBack(key) {
      const window = current(key);
      if (window !== undefined && window.used > 0) window.used--;
    },
    allowance: (key) => allowanceOf(current(key)),
  };
}

/** Returns the whole seconds until then, never 0, for `Retry-After`. */
export function secondsUntil(at: number, clock: Clock): number {
  return Math.max(1, Math.ceil((at - clock()) / 1000));
}
