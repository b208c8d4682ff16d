import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SORT, SORT_FIELDS } from '../../src/domain/query.js';
import { parseImageQuery } from '../../src/http/list-query.js';
import { queryOf } from '../../src/http/query-string.js';

const queryFrom = (raw: string) => {
  const parsed = parseImageQuery(raw);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.query;
};
const faultsFrom = (raw: string) => {
  const parsed = parseImageQuery(raw);
  return 'faults' in parsed ? parsed.faults : [];
};

describe('the query of a URL', () => {
  it.each([
    ['http://h/v2/image', ''],
    ['http://h/v2/image?', ''],
    ['http://h/v2/image?a=1?b', 'a=1?b'],
    ['http://h/v2/image?a=1#b?c', 'a=1'],
    ['http://h/v2/image#?a=1', ''],
  ])('of %s is "%s"', (url, query) => expect(queryOf(url)).toBe(query));
});

describe('the names of an image query', () => {
  it.each([
    ['', []],
    ['name=ubuntu', ['ubuntu']],
    ['name=', []],
    ['name', []],
    ['name=&name=a', ['a']],
    ['name=a&name=b', ['a', 'b']],
    ['name=a+b', ['a b']],
    ['name=a%2Bb', ['a+b']],
    ['name=%25_', ['%_']],
    ['name=%C3%BC', ['ü']],
    ['name=a=b', ['a=b']],
    ['n%61me=a', ['a']],
    ['NAME=a', []],
    ['names=a&user=b&expand=1&groups=1&per_page=5&page=2', []],
    ['&&=&=x', []],
    ['%E4=x&zz=%E4', []],
  ])('of "%s" are %j', (raw, names) => expect(queryFrom(raw).nameContains).toEqual(names));

  it('are refused where they are no percent-encoded UTF-8', () => {
    for (const value of ['%', '%E4', '%zz', 'a%2', '%ED%A0%80']) {
      const [fault, ...others] = faultsFrom(`name=${value}`);
      expect(others).toEqual([]);
      expect(fault?.parameter).toBe('name');
      expect(fault?.detail).toContain(`"${value}"`);
    }
  });

  it('are refused from the thirty-third on', () => {
    const given = (times: number) => Array.from({ length: times }, () => 'name=a').join('&');
    expect(faultsFrom(given(32))).toEqual([]);
    expect(faultsFrom(given(33))).toMatchObject([{ parameter: 'name', detail: expect.stringContaining('at most 32') }]);
  });
});

describe('the order of an image query', () => {
  it.each([
    ['', DEFAULT_SORT],
    ['sort=', DEFAULT_SORT],
    ['sort=path', [{ field: 'path', direction: 'asc' }]],
    ['sort=name,desc', [{ field: 'name', direction: 'desc' }]],
    ['sort=name%2Cdesc', [{ field: 'name', direction: 'desc' }]],
    [
      'sort=size,desc;name',
      [
        { field: 'size', direction: 'desc' },
        { field: 'name', direction: 'asc' },
      ],
    ],
    [
      'sort=size,desc&sort=&sort=name',
      [
        { field: 'size', direction: 'desc' },
        { field: 'name', direction: 'asc' },
      ],
    ],
  ])('of "%s" is %j', (raw, sort) => expect(queryFrom(raw).sort).toEqual(sort));

  it.each([
    ['sort=color', SORT_FIELDS],
    ['sort=name;;path', SORT_FIELDS],
    ['sort=name,up', ['name,asc', 'name,desc']],
    ['sort=name,asc,desc', ['name,asc', 'name,desc']],
  ])('is refused for %s, with what is allowed', (raw, allowed) => {
    const [fault] = faultsFrom(raw);
    expect(fault?.parameter).toBe('sort');
    for (const each of allowed) expect(fault?.detail).toContain(each);
  });
});

describe('the filter of an image query', () => {
  it.each([
    ['filter=', []],
    ['filter=+', []],
    ['filter=name,like,%25a%25', [{ field: 'name', operator: 'like', pattern: ['', 'a', ''] }]],
    ['filter=name%2Clike%2C%25a%25', [{ field: 'name', operator: 'like', pattern: ['', 'a', ''] }]],
    ['filter=name,eq,a+b', [{ field: 'name', operator: 'eq', value: 'a b' }]],
    [
      'filter=size,gt,1;size,lt,5&filter=&filter=id,ne,3',
      [
        { field: 'size', operator: 'gt', value: 1 },
        { field: 'size', operator: 'lt', value: 5 },
        { field: 'id', operator: 'ne', value: 3 },
      ],
    ],
  ])('of "%s" is %j', (raw, filter) => expect(queryFrom(raw).filter).toEqual(filter));

  it('has at most 32 conditions, in one parameter or in several', () => {
    const given = (times: number) => Array.from({ length: times }, () => 'filter=size,gt,1').join('&');
    expect(faultsFrom(given(32))).toEqual([]);
    expect(faultsFrom(given(33))).toMatchObject([
      { parameter: 'filter', detail: expect.stringContaining('at most 32') },
    ]);
  });
});

describe('any query', () => {
  it('names every fault at once', () => {
    const parameters = faultsFrom('name=%&sort=color&filter=x').map(({ parameter }) => parameter);
    expect(new Set(parameters)).toEqual(new Set(['name', 'sort', 'filter']));
  });

  it('is a query or names a parameter, and never throws', () => {
    const token = fc.oneof(
      fc.constantFrom('name', 'sort', 'filter', '=', '&', ';', ',', '%', '+', '%E4', '%00', 'desc', '#', '?'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const parsed = parseImageQuery(tokens.join(''));
        if (!('faults' in parsed)) expect(parsed.query.sort.length).toBeGreaterThan(0);
        else for (const { parameter } of parsed.faults) expect(['name', 'sort', 'filter']).toContain(parameter);
      }),
      { numRuns: 500 },
    );
  });

  it('finds any name again that a form encodes', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (names) => {
        const form = new URLSearchParams();
        for (const name of names) form.append('name', name);
        expect(queryFrom(form.toString()).nameContains).toEqual(names);
      }),
    );
  });
});
