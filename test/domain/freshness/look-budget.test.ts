import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalInterval, type Looked, lookInterval, shareOut } from '../../../src/domain/freshness/look-budget.js';

const MINUTE = 60_000;
const space = (everyMs: number, cost = 1): Looked => ({ rate: { changes: 1, spanMs: everyMs }, cost });
const intervals = (spaces: readonly Looked[], budget: number, shortestMs = 1, longestMs?: number) => {
  const shares = shareOut(spaces, budget, { shortestMs, longestMs });
  return spaces.map((each) => lookInterval(shares, each));
};

describe('shareOut', () => {
  it('looks at a space in proportion to the root of its rate, and of what a look saves', () => {
    const [busy = 0, quiet = 0, dear = 0] = intervals([space(MINUTE), space(4 * MINUTE), space(MINUTE, 4)], 1 / MINUTE);
    expect(quiet / busy).toBeCloseTo(2, 4);
    expect(dear / busy).toBeCloseTo(2, 4);
  });

  it('never lets a space wait for four of the intervals of equal shares', () => {
    const spaces = [space(1), space(1), space(1e15), space(1e15)];
    expect(Math.max(...intervals(spaces, 1 / MINUTE))).toBeLessThan(4 * equalInterval(spaces, 1 / MINUTE));
  });

  it('gives all the shortest interval if the budget pays for it', () => {
    expect(intervals([space(MINUTE), space(1e12)], 1, MINUTE)).toEqual([MINUTE, MINUTE]);
  });

  it('has every space wait for the schedule at the longest, even if that takes more than the budget', () => {
    expect(intervals([space(MINUTE), space(1e12)], 1e-9, 1, MINUTE)).toEqual([MINUTE, MINUTE]);
  });

  it('is content with no space at all', () => {
    expect(intervals([], 1)).toEqual([]);
  });

  const anySpaces = fc.array(
    fc
      .record({ every: fc.double({ min: 3, max: 11, noNaN: true }), cost: fc.integer({ min: 1, max: 500 }) })
      .map(({ every, cost }) => space(10 ** every, cost)),
    { minLength: 2, maxLength: 30 },
  );

  it('spends the budget, not more', () => {
    fc.assert(
      fc.property(anySpaces, fc.double({ min: 1e-5, max: 1e-1, noNaN: true }), (spaces, budget) => {
        const each = intervals(spaces, budget, 1_000);
        const spent = spaces.reduce((sum, { cost }, i) => sum + cost / (each[i] as number), 0);
        expect(spent / budget).toBeLessThan(1.000_01);
        const isBounded = each.every((ms) => ms === 1_000);
        if (!isBounded) expect(spent / budget).toBeGreaterThan(0.999);
      }),
    );
  });

  it('is the best: whatever two spaces give each other, changes show later', () => {
    const delayOf = ({ rate }: Looked, ms: number) => ((rate.changes / rate.spanMs) * ms) / 2;
    fc.assert(
      fc.property(anySpaces, fc.nat(), fc.nat(), (spaces, a, b) => {
        const each = intervals(spaces, 1 / MINUTE, 1);
        const [giver, taker] = [a % spaces.length, b % spaces.length];
        const longest = Math.max(...each);
        const [from, to] = [each[giver] as number, each[taker] as number];
        const [itsCost, otherCost] = [spaces[giver]?.cost ?? 1, spaces[taker]?.cost ?? 1];
        const moved = (0.1 * itsCost) / from;
        const fromAfter = itsCost / (itsCost / from - moved);
        const toAfter = otherCost / (otherCost / to + moved);
        if (giver === taker || fromAfter > longest) return;
        const [one, other] = [spaces[giver] as Looked, spaces[taker] as Looked];
        const before = delayOf(one, from) + delayOf(other, to);
        expect((delayOf(one, fromAfter) + delayOf(other, toAfter)) / before).toBeGreaterThan(0.999_99);
      }),
    );
  });
});
