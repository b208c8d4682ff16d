import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorAt, type Cursor, cursorOf } from '../../../src/domain/lists/cursor.js';
import { pageOfCursor, readCursor, writeCursor } from '../../../src/domain/lists/cursor-text.js';
import { IMAGE_LIST, parseSort, SORT_FIELDS, totalOrder } from '../../../src/domain/lists/image-list.js';
import { MAX_FIELDS } from '../../../src/domain/lists/order.js';
import { runsOf } from '../../support/thorough.js';

const order = totalOrder(parseSort('size,desc;name'));
const read = (text: string) => readCursor(text, order, IMAGE_LIST.keyTypes);
const write = (cursor: Cursor, page = 2, id = 7) => writeCursor(cursor, { order, page, id });
const short = { side: 'after', keys: [-1, 'ä.ova', 'Ä.ova', 'b/Ä.ova'] } as const;
const long = { side: 'before', keys: [12, 'ä.ova', 'Ä.ova', `${'深い/'.repeat(200)}Ä.ova`] } as const;
const refusal = expect.objectContaining({ code: 'usage', message: expect.stringContaining('cursor: ') as string });

describe('a written cursor', () => {
  it('comes back as it was, with its page, and fits into an address as it is', () => {
    const text = write(short);
    expect(text).toMatch(/^[\w-]+$/);
    expect(read(text)).toEqual({ page: 2, cursor: short });
    expect(pageOfCursor(text)).toBe(2);
  });

  it('leaves long texts out, which the row itself has', () => {
    const text = write(long, 12_345, 987_654_321);
    expect(text).toMatch(/^[\w-]+$/);
    expect(read(text)).toEqual({ page: 12_345, cursor: anchorAt(long, 987_654_321) });
    expect(cursorOf(anchorAt(long, 1), [99, ...long.keys.slice(1)])).toEqual(long);
  });

  it('is shorter than 100 characters whatever the row, in any order', () => {
    const anyNumber = fc.oneof(fc.constant(-1), fc.nat(), fc.integer({ min: 1.6e12, max: 4.1e12 }), fc.maxSafeNat());
    const anyOrder = fc.uniqueArray(fc.constantFrom(...SORT_FIELDS), { minLength: 1, maxLength: MAX_FIELDS });
    fc.assert(
      fc.property(
        anyOrder,
        fc.string({ unit: 'grapheme', maxLength: 1_000 }),
        anyNumber,
        fc.nat(),
        fc.nat(),
        (fields, path, number, page, id) => {
          const terms = totalOrder(parseSort(fields.join(';')));
          const keys = terms.map(({ key }) => (IMAGE_LIST.keyTypes[key] === 'text' ? path : number));
          const text = writeCursor({ side: 'after', keys }, { order: terms, page: page + 1, id: id + 1 });
          expect(text.length).toBeLessThan(100);
          const found = readCursor(text, terms, IMAGE_LIST.keyTypes);
          expect(found.page).toBe(page + 1);
          expect('id' in found.cursor ? cursorOf(found.cursor, keys) : found.cursor).toEqual({ side: 'after', keys });
        },
      ),
    );
  });

  it.each(['size;name', 'size,desc', 'name', 'name,desc;size'])('of another order is refused: %s', (sort) => {
    const other = totalOrder(parseSort(sort));
    for (const cursor of [short, long]) {
      expect(() => readCursor(write(cursor), other, IMAGE_LIST.keyTypes)).toThrow(refusal);
    }
  });

  it.each([
    [''],
    ['!'],
    ['x'.repeat(70_000)],
    ['a2_'],
    ['a2_1_1_1_1'],
    [write(long).replace('b2_', 'c2_')],
    [`${write(long)}_1`],
    [Buffer.from('{}').toString('base64url')],
    [Buffer.from('null').toString('base64url')],
    [Buffer.from('[1').toString('base64url')],
    [Buffer.from(JSON.stringify([1, 'after', 'path asc', 'a'])).toString('base64url')],
    [write({ side: 'after', keys: [1, 'a', 'A'] })],
    [write({ side: 'after', keys: [1, 'a', 'A', 'A', 'A'] })],
    [write({ side: 'after', keys: ['1', 'a', 'A', 'A'] })],
    [write({ side: 'after', keys: [1, 'a', 'A', 5] })],
    [write({ side: 'after', keys: [1.5, 'a', 'A', 'A'] })],
    [write(short, 0)],
    [write(long, 1, 0)],
  ])('is refused where it is none: %.60s', (text) => expect(() => read(text)).toThrow(refusal));

  it('is good or refused, whatever is done to it', () => {
    for (const text of [write(short), write(long)]) {
      fc.assert(
        fc.property(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, cut, put) => {
          const changed = text.slice(0, at) + put + text.slice(at + cut);
          try {
            expect(read(changed).cursor.keys).toHaveLength(order.length);
          } catch (error) {
            expect(error).toEqual(refusal);
          }
        }),
        { numRuns: runsOf(500) },
      );
    }
  });
});

describe('an anchor', () => {
  it('is refused where its row has gone, or has another name', () => {
    const anchor = anchorAt(long, 7);
    expect(() => cursorOf(anchor, undefined)).toThrow(refusal);
    expect(() => cursorOf(anchor, [12, 'b.ova', 'B.ova', 'B.ova'])).toThrow(refusal);
  });

  it('keeps the numbers that its row had', () => {
    expect(cursorOf(anchorAt(long, 7), [-1, ...long.keys.slice(1)])).toEqual(long);
  });
});
