import { describe, expect, it } from 'vitest';
import { matchesFilter } from '../../../src/domain/lists/filter.js';
import { parseFilter } from '../../../src/domain/lists/parse-filter.js';

const FIELDS = { name: 'name', path: 'text', size: 'integer', status: ['OK', 'ERROR'] } as const;
const ROW = { name: 'Ubuntu.ova', path: 'Images/Ubuntu.ova', size: 5, status: 'OK' };
const matches = (text: string, row: Partial<Record<keyof typeof ROW, string | number | null>> = {}) =>
  matchesFilter(FIELDS, parseFilter(text, FIELDS), (field) => ({ ...ROW, ...row })[field] ?? null);

describe('matchesFilter', () => {
  it.each([
    ['', true],
    ['name,eq,Ubuntu.ova', true],
    ['name,eq,ubuntu.ova', false],
    ['name,ne,ubuntu.ova', true],
    ['name,in,a,Ubuntu.ova', true],
    ['name,in,a,UBUNTU.ova', false],
    ['name,like,ubuntu%', true],
    ['path,like,images/%', true],
    ['path,eq,images/ubuntu.ova', false],
    // In the order of names: without case first, then exactly.
    ['name,gt,debian', true],
    ['name,lt,ubuntu.ova', true],
    ['name,ge,Ubuntu.ova', true],
    ['name,gt,Ubuntu.ova', false],
    // In the order of paths, which is that of code points.
    ['path,lt,a', true],
    ['size,eq,5', true],
    ['size,le,5;size,ge,5', true],
    ['size,lt,5', false],
    ['size,ne,5', false],
    ['size,in,4,5', true],
    ['size,gt,4;name,eq,other', false],
    ['status,eq,ok', true],
    ['status,ne,error', true],
  ])('"%s" lets the row through: %s', (text, expected) => expect(matches(text)).toBe(expected));

  it.each([
    ['size,ne,5', true],
    ['size,eq,5', false],
    ['size,lt,5', false],
    ['size,gt,-1', false],
    ['size,in,5', false],
  ])('"%s" lets a row of unknown size through: %s', (text, expected) => {
    expect(matches(text, { size: null })).toBe(expected);
  });
});
