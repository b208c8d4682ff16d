import { expect, it } from 'vitest';
import { isThorough, someOf } from './thorough.js';

it.skipIf(isThorough)('some of the cases of a table are so many, each at most once, and in their order', () => {
  const all = Array.from({ length: 10 }, (_, i) => i);
  for (const count of [0, 1, 4, 10, 11]) {
    const some = someOf(all, count);
    expect(some).toHaveLength(Math.min(count, all.length));
    expect(some).toEqual([...new Set(some)].sort((a, b) => a - b));
  }
  const drawn = new Set(Array.from({ length: 1_000 }, () => someOf(all, 1)).flat());
  expect(
    [...drawn].sort((a, b) => a - b),
    'each is drawn sooner or later',
  ).toEqual(all);
});
