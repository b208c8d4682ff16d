import { describe, expect, it } from 'vitest';
import { isHeld, removalLimit } from '../../../src/domain/reconcile/removal-guard.js';

describe('removalLimit', () => {
  it.each([
    [0, 20],
    [66, 20],
    [67, 20],
    [70, 21],
    [1_000, 300],
  ])('of %i shown images is %i', (shown, limit) => {
    expect(removalLimit(shown)).toBe(limit);
  });
});

describe('isHeld', () => {
  const tally = { shown: 100, removals: 0, agreed: 0, appeared: 0, isRelocated: false, isRestored: false };

  it.each([
    ['nothing to remove', {}, false],
    ['as much as is believable', { removals: 30 }, false],
    ['one more than that', { removals: 31 }, true],
    ['too much, but a sync before saw the same', { removals: 80, agreed: 80 }, false],
    ['too much, seen before but for a believable rest', { removals: 80, agreed: 50 }, false],
    ['too much, and too much of it new', { removals: 80, agreed: 49 }, true],
    ['too much, but accepted', { removals: 100, agreed: 100 }, false],
    ['a renamed folder of many', { removals: 80, appeared: 80 }, false],
    ['many more than have come', { removals: 80, appeared: 49 }, true],
    ['as many more than have come as is believable', { removals: 80, appeared: 50 }, false],
    ['all of a few', { shown: 5, removals: 5 }, false],
    ['all of more than a few', { shown: 6, removals: 6 }, true],
    ['all but one of those', { shown: 6, removals: 5 }, false],
    ['all, of which a sync before saw the same', { shown: 15, removals: 15, agreed: 15 }, false],
    ['all, of which a sync before saw most', { shown: 15, removals: 15, agreed: 10 }, false],
    ['all, and others have come for them', { shown: 15, removals: 15, appeared: 15 }, false],
    ['all, and a few others have come', { shown: 15, removals: 15, appeared: 3 }, true],
    ['one image under a new URL', { removals: 1, isRelocated: true }, true],
    ['one image under a new URL that a sync before saw, too', { removals: 1, agreed: 1, isRelocated: true }, false],
    ['one image more than that', { removals: 2, agreed: 1, isRelocated: true }, true],
    ['one image of a restored backup', { removals: 1, isRestored: true }, true],
    [
      'one image of a restored backup that a full sync before saw, too',
      { removals: 1, agreed: 1, isRestored: true },
      false,
    ],
    ['images that moved to another URL with their folder', { removals: 9, appeared: 9, isRelocated: true }, true],
  ])('with %s', (_case, changes, expected) => {
    expect(isHeld({ ...tally, ...changes })).toBe(expected);
  });
});
