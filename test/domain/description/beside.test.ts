import { expect, test } from 'vitest';
import { compareWithSiblings, countingParts } from '../../../src/domain/description/beside.js';
import { chunkName } from '../../../src/domain/description/href.js';

const partsOf = (...sizes: readonly (readonly [index: number, sizeBytes: number | null])[]) =>
  countingParts(new Map(sizes.map(([index, sizeBytes]) => [chunkName('a', index), sizeBytes])))('a');

test.each([
  ['none', [], { count: 0, sizeBytes: 0 }],
  [
    'all that follow each other',
    [
      [0, 5],
      [1, 7],
    ],
    { count: 2, sizeBytes: 12 },
  ],
  [
    'none behind a gap',
    [
      [0, 5],
      [2, 7],
    ],
    { count: 1, sizeBytes: 5 },
  ],
  [
    'those of an unknown size',
    [
      [0, 5],
      [1, null],
      [2, 7],
    ],
    { count: 3, sizeBytes: null },
  ],
] as const)('of the parts of a file %s are counted', (_, sizes, parts) => {
  expect(partsOf(...sizes)).toEqual(parts);
});

test('the parts of a file are looked up once, however many references name it', () => {
  let looks = 0;
  class Watched extends Map<string, number> {
    override get(name: string) {
      looks++;
      return super.get(name);
    }
  }
  const partsOf = countingParts(new Watched(Array.from({ length: 500 }, (_, index) => [chunkName('a', index), 1])));
  for (let reference = 0; reference < 2_000; reference++) expect(partsOf('a').count).toBe(500);
  expect(looks).toBe(501);
});

test('the files of a folder are gone through once, however many descriptors are beside them', () => {
  let looks = 0;
  const siblings = Array.from({ length: 500 }, (_, index) => ({
    get name() {
      looks++;
      return `${index}.vmdk`;
    },
    sizeBytes: 600,
  }));
  for (let descriptor = 0; descriptor < 500; descriptor++) {
    const files = [{ href: `${descriptor}.vmdk`, size: null, compression: null, chunkSize: null }];
    expect(compareWithSiblings(files, siblings)).toEqual({ reasons: [], notes: [] });
  }
  expect(looks).toBe(500);
});
