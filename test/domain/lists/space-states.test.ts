import { expect, test } from 'vitest';
import { awaitedSpace, tallyStates, troubleInWords } from '../../../src/domain/lists/space-states.js';
import type { Space, SpaceState } from '../../../src/domain/model/space.js';

const times = (count: number, state: SpaceState) => Array.from({ length: count }, () => state);

test.each([
  [[], '0 spaces'],
  [times(1, 'fresh'), '1 space: 1 fresh'],
  [[...times(12, 'failing'), ...times(4_988, 'fresh')], '5,000 spaces: 4,988 fresh, 12 failing'],
  [[...times(1, 'suspended'), ...times(2, 'held'), ...times(3, 'pending')], '6 spaces: 3 pending, 2 held, 1 suspended'],
])('counts spaces by state, the best first', (states, told) => {
  expect(tallyStates(states)).toBe(told);
});

const AWAITED = awaitedSpace({ user: 'jm', url: 'http://127.0.0.1:9/jm/' });
const trouble = (kind: 'failed' | 'unauthorized', message: string) => ({ kind, message, at: 1 });
test.each<[Partial<Space>, string | null]>([
  [{}, null],
  [{ trouble: trouble('failed', 'answered 503') }, 'answered 503'],
  [{ heldRemovals: 1 }, '1 removal held'],
  [{ heldRemovals: 3, heldReasons: ['its root is empty', 'b'] }, '3 removals held: its root is empty'],
  [{ heldRemovals: 3, trouble: trouble('failed', 'answered 503') }, '3 removals held; answered 503'],
  [{ heldRemovals: 3, trouble: trouble('unauthorized', 'answered 401') }, 'answered 401; 3 removals held'],
])('says what is wrong with %o', (changes, told) => {
  expect(troubleInWords({ ...AWAITED, ...changes })).toBe(told);
});
