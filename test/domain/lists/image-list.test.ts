import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareImages,
  matchesImage,
  parseImageFilter,
  parseSort,
  totalOrder,
} from '../../../src/domain/lists/image-list.js';
import type { Image } from '../../../src/domain/model/image.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { anySort } from '../../support/image-queries.js';

const image = (path: string, changes: Partial<Image> = {}): Image => ({
  id: 1,
  path: path as ResourcePath,
  name: path.slice(path.lastIndexOf('/') + 1),
  sizeBytes: null,
  createdAt: 0,
  updatedAt: 0,
  modifiedAt: null,
  isSettled: true,
  state: 'ok',
  ...changes,
});
const ordered = (images: readonly Image[], sort: string) =>
  [...images].sort(compareImages(parseSort(sort))).map(({ path }) => path);

describe('parseSort', () => {
  it('reads fields, directions, and several of them', () => {
    expect(parseSort('name')).toEqual([{ field: 'name', direction: 'asc' }]);
    expect(parseSort('size,desc;Name,ASC')).toEqual([
      { field: 'size', direction: 'desc' },
      { field: 'name', direction: 'asc' },
    ]);
    expect(parseSort('')).toEqual([{ field: 'name', direction: 'asc' }]);
  });

  it('refuses more fields than fit into a cursor', () => {
    expect(parseSort('name;path;id;size;created_on;updated_on;modified_on;name,desc')).toHaveLength(8);
    expect(() => parseSort('name;path;id;size;created_on;updated_on;modified_on;cpus')).toThrow(
      'has 8 fields; at most 7 are allowed',
    );
  });

  it.each(['nme', 'name,down', 'name,asc,desc', 'name;nme', 'toString'])('refuses %j', (text) => {
    expect(() => parseSort(text)).toThrow(
      /^sort: .* is not a sort (field; use one of name, path|order; use "name,asc" or)/,
    );
  });
});

describe('compareImages', () => {
  it('orders names without regard to case first, then exactly, then by path', () => {
    const images = ['b.ova', 'z/A.ova', 'B.ova', 'a.ova', 'c/a.ova'].map((path) => image(path));
    expect(ordered(images, 'name')).toEqual(['z/A.ova', 'a.ova', 'c/a.ova', 'B.ova', 'b.ova']);
  });

  it('compares by code point, as UTF-8 bytes do', () => {
    const images = ['\u{1F600}.ova', '\uFF5E.ova', 'z.ova'].map((path) => image(path));
    expect(ordered(images, 'path')).toEqual(['z.ova', '\uFF5E.ova', '\u{1F600}.ova']);
  });

  it('puts unknown sizes before all others', () => {
    const images = [image('a', { sizeBytes: 0 }), image('b'), image('c', { sizeBytes: 5 })];
    expect(ordered(images, 'size')).toEqual(['b', 'a', 'c']);
    expect(ordered(images, 'size,desc')).toEqual(['c', 'a', 'b']);
  });

  it('has no ties, and a reversed single field is the reversed list', () => {
    const images = fc
      .uniqueArray(fc.stringMatching(/^[aAbB\u00e9]{1,3}$/), { minLength: 2, maxLength: 12 })
      .map((names) => names.map((name, i) => image(`${i % 2}/${name}`, { id: 1, sizeBytes: i % 3 })));
    fc.assert(
      fc.property(images, anySort, (list, sort) => {
        const compare = compareImages(sort);
        for (const a of list) for (const b of list) expect(compare(a, b) === 0).toBe(a === b);
        expect(totalOrder(sort).at(-1)?.key === 'path' || totalOrder(sort).some(({ key }) => key === 'path')).toBe(
          true,
        );
      }),
    );
    const list = ['b', 'a', 'A', 'x/a'].map((path) => image(path));
    expect(ordered(list, 'name,desc')).toEqual(ordered(list, 'name').reverse());
  });
});

describe('matchesImage', () => {
  it.each([
    ['Ubuntu_64-bit.ova', ['ubuntu'], true],
    ['Ubuntu_64-bit.ova', ['ubuntu', 'BIT'], true],
    ['Ubuntu_64-bit.ova', ['ubuntu', 'centos'], false],
    ['Ubuntu_64-bit.ova', ['u%u'], false],
    ['100%_x.ova', ['%_'], true],
    ['CAFE\u0301.ova', ['caf\u00e9'], true],
    ['x.ova', [], true],
  ])('%s contains all of %j: %s', (name, nameContains, expected) => {
    expect(matchesImage({ nameContains }, image(name))).toBe(expected);
  });

  it.each([
    ['id,eq,1', true],
    ['size,ge,7;path,like,d/%', true],
    ['created_on,lt,5;updated_on,ge,1970-01-01T00:00:09Z', true],
    ['updated_on,gt,9', false],
    ['name,eq,d/x.ova', false],
  ])('meets "%s": %s', (text, expected) => {
    const only = image('d/x.ova', { sizeBytes: 7, createdAt: 4_000, updatedAt: 9_000 });
    expect(matchesImage({ nameContains: [], filter: parseImageFilter(text) }, only)).toBe(expected);
  });

  it('asks for the parts and the filter both', () => {
    const filter = parseImageFilter('name,like,%.ova');
    expect(matchesImage({ nameContains: ['x'], filter }, image('x.ova'))).toBe(true);
    expect(matchesImage({ nameContains: ['y'], filter }, image('x.ova'))).toBe(false);
  });
});
