import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSort } from '../../../src/domain/lists/image-list.js';
import { SEARCH_LIST, type SearchQuery } from '../../../src/domain/lists/image-search.js';
import { parseFilter } from '../../../src/domain/lists/parse-filter.js';
import { createListReader, type ListReader } from '../../../src/sqlite/lists/list-reader.js';
import { createNameSearch } from '../../../src/sqlite/names/name-search.js';
import { createImageSearch } from '../../../src/sqlite/read/image-search.js';
import { configure, image, listing, syncOnce } from '../../contract/index-under-test.js';
import { broken, described } from '../../support/readings.js';
import { makeSqliteIndex } from '../temporary-index.js';

const PAGE = { number: 1, size: 4, cursor: null };

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeEach(async () => {
  index = await makeSqliteIndex();
  const spaces = await configure(index, 'jm', 'lab', 'old');
  for (const { id, user } of spaces) {
    const images = Array.from({ length: 12 }, (_, at) => image(`${user === 'jm' ? 'a' : 'b'}-${at % 5}/vm${at}.ova`));
    await syncOnce(index, user, listing('', [], [...new Set(images.map(({ path }) => path.slice(0, 3)))]));
    for (const folder of new Set(images.map(({ path }) => path.slice(0, 3)))) {
      await syncOnce(
        index,
        user,
        listing(
          folder,
          images.filter(({ path }) => path.startsWith(folder)),
        ),
      );
    }
    for (const [at, each] of (await index.descriptions.toRead(id, 100)).entries()) {
      const family = at % 3 === 0 ? 'windows' : 'linux';
      const reading = at % 5 === 0 ? broken('empty') : described({ family, memoryMib: 1_024 * (1 + (at % 4)) });
      await index.descriptions.store(id, each, reading, { requests: 1, bytes: 1 });
    }
  }
  await configure(index, 'jm', 'lab');
});
afterEach(() => index.close());

const ask = (filter: string, rest: Partial<SearchQuery> = {}): SearchQuery => ({
  nameContains: [],
  filter: parseFilter(filter, SEARCH_LIST.fields),
  sort: SEARCH_LIST.byDefault,
  page: PAGE,
  withShort: true,
  ...rest,
});
/** Makes the spaces count so many images that they can't be checked one by one. */
const pretendMany = () => void index.db.exec('UPDATE spaces SET images = 100000');

describe('a search among more images than can be checked one by one', () => {
  it.each<[string, Partial<SearchQuery>?]>([
    ['family,eq,linux'],
    ['family,eq,linux', { sort: parseSort('name,desc') }],
    ['family,eq,windows;memory_mib,le,2048;state,eq,ok'],
    ['family,eq,linux;name,like,%vm1%'],
    ['family,eq,linux', { nameContains: ['vm1'] }],
    ['family,eq,bsd'],
    ['family,eq,linux', { page: { ...PAGE, number: 2 } }],
    ['state,eq,broken'],
    [
      'state,in,broken|incomplete',
      {
        sort: [
          { field: 'user', direction: 'asc' },
          { field: 'path', direction: 'desc' },
        ],
      },
    ],
    ['state,eq,incomplete'],
  ])('finds what one by one would find: %s %j', async (filter, rest = {}) => {
    const expected = await index.catalogue.search(ask(filter, rest));
    pretendMany();
    expect(await index.catalogue.search(ask(filter, rest))).toEqual(expected);
    expect(await index.catalogue.search(ask(filter, rest))).toEqual(expected);
  });

  it('finds broken images without pages, too', async () => {
    const whole = {
      nameContains: [],
      filter: parseFilter('state,eq,broken', SEARCH_LIST.fields),
      sort: parseSort('name'),
    };
    const expected = await index.catalogue.search(whole);
    expect(expected.images.length).toBeGreaterThan(3);
    pretendMany();
    expect(await index.catalogue.search(whole)).toEqual(expected);
  });

  it('counts a family anew once somebody has written', async () => {
    pretendMany();
    const count = async () => (await index.catalogue.search(ask('family,eq,linux'))).place.total;
    const before = await count();
    const [one] = (await index.catalogue.search(ask('family,eq,linux'))).images;
    index.db.prepare('UPDATE images SET family = NULL WHERE id = ?').run(one?.id);
    expect(await count()).toBe(before - 1);
  });

  it.each<[string, Partial<SearchQuery>]>([
    ['family,eq,linux;os,like,%ubuntu%', {}],
    ['family,eq,linux', { sort: parseSort('memory_mib') }],
    ['family,ne,linux', {}],
    ['state,eq,ok', {}],
    ['state,ne,broken', {}],
  ])('refuses what no index tells: %s %j', async (filter, rest) => {
    pretendMany();
    await expect(index.catalogue.search(ask(filter, rest))).rejects.toMatchObject({ code: 'usage' });
  });
});

it('finds what few names have without asking all spaces how many images they hold', async () => {
  const lists: ListReader = {
    ...createListReader(index.db),
    sum: () => expect.fail('all spaces were summed up'),
  };
  const search = createImageSearch(index.db, lists, { names: createNameSearch(index.db), stampNow: () => 0 });
  const query: SearchQuery = { nameContains: ['vm11'], sort: SEARCH_LIST.byDefault };
  expect(search(query)).toEqual(await index.catalogue.search(query));
  expect(search(query).place.total).toBe(2);
});
