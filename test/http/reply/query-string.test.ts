import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SORT, SORT_FIELDS } from '../../../src/domain/lists/image-list.js';
import { parseImageQuery } from '../../../src/http/lists/list-query.js';
import { queryOf } from '../../../src/http/reply/query-string.js';
import { anyCharacter } from '../../support/any-character.js';
import { fewRunsOf } from '../../support/thorough.js';

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
    ['name[]=a&name%5B%5D=b', ['a', 'b']],
    ['name[0]=a&name[1]=b', ['a', 'b']],
    ['name[x]=a&name[]b=c&[]=d', []],
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
    ['sort=;', DEFAULT_SORT],
    ['sort[]=path', [{ field: 'path', direction: 'asc' }]],
    [
      'sort=;size,desc;;name;&sort=',
      [
        { field: 'size', direction: 'desc' },
        { field: 'name', direction: 'asc' },
      ],
    ],
  ])('of "%s" is %j', (raw, sort) => expect(queryFrom(raw).sort).toEqual(sort));

  it.each([
    ['sort=color', SORT_FIELDS],
    ['sort=name;color', SORT_FIELDS],
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
    ['filter=;', []],
    ['filter[]=size,gt,1;&filter[]=;', [{ field: 'size', operator: 'gt', value: 1 }]],
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

describe('what an image query does not know', () => {
  const ignoredIn = (raw: string) => {
    const parsed = parseImageQuery(raw);
    return 'ignored' in parsed ? parsed.ignored : null;
  };

  it.each([
    ['', []],
    ['name=a&sort=&filter=&page=1&per_page=2', []],
    ['expand=1&groups=1&summary=1&count=1', []],
    ['&&=x&name[]=a', []],
    ['fitler=name,eq,a', ['fitler']],
    ['Name=a&NAME=b', ['Name', 'NAME']],
    ['limit=5&limit=6&offset', ['limit', 'offset']],
    ['name[like]=a&page[size]=1&filter[name]=x', ['name[like]', 'page[size]', 'filter[name]']],
    ['n%C3%A4me=a&%E4=b', ['näme', '%E4']],
  ])('is told: of "%s" that is %j', (raw, names) => expect(ignoredIn(raw)).toEqual(names));

  it('is told within bounds', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `${'x'.repeat(100)}${i}=1&y${i}=1`).join('&');
    const told = ignoredIn(many) ?? [];
    expect(told.length).toBe(20);
    expect(Math.max(...told.map(({ length }) => length))).toBe(64);
  });
});

describe('a parameter that is given twice', () => {
  it.each(['sort=name&sort=path', 'page=1&page=1', 'per_page=1&per_page[]=2', 'cursor=a&cursor=a'])(
    'is refused where it is no filter: %s',
    (raw) => {
      const [name = ''] = raw.split('=');
      expect(faultsFrom(raw)).toContainEqual({ parameter: name, detail: `${name}: given 2 times; allowed is once` });
    },
  );
});

describe('any query', () => {
  it('names every fault at once', () => {
    const parameters = faultsFrom('name=%&sort=color&filter=x').map(({ parameter }) => parameter);
    expect(new Set(parameters)).toEqual(new Set(['name', 'sort', 'filter']));
  });

  it('is a query or names a parameter, and never throws', () => {
    const token = fc.oneof(
      fc.constantFrom('name', 'sort', 'filter', '=', '&', ';', ',', '%', '+', '%E4', '%00', 'desc', '#', '?'),
      fc.string({ unit: anyCharacter, maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const parsed = parseImageQuery(tokens.join(''));
        if (!('faults' in parsed)) expect(parsed.query.sort.length).toBeGreaterThan(0);
        else for (const { parameter } of parsed.faults) expect(['name', 'sort', 'filter']).toContain(parameter);
      }),
      { numRuns: fewRunsOf(500) },
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
