import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorAt, readCursor, writeCursor } from '../../src/domain/cursor.js';
import { IMAGE_LIST, parseSort, totalOrder } from '../../src/domain/query.js';

const order = totalOrder(parseSort('size,desc;name'));
const read = (text: string) => readCursor(text, order, IMAGE_LIST.keyTypes);
const cursor = { side: 'after', keys: [-1, 'ä.ova', 'Ä.ova', '\u{1F600}/Ä.ova'] } as const;
const refusal = expect.objectContaining({ code: 'usage', message: expect.stringContaining('cursor: ') as string });

describe('a cursor', () => {
  it('comes back as it was, and fits into a URL as it is', () => {
    const text = writeCursor(cursor, order);
    expect(text).toMatch(/^[\w-]+$/);
    expect(read(text)).toEqual(cursor);
  });

  it('has the keys of a row in the order of the list, and -1 for what is unknown', () => {
    const row = { sizeBytes: null, nameKey: 'a', name: 'A', path: 'd/A' };
    const keys = cursorAt('before', order, (each: typeof row, key) => each[key as keyof typeof row], row);
    expect(keys).toEqual({ side: 'before', keys: [-1, 'a', 'A', 'd/A'] });
  });

  it.each(['size;name', 'size,desc', 'name', 'name,desc;size'])('of another order is refused: %s', (sort) => {
    const other = totalOrder(parseSort(sort));
    expect(() => readCursor(writeCursor(cursor, order), other, IMAGE_LIST.keyTypes)).toThrow(refusal);
  });

  it.each([
    [''],
    ['!'],
    ['x'.repeat(70_000)],
    [Buffer.from('{}').toString('base64url')],
    [Buffer.from('null').toString('base64url')],
    [Buffer.from('[1').toString('base64url')],
    [Buffer.from(JSON.stringify([2, 'after', 'path asc', 'a'])).toString('base64url')],
    [writeCursor({ side: 'after', keys: [1, 'a', 'A'] }, order)],
    [writeCursor({ side: 'after', keys: [1, 'a', 'A', 'A', 'A'] }, order)],
    [writeCursor({ side: 'after', keys: ['1', 'a', 'A', 'A'] }, order)],
    [writeCursor({ side: 'after', keys: [1, 'a', 'A', 5] }, order)],
    [writeCursor({ side: 'after', keys: [1.5, 'a', 'A', 'A'] }, order)],
  ])('is refused where it is none: %.60s', (text) => expect(() => read(text)).toThrow(refusal));

  it('is good or refused, whatever is done to it', () => {
    const text = writeCursor(cursor, order);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, cut, put) => {
        const changed = text.slice(0, at) + put + text.slice(at + cut);
        try {
          expect(read(changed).keys).toHaveLength(order.length);
        } catch (error) {
          expect(error).toEqual(refusal);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
