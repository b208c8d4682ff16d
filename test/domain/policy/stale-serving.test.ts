import { expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { createStaleServing } from '../../../src/domain/policy/stale-serving.js';

const briefly = <T>(read: () => Promise<T>) => read();
const AWAY = new OvadexError('index', 'the database can not be reached at present');

it('what may be away is served for as long as is configured after it was known to be true, and never with a file or at 0', () => {
  const outage = {
    isAway: () => true,
    briefly,
    ageOf: (stamp: number) => (stamp === Number.POSITIVE_INFINITY ? 0 : 1_000 * stamp),
    mayHaveEnded: () => false,
  };
  const stale = createStaleServing(outage, { atMostMs: 10_000 });
  expect([9, 10, 11].map((stamp) => stale?.mayServe(AWAY, stamp))).toEqual([true, true, false]);
  expect(createStaleServing(outage, { atMostMs: 0 })).toBeNull();
  expect(createStaleServing(null, { atMostMs: 10_000 })).toBeNull();
});

it.each([
  [new OvadexError('damaged', 'the index is damaged')],
  [new OvadexError('usage', 'too many')],
  [new TypeError('a bug')],
])('nothing is served in place of %s', (error) => {
  const stale = createStaleServing(
    { isAway: () => true, briefly, ageOf: () => 0, mayHaveEnded: () => false },
    { atMostMs: 10_000 },
  );
  expect(stale?.mayServe(error, 1)).toBe(false);
});

it('somebody is served while the index is away, and not for longer than is configured', () => {
  const state = { isAway: false, ageMs: 0 };
  const stale = createStaleServing(
    { isAway: () => state.isAway, briefly, ageOf: () => state.ageMs, mayHaveEnded: () => false },
    { atMostMs: 10_000 },
  );
  const seen = [stale?.isServing()];
  state.isAway = true;
  seen.push(stale?.isServing());
  state.ageMs = 10_001;
  seen.push(stale?.isServing());
  expect(seen).toEqual([false, true, false]);
});

it('a token is trusted for as long as lists are served, unless one has ended since it was found good', () => {
  const ageOf = (stamp: number) => (stamp === 1 ? 10_001 : 0);
  const outage = { isAway: () => true, briefly, ageOf, mayHaveEnded: (stamp: number) => stamp < 3 };
  const stale = createStaleServing(outage, { atMostMs: 10_000 });
  const seen = [1, 2, 3].map((stamp) => [stale?.mayServe(AWAY, stamp), stale?.mayTrust(AWAY, stamp)]);
  expect(seen).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
});
