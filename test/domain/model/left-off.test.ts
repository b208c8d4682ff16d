import { expect, test } from 'vitest';
import { continuedBy, type LeftOff, leftOffAfter } from '../../../src/domain/model/left-off.js';

const FULL: LeftOff = { mode: 'full', syncs: [3, 4] };
const INCREMENTAL: LeftOff = { mode: 'incremental', syncs: [3, 4] };
const GIVEN_UP = { status: 'ERROR', isLeftOff: true } as const;

test.for([
  ['the first that is given up', null, 'full', GIVEN_UP, { mode: 'full', syncs: [9] }],
  ['a full one that goes on behind full ones', FULL, 'full', GIVEN_UP, { mode: 'full', syncs: [3, 4, 9] }],
  ['an incremental one behind full ones', FULL, 'incremental', GIVEN_UP, { mode: 'incremental', syncs: [3, 4, 9] }],
  [
    'a full one after incremental ones, which pass things over',
    INCREMENTAL,
    'full',
    GIVEN_UP,
    { mode: 'full', syncs: [9] },
  ],
  ['one that came to its end', FULL, 'incremental', { status: 'PROCESSED' }, null],
  ['one that failed', FULL, 'full', { status: 'ERROR' }, FULL],
  ['one that was cancelled', FULL, 'full', { status: 'CANCELLED' }, FULL],
  ['a hint', FULL, 'hint', { status: 'PROCESSED' }, FULL],
  ['a hint that was given up', FULL, 'hint', GIVEN_UP, FULL],
] as const)('after %s', ([, before, mode, outcome, after]) => {
  expect(leftOffAfter(before, { id: 9, mode }, outcome)).toEqual(after);
});

test('the row stays readable', () => {
  const many: LeftOff = { mode: 'full', syncs: Array.from({ length: 1_000 }, (_, n) => n) };
  expect(leftOffAfter(many, { id: 5_000, mode: 'full' }, GIVEN_UP)?.syncs).toHaveLength(1_000);
  expect(leftOffAfter(many, { id: 5_000, mode: 'full' }, GIVEN_UP)?.syncs.at(-1)).toBe(5_000);
});

test.for([
  ['full', FULL, [3, 4]],
  ['incremental', FULL, [3, 4]],
  ['incremental', INCREMENTAL, [3, 4]],
  ['full', INCREMENTAL, []],
  ['hint', FULL, []],
  ['full', null, []],
] as const)('a %s sync goes on behind %j', ([mode, before, syncs]) => {
  expect(continuedBy(before, mode)).toEqual(syncs);
});
