import { expect, test } from 'vitest';
import { isGivenUp, isRefusedAlone, isRefusedForLoad, pauseAfter } from '../../../src/webdav/gate/refusal.js';

test.for([
  [429, true],
  [503, true],
  [509, true],
  [207, false],
  [403, false],
  [500, false],
  [502, false],
  [504, false],
  [507, false],
] as const)('%i refuses for load: %j', ([status, isIt]) => {
  expect(isRefusedForLoad(status)).toBe(isIt);
});

test('pauses double from a quarter of a second to half a minute, half of it by chance', () => {
  const pauses = (random: number, askedMs = 0) =>
    [1, 2, 3, 7, 8, 9].map((inARow) => pauseAfter(inARow, askedMs, () => random));
  expect(pauses(1)).toEqual([250, 500, 1_000, 16_000, 30_000, 30_000]);
  expect(pauses(0)).toEqual([125, 250, 500, 8_000, 15_000, 15_000]);
  expect(pauses(1, 7_000)).toEqual([7_000, 7_000, 7_000, 16_000, 30_000, 30_000]);
});

test.for([
  ['a host that has never let anything through', 4, 2_000, false, false],
  ['a host that has never let anything through', 5, 4_000, false, true],
  ['one that has', 9, 60_000, true, false],
  ['one that has', 10, 90_000, true, true],
  ['one that asks for long pauses', 2, 599_999, true, false],
  ['one that asks for long pauses', 3, 600_000, true, true],
] as const)('%s is given up after %i refusals in a row, in %i ms: %j', ([, inARow, forMs, isAlive, isIt]) => {
  expect(isGivenUp({ inARow, forMs, isAlive })).toBe(isIt);
});

test.for([
  [503, 3, false],
  [503, 4, true],
  [509, 4, true],
  [429, 7, false],
  [429, 8, true],
] as const)(
  '%i to %i probes while others are let through is the fault of what is asked for: %j',
  ([status, times, isIt]) => {
    expect(isRefusedAlone(times, status)).toBe(isIt);
  },
);
