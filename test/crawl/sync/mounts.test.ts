import { describe, expect, it } from 'vitest';
import { createMounts, outermost } from '../../../src/crawl/sync/mounts.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';

const at = (path: string) => path as ResourcePath;

describe('mounts', () => {
  it('hold themselves and what lies in them, on the border of names', () => {
    const mounts = createMounts();
    mounts.add(at('share'));
    expect(['share', 'share/a/b', 'shared', 'a', ''].map((path) => mounts.hold(at(path)))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('go on proving nothing after their end, and are visited no longer, until they are back', () => {
    const mounts = createMounts();
    const standing = () => [mounts.hold(at('share/a')), mounts.holdOn(at('share/a'))];
    mounts.end(at('share'));
    expect(standing()).toEqual([false, false]);
    mounts.add(at('share'));
    expect(standing()).toEqual([true, true]);
    mounts.end(at('share'));
    expect(standing()).toEqual([true, false]);
    mounts.add(at('share'));
    expect(standing()).toEqual([true, true]);
  });

  it.each([
    [[], []],
    [
      ['a/b', 'a', 'c'],
      ['a', 'c'],
    ],
    [
      ['a', 'ab', 'a/b/c'],
      ['a', 'ab'],
    ],
    [['', 'a'], ['']],
  ])('of %j the outermost are %j', (paths, expected) => {
    expect([...outermost(paths.map(at))].sort()).toEqual(expected);
  });
});
