import { describe, expect, it } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { lateFiles } from '../../../src/domain/reconcile/late-files.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 2, 2);
const folder = (name: string, unchangedMs: number, agoMs: number | null) => ({
  collection: name as ResourcePath,
  unchangedMs,
  listedAt: agoMs === null ? null : NOW - agoMs,
});

describe('which folders are listed for files that may have come late', () => {
  it.each<[string, number, number | null, number | null, boolean]>([
    ['one that has just been read', MINUTE, MINUTE, NOW, true],
    ['one of an hour ago at each round of 15 min', HOUR, 15 * MINUTE, NOW, true],
    ['one of an hour ago, listed 5 min ago', HOUR, 5 * MINUTE, NOW, false],
    ['one of yesterday, listed an hour ago', DAY, HOUR, NOW, false],
    ['one of yesterday, listed three hours ago', DAY, 3 * HOUR, NOW, true],
    ['one of last week, listed five hours ago', 7 * DAY, 5 * HOUR, NOW, false],
    ['one of last week, listed six hours ago', 7 * DAY, 6 * HOUR, NOW, true],
    ['one of last year, listed six hours ago', 365 * DAY, 6 * HOUR, NOW, true],
    ['one of which nobody knows when it was listed', 7 * DAY, null, NOW, true],
    ['any where the storage tells no time', 7 * DAY, 0, null, true],
  ])('%s', (_, unchangedMs, agoMs, askedAt, isDue) => {
    expect(lateFiles([folder('a', unchangedMs, agoMs)], askedAt)).toEqual({
      due: isDue ? ['a'] : [],
      isAnyLeft: !isDue,
    });
  });

  it('no more than 20, in their order, and says that others are left', () => {
    const many = Array.from({ length: 25 }, (_, at) => folder(`f${at}`, HOUR, at < 2 ? 0 : HOUR));
    const { due, isAnyLeft } = lateFiles(many, NOW);
    expect([due.length, due[0], due.at(-1), isAnyLeft]).toEqual([20, 'f2', 'f21', true]);
    expect(lateFiles([], NOW)).toEqual({ due: [], isAnyLeft: false });
  });
});
