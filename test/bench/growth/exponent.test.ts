import { describe, expect, it } from 'vitest';
import { growthOf, isTooFast, judge } from './exponent.js';

const SIZES = [1_000, 10_000, 100_000];
const costs = (of: (n: number) => number) => SIZES.map(of);

describe('how a cost grows', () => {
  it.each([
    ['as its input', (n: number) => n, 1],
    ['with its square', (n: number) => n ** 2, 2],
    ['with its root', (n: number) => Math.sqrt(n), 0.5],
    ['not at all', () => 7, 0],
  ])('%s', (_how, of, power) => {
    const { steps, overall } = growthOf(SIZES, costs(of));
    expect([...steps, overall].map((each) => Number(each.toFixed(6)))).toEqual([power, power, power]);
  });

  it.each([1, 2, 0.5])('beyond a fixed share: a power of %d', (power) => {
    const { beyondFixed } = growthOf(
      SIZES,
      costs((n) => 10 + n ** power),
    );
    expect(beyondFixed === null ? null : Number(beyondFixed.toFixed(6))).toBe(power);
  });

  it('is not told beyond a fixed share of which nearly all consists', () => {
    expect(growthOf(SIZES, [1_000, 1_010, 1_400]).beyondFixed).toBeNull();
    expect(growthOf(SIZES, [1_000, 2_000, 1_900]).beyondFixed).toBeNull();
    expect(growthOf(SIZES.slice(1), [1_000, 2_000]).beyondFixed).toBeNull();
  });

  it('is judged by what it may do', () => {
    const isAllowed = (of: (n: number) => number, bound: 'flat' | 'as its input') => {
      const { power, limit } = judge(growthOf(SIZES, costs(of)), bound);
      return power <= limit;
    };
    expect(isAllowed((n) => 5 + n, 'as its input')).toBe(true);
    expect(isAllowed((n) => 1e6 + n ** 2, 'as its input')).toBe(false);
    expect(isAllowed((n) => n * Math.log(n), 'as its input')).toBe(true);
    expect(isAllowed(Math.log, 'flat')).toBe(true);
    expect(isAllowed(Math.sqrt, 'flat')).toBe(false);
  });

  it.each([
    ['a first step that is too large', [1, 300, 400], false],
    ['a second step that makes up for the first', [1, 20, 90], true],
    ['a second step that is too large', [1, 5, 300], false],
    ['a cost that was not measured', [1, Number.NaN, 100], false],
    ['a cost of nothing, which was not measured either', [0, 0, 0], false],
  ])('%s', (_what, measured, isAllowed) => {
    const { power, limit } = judge(growthOf(SIZES, measured), 'as its input');
    expect(isTooFast({ power, limit })).toBe(!isAllowed);
  });
});
