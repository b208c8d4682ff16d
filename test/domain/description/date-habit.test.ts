import { describe, expect, test } from 'vitest';
import { habitOf, isByHabit, ownHabit, type SeenDate } from '../../../src/domain/description/date-habit.js';

const LISTED_AT = Date.UTC(2026, 0, 1, 12, 0, 0, 500);
const HOUR = 3_600_000;
const seen = (overrides: Partial<SeenDate> = {}): SeenDate => ({
  listedAt: LISTED_AT,
  shownAt: LISTED_AT + HOUR,
  etag: null,
  isOfAnswer: false,
  syncs: 3,
  ...overrides,
});

describe('another date than the listed one', () => {
  test.each<[string, Partial<SeenDate>, Partial<SeenDate>, boolean]>([
    ['the same after a sync', {}, { syncs: 4 }, true],
    ['the same after a sync, in whole seconds', {}, { syncs: 4, shownAt: LISTED_AT + HOUR + 300 }, true],
    ['the same without a sync in between', {}, {}, false],
    ['an earlier date that stays', { shownAt: 0 }, { syncs: 4, shownAt: 0 }, true],
    ['yet another date', {}, { syncs: 4, shownAt: LISTED_AT + 2 * HOUR }, false],
    ['the same with the same ETag', { etag: 'a' }, { syncs: 4, etag: 'a' }, true],
    ['the same with another ETag', { etag: 'a' }, { syncs: 4, etag: 'b' }, false],
    ['the same, with an ETag now', {}, { syncs: 4, etag: 'b' }, false],
    ['that of the answer each time', { isOfAnswer: true }, { isOfAnswer: true, syncs: 4, shownAt: 5 }, true],
    ['that of the answer once', { isOfAnswer: true }, { syncs: 4 }, false],
  ])('%s: the habit of the storage or not', (_what, before, now, expected) => {
    const habit = ownHabit(seen(before), seen(now).syncs);
    expect(habit !== null && isByHabit(seen(now), habit)).toBe(expected);
  });

  test('is expected of other files by the seconds in between, or where answers are dated anew', () => {
    const habit = habitOf(seen({ etag: 'a' }));
    expect(habit).toEqual({ kind: 'shifted', seconds: 3_600 });
    expect(isByHabit(seen({ listedAt: 7_000, shownAt: 3_607_999, etag: 'b' }), habit)).toBe(true);
    expect(isByHabit(seen({ listedAt: 7_000, shownAt: 3_608_000 }), habit)).toBe(false);
    const ofAnswer = habitOf(seen({ isOfAnswer: true }));
    expect(isByHabit(seen({ shownAt: 1, isOfAnswer: true }), ofAnswer)).toBe(true);
    expect(isByHabit(seen(), ofAnswer)).toBe(false);
  });
});
