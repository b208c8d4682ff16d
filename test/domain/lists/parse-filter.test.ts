import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/domain/lists/parse-filter.js';
import { anyCharacter } from '../../support/any-character.js';
import { fewRunsOf } from '../../support/thorough.js';

const FIELDS = {
  name: 'name',
  path: 'text',
  size: 'integer',
  created_on: 'time',
  status: ['PENDING', 'PROCESSED'],
} as const;
const parse = (text: string) => parseFilter(text, FIELDS);

describe('parseFilter', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['name,eq,a', [{ field: 'name', operator: 'eq', value: 'a' }]],
    [' Name , EQ , a ', [{ field: 'name', operator: 'eq', value: ' a ' }]],
    ['name,like,%Ubuntu%', [{ field: 'name', operator: 'like', pattern: ['', 'ubuntu', ''] }]],
    ['name,eq,a,b', [{ field: 'name', operator: 'eq', value: 'a,b' }]],
    ['name,eq,a\\;b', [{ field: 'name', operator: 'eq', value: 'a;b' }]],
    ['name,eq,a\\b', [{ field: 'name', operator: 'eq', value: 'a\\b' }]],
    ['name,eq,100%', [{ field: 'name', operator: 'eq', value: '100%' }]],
    ['path,in,a,b|c', [{ field: 'path', operator: 'in', values: ['a', 'b', 'c'] }]],
    ['path,in,a\\,b,c\\|d', [{ field: 'path', operator: 'in', values: ['a,b', 'c|d'] }]],
    ['size,in,1, 2|-3', [{ field: 'size', operator: 'in', values: [1, 2, -3] }]],
    ['size,ge, 10 ', [{ field: 'size', operator: 'ge', value: 10 }]],
    ['created_on,lt,1970-01-01T00:00:01Z', [{ field: 'created_on', operator: 'lt', value: 1_000 }]],
    ['created_on,gt,1.5', [{ field: 'created_on', operator: 'gt', value: 1_500 }]],
    ['status,eq,Processed', [{ field: 'status', operator: 'eq', value: 'PROCESSED' }]],
    [
      'size,gt,1;size,lt,9',
      [
        { field: 'size', operator: 'gt', value: 1 },
        { field: 'size', operator: 'lt', value: 9 },
      ],
    ],
  ])('reads "%s"', (text, expected) => expect(parse(text)).toEqual(expected));

  it.each([
    ['colour,eq,a', '"colour,eq,a"', 'allowed are name, path, size'],
    ['toString,eq,a', '"toString,eq,a"', 'allowed are name'],
    ['name', '"name"', 'field,operator,value'],
    ['name,eq', '"name,eq"', 'field,operator,value'],
    ['name,is,a', '"name,is,a"', 'allowed are eq, ne, lt, le, gt, ge, like, in'],
    ['size,like,1%', '"size,like,1%"', 'allowed are eq, ne, lt, le, gt, ge, in'],
    ['status,lt,PENDING', '"status,lt,PENDING"', 'allowed are eq, ne, in'],
    ['name,eq,', '"name,eq,"', 'no value'],
    ['size,eq,1.5', '"1.5"', 'allowed are integers'],
    ['size,eq,0x10', '"0x10"', 'allowed are integers'],
    ['size,eq,9007199254740993', '"9007199254740993"', 'allowed are integers'],
    ['size,in,1,,2', '""', 'allowed are integers'],
    ['created_on,eq,yesterday', '"yesterday"', 'allowed are times such as 2026-03-02T10:03:00Z'],
    ['status,eq,DONE', '"DONE"', 'allowed are PENDING, PROCESSED'],
  ])('refuses "%s", with the value and what is allowed', (text, value, allowed) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(value) as string }),
    );
    expect(() => parse(text)).toThrow(allowed);
  });

  it('bounds conditions, values and their lengths, and says by what', () => {
    const times = (count: number, text: string, joint: string) => Array(count).fill(text).join(joint);
    expect(parse(times(32, 'size,gt,1', ';'))).toHaveLength(32);
    expect(() => parse(times(33, 'size,gt,1', ';'))).toThrow('at most 32');
    expect(parse(`size,in,${times(500, '1', ',')}`)).toHaveLength(1);
    expect(() => parse(`size,in,${times(501, '1', ',')}`)).toThrow('at most 500');
    expect(parse(`name,like,${'a'.repeat(4_096)}`)).toHaveLength(1);
    for (const operator of ['eq', 'like', 'in']) {
      expect(() => parse(`name,${operator},${'a'.repeat(65_536)}`)).toThrow('at most 4096 characters');
    }
  });

  it('quotes no more of a long value than one can read', () => {
    expect(() => parse('x'.repeat(65_536))).toThrow(/^.{0,600}$/s);
  });

  it('reads any text or says what is wrong with it', () => {
    const token = fc.oneof(
      fc.constantFrom('name', 'size', 'created_on', 'status', ',', ';', '|', '\\', '%', 'eq', 'in', 'like', '1', ' '),
      fc.string({ unit: anyCharacter, maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        try {
          parse(tokens.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage', message: expect.stringMatching(/^filter: /) as string });
        }
      }),
      { numRuns: fewRunsOf(500) },
    );
  });
});
