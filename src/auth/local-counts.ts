import { LRUCache } from 'lru-cache';
import type { Counted } from '../domain/hosts/counted.js';
import type { Clock } from '../domain/ports/clock.js';
import type { LogInCounts } from '../domain/ports/log-in-counts.js';

/**
 * Keys at some 200 bytes: forty megabytes at most, and more than guess at one place. As `maxSize`: by `max` memory for all
 * would be allocated at once.
 */
const MAX_KEYS = 200_000;

/** Creates the counts of a single host, in memory; beyond that many keys those quiet for the longest start anew. */
export function createLocalCounts(clock: Clock): LogInCounts {
  const counted = new LRUCache<string, Counted>({ maxSize: MAX_KEYS, sizeCalculation: () => 1 });
  return {
    async change(keys, recount) {
      const before = keys.map((key) => counted.get(key) ?? null);
      const { counts, result } = recount(before, clock());
      for (const [at, key] of keys.entries()) {
        const after = counts[at] ?? null;
        if (after === null) counted.delete(key);
        else if (after !== before[at]) counted.set(key, after);
      }
      return result;
    },
  };
}
