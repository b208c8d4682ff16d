import type { Clock } from '../../src/domain/ports/clock.js';
import type { ReadingTurns } from '../../src/domain/ports/storage-places.js';

/** Turns of several crawlers, kept in memory. */
export function createMemoryTurns(clock: Clock): ReadingTurns {
  const turns = new Map<string, { readonly owner: string; readonly until: number }>();
  return {
    async take(storage, owner, leaseMs) {
      const held = turns.get(storage);
      if (held !== undefined && held.owner !== owner && held.until > clock()) return false;
      turns.set(storage, { owner, until: clock() + leaseMs });
      return true;
    },
    async giveBack(storage, owner) {
      if (turns.get(storage)?.owner === owner) turns.delete(storage);
    },
  };
}
