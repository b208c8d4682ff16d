import { describe, expect, it } from 'vitest';
import { cursorAt } from '../../../src/domain/lists/cursor.js';
import { parseSort, totalOrder } from '../../../src/domain/lists/image-list.js';

describe('a cursor', () => {
  it('has the keys of a row in the order of the list, and -1 for what is unknown', () => {
    const order = totalOrder(parseSort('size,desc;name'));
    const row = { sizeBytes: null, nameKey: 'a', name: 'A', path: 'd/A' };
    const keys = cursorAt('before', order, (each: typeof row, key) => each[key as keyof typeof row], row);
    expect(keys).toEqual({ side: 'before', keys: [-1, 'a', 'A', 'd/A'] });
  });
});
