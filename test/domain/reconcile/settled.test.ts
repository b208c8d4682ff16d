import { describe, expect, test } from 'vitest';
import { type EarlierLook, isImageSettled, mayGrow, SETTLED_AFTER_MS } from '../../../src/domain/reconcile/settled.js';

const ASKED = 1_700_000_000_000;
const MINUTE = SETTLED_AFTER_MS;
const before = (changes: Partial<EarlierLook>): EarlierLook => ({
  isSettled: false,
  unchangedMs: 0,
  modifiedAt: ASKED - 2 * MINUTE,
  ...changes,
});

test.each<[string, number | null, number | null, EarlierLook | null, boolean, boolean]>([
  ['a new one of a minute ago', ASKED - MINUTE, ASKED, null, false, true],
  ['a new one that was written to since', ASKED - MINUTE + 1, ASKED, null, false, false],
  ['a new one with a date ahead of its storage', ASKED + MINUTE, ASKED, null, false, false],
  ['a new one without a date', null, ASKED, null, false, false],
  ['a new one where the storage does not tell the time', 0, null, null, false, false],
  ['one that was replaced by an old file', ASKED - 3 * MINUTE, ASKED, before({}), true, true],
  ['one that was settled and is written to again', ASKED, ASKED, before({ isSettled: true }), true, false],
  ['one that grows while its date stands still', ASKED - 2 * MINUTE, ASKED, before({}), true, false],
  ['one without a date that has changed', null, ASKED, before({ modifiedAt: null, unchangedMs: MINUTE }), true, false],
  ['one that stood still until its date is old', ASKED - MINUTE, ASKED, before({ unchangedMs: 1 }), false, true],
  ['one that grew beside an old date, just looked at again', ASKED - 2 * MINUTE, ASKED, before({}), false, false],
  ['the same a minute later', ASKED - 3 * MINUTE, ASKED, before({ unchangedMs: MINUTE }), false, true],
  ['one that stood still for less than a minute', ASKED - 1, ASKED, before({ unchangedMs: MINUTE - 1 }), false, false],
  ['one without a date that stood still for a minute', null, null, before({ unchangedMs: MINUTE }), false, true],
  ['one of a date to come that stood still', ASKED + MINUTE, ASKED, before({ unchangedMs: MINUTE }), false, true],
  ['one that was settled and stands still', null, null, before({ isSettled: true }), false, true],
  ['one that was seen before the clock was set back', null, null, before({ unchangedMs: -MINUTE }), false, false],
])('%s', (_name, modifiedAt, askedAt, earlier, isAltered, expected) => {
  expect(isImageSettled({ modifiedAt }, askedAt, earlier, isAltered)).toBe(expected);
});

describe('a file beside an .ovf', () => {
  test.each([
    ['was written in the second of the listing', 1_000_000, true],
    ['was written less than a minute before', 940_001, true],
    ['has stood still for a minute', 940_000, false],
    ['has a date a little ahead', 1_030_000, true],
    ['has the date of another clock', 1_060_000, false],
    ['has no date', null, false],
  ])('may still grow if it %s', (_what, modifiedAt, expected) => {
    expect(mayGrow(modifiedAt, 1_000_000)).toBe(expected);
  });

  test('is taken as it is where the storage tells no time', () => {
    expect(mayGrow(1_000_000, null)).toBe(false);
  });
});
