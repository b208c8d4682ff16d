import { describe, expect, it } from 'vitest';
import {
  type BeforeEmptying,
  contradictionOf,
  type Emptied,
  type Emptying,
  judgeEmptying,
} from '../../../src/domain/reconcile/emptying.js';

const CHANGED = Date.UTC(2026, 2, 10, 10);
const LISTED = CHANGED + 60_000;
const before: BeforeEmptying = { modifiedAt: CHANGED, marker: 'etag:1', listedAt: LISTED, isContradicted: false };
const now: Emptied = {
  modifiedAt: LISTED + 1_000,
  marker: 'etag:2',
  isRoot: false,
  hasMembers: false,
  hasNewImages: false,
  doDatesMove: true,
};
const still = { modifiedAt: CHANGED, marker: 'etag:1' };

describe('a folder that has lost all it held', () => {
  it.each<[string, Partial<BeforeEmptying>, Partial<Emptied>, Emptying]>([
    ['with a date behind the last listing', {}, {}, 'believed'],
    ['with the date of the last listing', {}, { modifiedAt: LISTED }, 'believed'],
    ['with a date five seconds before that', {}, { modifiedAt: LISTED - 5_000 }, 'believed'],
    ['with one a second older', {}, { modifiedAt: LISTED - 6_000 }, 'contradicted'],
    ['with an older date, where it had lain in the future', { modifiedAt: LISTED + 1e9 }, {}, 'unsure'],
    ['with a date in the future', {}, { modifiedAt: LISTED + 1e12 }, 'believed'],
    [
      'with a newer date, where nobody knows when it was listed',
      { listedAt: null },
      { modifiedAt: CHANGED + 1 },
      'believed',
    ],
    ['with an older date', {}, { modifiedAt: CHANGED - 1 }, 'contradicted'],
    ['with an older date, beside a stray file', {}, { modifiedAt: CHANGED - 1, hasMembers: true }, 'contradicted'],
    ['with the same date and marker', {}, still, 'contradicted'],
    ['with the same, beside other files', {}, { ...still, hasMembers: true }, 'contradicted'],
    [
      'with the same, beside an image that it did not have',
      {},
      { ...still, hasMembers: true, hasNewImages: true },
      'unsure',
    ],
    [
      'with an older date, beside such an image',
      {},
      { modifiedAt: CHANGED - 1, hasMembers: true, hasNewImages: true },
      'contradicted',
    ],
    ['with the same, where markers never moved', {}, { ...still, doDatesMove: false }, 'unsure'],
    ['with the same date and another ETag', {}, { modifiedAt: CHANGED }, 'unsure'],
    ['in the second of its last change', { listedAt: CHANGED + 500 }, still, 'unsure'],
    ['in that second, beside other files', { listedAt: CHANGED + 500 }, { ...still, hasMembers: true }, 'believed'],
    [
      'in that second, beside other files, where markers never moved',
      { listedAt: CHANGED + 500 },
      { ...still, hasMembers: true, doDatesMove: false },
      'unsure',
    ],
    ['without a date now', {}, { modifiedAt: null }, 'unsure'],
    ['without a date before', { modifiedAt: null }, {}, 'unsure'],
    ['as the root of the space', {}, { isRoot: true }, 'contradicted'],
    ['as the root, beside a stray file', {}, { isRoot: true, hasMembers: true }, 'believed'],
    ['as it had before in a way that contradicted itself', { isContradicted: true }, {}, 'contradicted'],
  ])('%s', (_case, known, listed, emptying) => {
    expect(judgeEmptying({ ...before, ...known }, { ...now, ...listed })).toBe(emptying);
  });

  it.each([
    ['at a root', { isRoot: true }, 'the root is suddenly empty'],
    ['whose date went back', { modifiedAt: CHANGED - 1 }, '2026-03-10T09:59:59.999Z'],
    [
      'whose date went back with a part of it',
      { modifiedAt: CHANGED - 1, isPartly: true },
      'some of what it held is gone',
    ],
    ['whose date stands still', still, 'date has not changed'],
    ['whose date moved since', {}, 'nothing of what it held has come back'],
  ] as const)('is told of %s', (_case, listed, words) => {
    expect(contradictionOf(before, { ...now, isPartly: false, ...listed })).toContain(words);
  });
});
