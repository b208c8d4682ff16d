import { expect, it } from 'vitest';
import { someOf } from './thorough.js';

it('some of the cases of a table are so many, each at most once, and in their order', () => {
  const all = Array.from({ length: 10 }, (_, i) => i);
  for (const count of [0, 1, 4, 10, 11]) {
    const some = someOf(all, count, false);
    expect(some).toHaveLength(Math.min(count, all.length));
    expect(some).toEqual([...new Set(some)].sort((a, b) => a - b));
  }
  const drawn = new Set(Array.from({ length: 1_000 }, () => someOf(all, 1, false)).flat());
  expect(
    [...drawn].sort((a, b) => a - b),
    'each is drawn sooner or later',
  ).toEqual(all);
  expect(someOf(all, 1, true), 'all if thorough').toEqual(all);
});
