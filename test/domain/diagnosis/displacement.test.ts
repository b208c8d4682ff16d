import { describe, expect, it } from 'vitest';
import { displacementOf, type IndexFiles } from '../../../src/domain/diagnosis/displacement.js';

const own: IndexFiles = { directory: '1:1', index: '1:2', log: '1:3', shared: '1:4' };
const OTHER = '9:9';

describe('an open index', () => {
  it.each<[string, Partial<IndexFiles>, RegExp | null, string?]>([
    ['all is where it was', {}, null],
    ['a folder whose number changes by itself', { directory: OTHER }, null],
    [
      'moved away',
      { directory: null, index: null, log: null, shared: null },
      /directory was moved or deleted/,
      'nothing',
    ],
    [
      'something mounted over it',
      { directory: OTHER, index: null, log: null, shared: null },
      /directory was replaced/,
      'nothing',
    ],
    [
      'another folder with an index',
      { directory: OTHER, index: OTHER, log: OTHER, shared: OTHER },
      /directory was/,
      'nothing',
    ],
    ['the file removed', { index: null }, /index was renamed or deleted/, 'copy'],
    ['the file replaced, its log left', { index: OTHER }, /index was replaced/, 'copy'],
    ['the file and its log replaced', { index: OTHER, log: OTHER, shared: OTHER }, /index was replaced/, 'copy'],
    ['the log removed', { log: null }, /log was removed/, 'checkpoint'],
    ['both removed', { log: null, shared: null }, /log was removed/, 'checkpoint'],
    ['the log taken by another program', { log: OTHER }, /another program/, 'nothing'],
    ['the shared file alone removed', { shared: null }, /shared memory file was removed/, 'nothing'],
    ['the shared file replaced', { shared: OTHER }, /shared memory file was removed or replaced/, 'nothing'],
  ])('%s', (_, now, what, rescue) => {
    const found = displacementOf(own, { ...own, ...now });
    if (what === null) expect(found).toBeNull();
    else expect(found).toMatchObject({ what: expect.stringMatching(what), rescue });
  });

  it.each([
    ['a file in its place', { index: OTHER }, true],
    ['its file removed', { index: null }, true],
    ['both replaced', { index: OTHER, log: OTHER }, false],
    ['both removed', { index: null, log: null }, false],
  ])('with %s says whether its log lies beside it', (_, now, isLogLeft) => {
    expect(displacementOf(own, { ...own, ...now })?.isLogLeft).toBe(isLogLeft);
  });

  it('is not judged by files that it had not made yet', () => {
    expect(displacementOf({ ...own, log: null, shared: null }, own)).toBeNull();
  });
});
