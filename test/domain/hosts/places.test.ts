import { expect, test } from 'vitest';
import { type PlaceHolder, renewPlaces, sharesOf } from '../../../src/domain/hosts/places.js';

const NOW = 1_800_000_000_000;
const TURN_MS = 10_000;

const holder = (owner: string, wants: number, places: number, forMs = 0): PlaceHolder => ({
  ...{ owner, wants, places, limit: 16 },
  ...{ since: NOW - forMs, until: NOW + 15_000 },
});

test.for<[string, number, PlaceHolder[], Record<string, number>]>([
  ['nobody asks', 8, [], {}],
  ['one alone wants some', 8, [holder('a', 3, 0)], { a: 3 }],
  ['one alone wants more than there are', 8, [holder('a', 30, 8)], { a: 8 }],
  ['two want all', 8, [holder('a', 30, 8), holder('b', 30, 0)], { a: 4, b: 4 }],
  ['one wants little', 8, [holder('a', 30, 8), holder('b', 2, 0)], { a: 6, b: 2 }],
  ['one wants nothing any more', 8, [holder('a', 0, 4), holder('b', 30, 4)], { a: 0, b: 8 }],
  [
    'three share what can’t be divided',
    8,
    [holder('a', 9, 0, 3), holder('b', 9, 0, 2), holder('c', 9, 0, 1)],
    { a: 3, b: 3, c: 2 },
  ],
  ['there is one place, taken lately', 1, [holder('a', 9, 1, TURN_MS - 1), holder('b', 9, 0, 5)], { a: 1, b: 0 }],
  [
    'there is one place, taken long ago',
    1,
    [holder('a', 9, 1, TURN_MS), holder('b', 9, 0, 5), holder('c', 9, 0, 6)],
    { a: 0, b: 0, c: 1 },
  ],
  [
    'nobody waits for the one whose turn is over',
    2,
    [holder('a', 9, 1, TURN_MS), holder('b', 9, 1, 1)],
    { a: 1, b: 1 },
  ],
])('the places are divided fairly where %s', ([, limit, holders, shares]) => {
  expect(Object.fromEntries(sharesOf(limit, holders, NOW))).toEqual(shares);
});

test('a host that takes turns is told since when it waits, and since when it has a place', () => {
  const asked = { owner: 'a', limit: 1, wants: 4, atMost: 1, leaseMs: 15_000 };
  const other = holder('b', 4, 0, 1_000);
  const over = renewPlaces(asked, [holder('a', 4, 1, TURN_MS), other], NOW);
  expect(over).toMatchObject({ places: 1, share: 0, holder: { places: 1, since: NOW - TURN_MS } });
  const given = renewPlaces({ ...asked, atMost: 0 }, [holder('a', 4, 1, TURN_MS), other], NOW);
  expect(given).toMatchObject({ places: 0, share: 0, holder: { places: 0, since: NOW, until: NOW + 15_000 } });
  const taken = renewPlaces({ ...asked, owner: 'b', atMost: 0 }, [holder('a', 4, 0), other], NOW);
  expect(taken).toMatchObject({ places: 1, share: 1, holder: { places: 1, since: NOW } });
  expect(renewPlaces({ ...asked, wants: 0, atMost: 0 }, [holder('a', 4, 1)], NOW).holder).toBeNull();
});
