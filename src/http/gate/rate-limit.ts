import { LRUCache } from 'lru-cache';
import type { Clock } from '../../domain/ports.js';

/** How much of its limit somebody has left. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** When all of it is there again, in ms since the epoch. */
  readonly resetAt: number;
}

/** Counts what each key does in a window of time that begins with the first of it. */
export interface RateLimit {
  readonly limit: number;
  readonly windowMs: number;
  /** Counts one; null, and nothing is counted, where the limit is used up. */
  take(key: string): Allowance | null;
  /** Takes one back that was counted. */
  giveBack(key: string): void;
  /** How it stands, without counting. */
  allowance(key: string): Allowance;
}

interface Window {
  used: number;
  readonly endsAt: number;
}

/** Keys are kept apart in memory by the thousand; beyond `maxKeys` those that were quiet the longest start anew. */
export function createRateLimit(options: {
  readonly limit: number;
  readonly windowMs: number;
  readonly maxKeys: number;
  readonly clock: Clock;
}): RateLimit {
  const { limit, windowMs, maxKeys, clock } = options;
  // Room for all keys is taken at once: 1 MB for 50,000, which waits for the first.
  let windows: LRUCache<string, Window> | undefined;

  const current = (key: string): Window | undefined => {
    const window = windows?.get(key);
    // A clock that was put back must not make a window longer than it is.
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
      windows ??= new LRUCache({ max: maxKeys });
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

/** Whole seconds until then, never 0, as `Retry-After` has them. */
export function secondsUntil(at: number, clock: Clock): number {
  return Math.max(1, Math.ceil((at - clock()) / 1000));
}
