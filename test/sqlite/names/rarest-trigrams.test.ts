import { describe, expect, it } from 'vitest';
import { furtherTrigrams, spread, trigramsOf } from '../../../src/sqlite/names/rarest-trigrams.js';

describe('the trigrams of texts', () => {
  it.each([
    [
      ['abcd', 'xabc'],
      ['abc', 'bcd', 'xab'],
    ],
    [['ab', ''], []],
    [['😀ab'], ['😀ab']],
    [
      ['abc\0def', '\ud83dabc'],
      ['abc', 'def'],
    ],
  ])('of %j are %j', (texts, trigrams) => {
    expect(trigramsOf(texts)).toEqual(trigrams);
  });

  it('come from the beginning of a long text', () => {
    expect(trigramsOf(['abc'.repeat(20_000)])).toEqual(['abc', 'bca', 'cab']);
    expect(trigramsOf([`${'a'.repeat(256)}xyz`])).toEqual(['aaa']);
  });
});

describe('further trigrams', () => {
  const compared = [
    { trigram: 'ebi', share: 0.06 },
    { trigram: 'deb', share: 0.06 },
    { trigram: '_de', share: 0.04 },
    { trigram: 'bas', share: 0.05 },
  ];
  const names = ['base_debian', 'core_debian', 'core_demo', 'core_desktop', 'base_desktop', 'base_demo'];

  const among = (some: readonly string[], images: number, extent = 1_000_000, readForOne = 250) =>
    furtherTrigrams(compared, { names: some, images, extent, readForOne });

  it('are those that leave out most, one after the other, and none that leaves out nothing more', () => {
    // 5,000 images fewer to look up, for reading 60,000 and 50,000 entries.
    const gain = 5_000 * 250 - 110_000;
    expect(among(names, 6_000)).toEqual({ trigrams: ['ebi', 'bas'], images: 1_000, gain });
  });

  it('are none where all names have them', () => {
    expect(among(['base_debian'], 6_000)).toEqual({ trigrams: [], images: 6_000, gain: 0 });
  });

  it('are none whose lists are longer than the images that they leave out are worth', () => {
    expect(among(names, 200)).toEqual({ trigrams: [], images: 200, gain: 0 });
    expect(among(names, 200, 100_000).trigrams).toEqual(['ebi', 'bas']);
    expect(among(names, 6_000, 1_000_000, 10)).toEqual({ trigrams: [], images: 6_000, gain: 0 });
  });

  it('are none where no name is known', () => {
    expect(among([], 6_000).trigrams).toEqual([]);
  });
});

it('spreads what is looked at over the whole', () => {
  expect(spread([1, 2, 3], 3)).toEqual([1, 2, 3]);
  const some = spread(
    Array.from({ length: 1_000 }, (_, i) => i),
    4,
  );
  expect(some).toEqual([0, 250, 500, 750]);
});
