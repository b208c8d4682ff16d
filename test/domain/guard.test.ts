import { describe, expect, it } from 'vitest';
import { isHeld, removalLimit } from '../../src/domain/guard.js';

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
  const tally = { shown: 100, removals: 0, agreed: 0, isRootEmpty: false, isAccepted: false, isRefused: false };

  it.each([
    ['nothing to remove', {}, false],
    ['nothing to remove from an empty root', { isRootEmpty: true }, false],
    ['as much as is believable', { removals: 30 }, false],
    ['one more than that', { removals: 31 }, true],
    ['too much, but a sync before saw the same', { removals: 80, agreed: 80 }, false],
    ['too much, seen before but for a believable rest', { removals: 80, agreed: 50 }, false],
    ['too much, and too much of it new', { removals: 80, agreed: 49 }, true],
    ['too much, but accepted', { removals: 100, isAccepted: true }, false],
    ['one image that was all of an emptied root', { shown: 1, removals: 1, isRootEmpty: true }, true],
    ['an emptied root that a sync before saw, too', { removals: 9, agreed: 9, isRootEmpty: true }, true],
    ['as little as one that was refused', { removals: 1, agreed: 1, isRefused: true }, true],
    ['nothing to remove of what was refused', { isRefused: true }, false],
    ['one that was accepted and then refused', { removals: 1, isAccepted: true, isRefused: true }, true],
    ['an emptied root that was accepted', { removals: 9, isRootEmpty: true, isAccepted: true }, false],
  ])('with %s', (_case, changes, expected) => {
    expect(isHeld({ ...tally, ...changes })).toBe(expected);
  });
});
