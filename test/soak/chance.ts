import { seededRandom } from '../support/awkward-tree.js';

/** Everything that is left to chance; the same seed draws the same. */
export interface Chance {
  /** From 0 up to, and without, 1. */
  random(): number;
  /** Whole, both ends included. */
  int(from: number, to: number): number;
  /** True so often: 0.2 is every fifth time. */
  happens(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** An item by its weight. */
  weigh<T>(...items: readonly (readonly [weight: number, item: T])[]): T;
  /** So many different items, all of them where there are no more; in any order. */
  some<T>(items: readonly T[], count: number): T[];
}

export function createChance(seed: number): Chance {
  // Neighbouring seeds would begin alike.
  const random = seededRandom(Math.imul(seed ^ (seed >>> 16), 0x9e3779b1));
  const int = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[int(0, items.length - 1)] as T;
  };
  return {
    random,
    int,
    pick,
    happens: (share) => random() < share,
    weigh(...items) {
      let left = random() * items.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return pick(items)[1];
    },
    some(items, count) {
      const rest = [...items];
      const chosen: (typeof rest)[number][] = [];
      while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(int(0, rest.length - 1), 1));
      return chosen;
    },
  };
}
