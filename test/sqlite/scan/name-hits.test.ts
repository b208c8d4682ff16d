import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseImageFilter } from '../../../src/domain/lists/image-list.js';
import { compareBy, type KeyValue } from '../../../src/domain/lists/order.js';
import { changedNames } from '../../../src/sqlite/scan/changed-names.js';
import { hitsAmong, scanNames } from '../../../src/sqlite/scan/name-hits.js';
import { createNameTable, NAMES_OF_BLOCK, nameBlock } from '../../../src/sqlite/scan/name-table.js';
import { bytesOf, isWithinNames, nameTexts } from '../../../src/sqlite/scan/name-texts.js';
import { createPlacesById } from '../../../src/sqlite/scan/places-by-id.js';
import { fewRunsOf } from '../../support/thorough.js';

/** An image by its keys: its name is its name key. */
interface Named {
  readonly id: number;
  readonly name: string;
  readonly path: string;
}

const ORDER = [
  { key: 'name', direction: 'asc' },
  { key: 'path', direction: 'asc' },
] as const;
const compare = compareBy<'name' | 'path', Named>(ORDER, (image, key) => image[key]);
const keysOf = ({ name, path }: Named): readonly KeyValue[] => [name, name, path];

/** So many names that the first block is nearly full; what is tried lies on both sides of its end. */
const FILLING = Array.from({ length: NAMES_OF_BLOCK - 4 }, (_, i): Named => {
  return { id: 1_000 + i, name: 'a', path: `${i}`.padStart(6, '0') };
});
const FILLING_IDS = FILLING.map(({ id }) => id);

function tableOf(images: readonly Named[]) {
  const blocks = [];
  for (let from = 0; from < images.length; from += NAMES_OF_BLOCK) {
    blocks.push(nameBlock(images.slice(from, from + NAMES_OF_BLOCK).map(({ name }) => bytesOf(name))));
  }
  const byId = [...images.keys()].sort((a, b) => (images[a]?.id ?? 0) - (images[b]?.id ?? 0));
  const ids = Uint32Array.from(images, ({ id }) => id);
  const sorted = createPlacesById(Uint32Array.from(ids).sort(), Uint32Array.from(byId));
  return createNameTable(blocks, ids, sorted);
}

const anyName = fc.constantFrom('b', 'b', 'ba', 'bß', '日本');
const anyPath = fc.integer({ min: 0, max: 9 }).map((number) => `p${number}`);
const anyImages = fc
  .uniqueArray(fc.tuple(anyName, anyPath), { maxLength: 16, selector: ([name, path]) => `${name}/${path}` })
  .map((images) => images.map(([name, path], i): Named => ({ id: 7 * i + 1, name, path: `${path}/${name}` })));

describe('names that are found', () => {
  it('are those of the list as it is now, in its order', () => {
    fc.assert(
      fc.property(
        anyImages,
        fc.array(fc.tuple(fc.nat(99), anyName, fc.nat(3))),
        fc.constantFrom('b', 'a', 'ß', '本', '\u0083', 'x'),
        fc.nat(200),
        (some, changes, text, from) => {
          const before = some.toSorted(compare);
          const now = new Map(before.map((image) => [image.id, image]));
          const changed = new Set<number>();
          for (const [of, name, kind] of changes) {
            const id = some[of % (some.length + 1)]?.id ?? 500 + of;
            changed.add(id);
            if (kind === 0) now.delete(id);
            else now.set(id, { id, name, path: `q${kind}/${of}/${id}` });
          }
          const list = [...now.values()].sort(compare);
          const keys = (id: number) => keysOf(now.get(id) ?? { id, name: 'b', path: '' });
          const shown = [...changed].filter((id) => now.has(id));
          const names = changedNames(tableOf([...FILLING, ...before]), keys, [...changed], shown);
          const texts = nameTexts([text]) ?? never();
          const found = list.filter(({ name }) => name.includes(text));
          // All of what fills a block has the same name.
          const all = 'a'.includes(text) ? FILLING_IDS : [];
          const candidates = [...now.keys(), ...changed, 999_999];
          for (const [hits, first] of [
            [scanNames(names, texts), all],
            [hitsAmong(names, texts, [...new Set(candidates)]), []],
          ] as const) {
            const right = [...first, ...found.map(({ id }) => id)];
            expect(hits.total).toBe(right.length);
            for (const part of [from, Math.max(0, right.length - 5)]) {
              expect(hits.ids(part, part + 9)).toEqual(right.slice(part, part + 9));
            }
            for (const image of [...list, ...before]) {
              const hitsBefore = (least: number) =>
                first.length + found.filter((each) => compare(each, image) < least).length;
              expect(hits.countUpTo(names.lastBefore(keysOf(image), false))).toBe(hitsBefore(0));
              expect(hits.countUpTo(names.lastBefore(keysOf(image), true))).toBe(hitsBefore(1));
            }
            expect(hits.countUpTo(names.lastBefore(['', '', ''], true))).toBe(0);
          }
        },
      ),
      { numRuns: fewRunsOf(400) },
    );
  });

  it('don’t span two names', () => {
    const table = tableOf([
      { id: 1, name: 'xab', path: '' },
      { id: 2, name: 'cd', path: '' },
    ]);
    const names = changedNames(table, () => [], [], []);
    for (const text of ['bc', 'b\nc', 'b\0c', 'bÿc', 'b\ufffdc', `b${String.fromCharCode(0xff)}`]) {
      expect(scanNames(names, nameTexts([text]) ?? never()).total).toBe(0);
    }
    expect(scanNames(names, nameTexts(['C']) ?? never()).ids(0, 9)).toEqual([2]);
  });
});

function never(): never {
  throw new Error('there is no text');
}

describe('what a query requires of names', () => {
  it.each([
    [['Ubuntu'], '', ['my-ubuntu.ova'], ['debian.ova']],
    [['ubuntu', '.OVA'], '', ['ubuntu.ova'], ['ubuntu.ovf', 'debian.ova']],
    [[], 'name,like,%ub%tu%', ['ubuntu', 'xubtu'], ['tub']],
    [['a'], 'name,like,ub%', ['uba'], ['aub']],
    [['a', 'ab'], 'name,like,%A%', ['xab'], ['a']],
    [['ﬁ'], '', ['ﬁle'], ['file']],
    [['a'], 'path,like,%x%', ['a'], ['x']],
  ])('is met by some of them: %j, %j', (texts, filter, met, others) => {
    const wanted = nameTexts(texts, parseImageFilter(filter)) ?? never();
    for (const name of met) expect(wanted.matches(bytesOf(name))).toBe(true);
    for (const name of others) expect(wanted.matches(bytesOf(name))).toBe(false);
  });

  it.each([
    [[''], ''],
    [[], 'path,like,%x%'],
    [[], 'name,like,%'],
  ])('is nothing: %j, %j', (texts, filter) => {
    expect(nameTexts(texts, parseImageFilter(filter))).toBeNull();
  });

  it.each([
    ['', true],
    ['name,like,%a%', true],
    ['name,like,%a;name,like,%b%c', true],
    ['name,like,a%', false],
    ['name,like,a', false],
    ['name,eq,a', false],
    ['name,like,%a%;size,gt,3', false],
  ])('is all that it requires, within them: %j is %j', (filter, isWithin) => {
    expect(isWithinNames(parseImageFilter(filter))).toBe(isWithin);
  });
});
