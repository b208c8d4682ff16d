import { describe, expect, test } from 'vitest';
import type { DateHabit } from '../../../src/domain/description/date-habit.js';
import { otherDate, type ShownFile, shownFile, whyChanged } from '../../../src/webdav/ranges/sameness.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const LATER = NOON + 3_600_000;
const LISTED = { sizeBytes: 100, etag: null, modifiedAt: NOON };
const shown = (overrides: Partial<ShownFile> = {}): ShownFile => ({
  totalBytes: 100,
  etag: null,
  modifiedAt: NOON,
  isDatedByAnswer: false,
  ...overrides,
});
const AN_HOUR: DateHabit = { kind: 'shifted', seconds: 3_600 };
const ANSWER: DateHabit = { kind: 'of-the-answer' };

describe('an answer shows the listed file', () => {
  test.each<[string, Partial<ShownFile>, readonly DateHabit[], RegExp | null]>([
    ['by size and date', {}, [], null],
    ['by size, without a date', { modifiedAt: null }, [], null],
    ['by the second of its date', { modifiedAt: NOON + 900 }, [], null],
    ['not with another size', { totalBytes: 99 }, [], /99 bytes by now; 100 were expected/],
    ['not with another size, whatever its habits', { totalBytes: 99, modifiedAt: LATER }, [AN_HOUR], /99 bytes/],
    ['not with another date', { modifiedAt: LATER }, [], /modified at 2026-01-01T13:00:00/],
    ['with a date that is its habit', { modifiedAt: LATER }, [AN_HOUR], null],
    ['with a date that is one of its habits', { modifiedAt: LATER }, [ANSWER, AN_HOUR], null],
    ['not with a date that is no habit of its', { modifiedAt: LATER + 1_000 }, [AN_HOUR, ANSWER], /modified at/],
    ['dated by when it answers', { modifiedAt: LATER, isDatedByAnswer: true }, [ANSWER], null],
  ])('%s', (_what, overrides, habits, expected) => {
    const why = whyChanged(shown(overrides), LISTED, null, habits);
    if (expected === null) expect(why).toBeNull();
    else expect(why).toMatch(expected);
  });

  test.each<[string, string | null, string | null, boolean]>([
    ['the same ETag', 'a', '"a"', true],
    ['another ETag', 'a', '"b"', false],
    ['no ETag any more', 'a', null, true],
  ])('without dates by %s', (_what, listed, etag, isSame) => {
    const why = whyChanged(shown({ etag, modifiedAt: null }), { ...LISTED, etag: listed, modifiedAt: null }, null);
    expect(why === null).toBe(isSame);
  });
});

describe('a further answer shows the file of the first', () => {
  test.each<[string, Partial<ShownFile>, Partial<ShownFile>, readonly DateHabit[], boolean]>([
    ['by size, date and ETag', { etag: '"a"' }, { etag: '"a"' }, [], true],
    ['by its strong ETag alone', { etag: '"a"' }, { etag: '"a"', modifiedAt: LATER }, [], true],
    ['not by a weak ETag', { etag: 'W/"a"' }, { etag: 'W/"a"', modifiedAt: LATER }, [], false],
    ['not by an ETag if its size differs', { etag: '"a"' }, { etag: '"a"', totalBytes: 99 }, [], false],
    ['not with another ETag', { etag: '"a"' }, { etag: '"b"' }, [], false],
    ['not with another date', {}, { modifiedAt: LATER }, [AN_HOUR], false],
    ['dated as the first, by habit', { modifiedAt: LATER }, { modifiedAt: LATER }, [AN_HOUR], true],
    [
      'with the date of its own answer',
      { modifiedAt: LATER, isDatedByAnswer: true },
      { modifiedAt: LATER + 1_000, isDatedByAnswer: true },
      [ANSWER],
      true,
    ],
    [
      'not with a date of the answer that nobody expects',
      { modifiedAt: NOON, isDatedByAnswer: true },
      { modifiedAt: LATER, isDatedByAnswer: true },
      [],
      false,
    ],
  ])('%s', (_what, first, now, habits, isSame) => {
    expect(whyChanged(shown(now), LISTED, shown(first), habits) === null).toBe(isSame);
  });
});

test('another date is told of a file of the listed size alone', () => {
  expect(otherDate(shown(), LISTED)).toBeNull();
  expect(otherDate(shown({ modifiedAt: null }), LISTED)).toBeNull();
  expect(otherDate(shown({ modifiedAt: LATER, totalBytes: 99 }), LISTED)).toBeNull();
  expect(otherDate(shown({ modifiedAt: LATER, totalBytes: null }), LISTED)).toBeNull();
  expect(otherDate(shown({ modifiedAt: LATER }), { ...LISTED, sizeBytes: null })).toBeNull();
  expect(otherDate(shown({ modifiedAt: LATER, etag: 'W/"a"' }), LISTED)).toEqual({
    listedAt: NOON,
    shownAt: LATER,
    etag: 'a',
    isOfAnswer: false,
  });
});

test.each([
  ['Thu, 01 Jan 2026 12:00:00 GMT', 'Thu, 01 Jan 2026 12:00:00 GMT', true],
  ['Thu, 01 Jan 2026 11:59:59 GMT', 'Thu, 01 Jan 2026 12:00:00 GMT', true],
  ['Thu, 01 Jan 2026 11:59:57 GMT', 'Thu, 01 Jan 2026 12:00:00 GMT', false],
  ['Thu, 01 Jan 2026 12:00:00 GMT', null, false],
  [null, 'Thu, 01 Jan 2026 12:00:00 GMT', false],
])('Last-Modified %s with Date %s is that of the answer: %s', (modified, date, expected) => {
  const headers = new Headers();
  if (modified !== null) headers.set('last-modified', modified);
  if (date !== null) headers.set('date', date);
  expect(shownFile({ headers }, 100).isDatedByAnswer).toBe(expected);
});
