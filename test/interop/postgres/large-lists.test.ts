import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DescribedImage } from '../../../src/domain/description/short-description.js';
import {
  compareImages,
  type ImageQuery,
  matchesImage,
  parseImageFilter,
  parseSort,
} from '../../../src/domain/lists/image-list.js';
import {
  type FoundImage,
  MAX_SEARCHED,
  matchesFound,
  SEARCH_LIST,
  type SearchQuery,
  searchKeyOf,
} from '../../../src/domain/lists/image-search.js';
import { orderOf } from '../../../src/domain/lists/list-grammar.js';
import { compareBy } from '../../../src/domain/lists/order.js';
import { ALL } from '../../contract/index-under-test.js';
import { type ServerIndexes, startIndexes } from '../../postgres/server-index.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';

/** So many in one space that names are searched by the index of trigrams, and in all together that nobody may search one by one. */
const IN_LARGE = 40_000;
const SMALL_SPACES = 40;
const IN_SMALL = 500;
const EVERYWHERE: SearchQuery = { nameContains: [], sort: SEARCH_LIST.byDefault, withShort: true };
const page = { number: 1, size: 20, cursor: null };

describeInstalled('large lists in a genuine PostgreSQL', [postgresMissing], () => {
  let indexes: ServerIndexes;
  let index: Awaited<ReturnType<ServerIndexes['make']>>;
  let large: readonly DescribedImage[];
  let everywhere: readonly FoundImage[];

  beforeAll(async () => {
    indexes = await startIndexes();
    index = await indexes.make();
    await index.db.run(`
      INSERT INTO spaces (id, user_name, url, added_at, revision, images)
        SELECT i, 'user' || i, 'http://dav.test/', 0, 1, CASE WHEN i = 0 THEN ${IN_LARGE} ELSE ${IN_SMALL} END
        FROM generate_series(0, ${SMALL_SPACES}) AS i;
      INSERT INTO collections (id, space, path) SELECT id, id, '' FROM spaces;
      INSERT INTO images (space, collection, path, name, name_key, created_at, updated_at, changed_in, is_settled, state, family,
          memory_mib, disk_count)
        SELECT space, space, i || '/' || name, name, lower(name), 0, 0, 1, i % 1000 <> 3, CASE WHEN i % 500 = 2 THEN 4 ELSE 1 END,
          CASE WHEN i % 3 = 0 THEN 'windows' ELSE 'linux' END, 1024 * (1 + i % 3), 1
        FROM (
          SELECT i, CASE WHEN i < ${IN_LARGE} THEN 0 ELSE 1 + i % ${SMALL_SPACES} END AS space,
            (ARRAY['Web', 'Mail', 'Ärger'])[1 + i % 3] || '-' || substr(md5((i / 2)::text), 1, 8) || '_' || i % 7 || '%.ova' AS name
          FROM generate_series(0, ${IN_LARGE + SMALL_SPACES * IN_SMALL - 1}) AS i) AS named`);
    await index.db.run('VACUUM ANALYZE');
    large = (await index.catalogue.images('user0', { ...ALL, withShort: true }))?.images ?? [];
    const found = await Promise.all(
      Array.from({ length: SMALL_SPACES + 1 }, async (_, i) => {
        const list = await index.catalogue.images(`user${i}`, { ...ALL, withShort: true });
        return (list?.images ?? []).map((image) => ({ ...image, user: `user${i}` }));
      }),
    );
    everywhere = found.flat();
  }, 120_000);
  afterAll(() => indexes.stop());

  const rare = () => large[1234]?.name.slice(-15, -8) ?? '';
  const list = async (query: ImageQuery) => {
    const found = await index.catalogue.images('user0', query);
    if (found === null) throw new Error('the space is gone');
    return found;
  };

  it.each<[string, () => Partial<ImageQuery>]>([
    ['a text in few names', () => ({ nameContains: [rare()] })],
    ['a text in few names, and another that is short', () => ({ nameContains: [rare(), 'a'] })],
    ['a text in none', () => ({ nameContains: ['nobody'] })],
    ['a text in many names', () => ({ nameContains: ['MAIL-'] })],
    ['a text with a wildcard of LIKE', () => ({ nameContains: ['1%.ova', 'ärger-00'] })],
    ['a text that is short', () => ({ nameContains: ['%'] })],
    ['a pattern', () => ({ filter: parseImageFilter('name,like,web-00%_3%.ova') })],
    ['a text that the engine cannot store', () => ({ nameContains: ['mail\0'] })],
    ['a family', () => ({ filter: parseImageFilter('family,eq,windows;memory_mib,gt,1024') })],
    ["those that don't deploy", () => ({ filter: parseImageFilter('state,eq,broken') })],
    ['those that are being uploaded', () => ({ filter: parseImageFilter('settled,eq,false') })],
  ])('%s: finds and pages as a look at each image does', async (_, change) => {
    for (const sort of [ALL.sort, parseSort('memory_mib,desc;name')]) {
      const query = { ...ALL, ...change(), sort, withShort: true };
      const expected = large.filter((image) => matchesImage(query, image)).sort(compareImages(sort));
      expect((await list(query)).images).toEqual(expected);
      const { images, place } = await list({ ...query, page });
      expect(images).toEqual(expected.slice(0, page.size));
      expect(place.total).toBe(expected.length);
    }
  });

  it.each(['name', 'name,desc', 'path', 'name;size,desc'])(
    'finds pages in the order %s wherever they are',
    async (by) => {
      const sort = parseSort(by);
      const expected = large.toSorted(compareImages(sort));
      for (const number of [1, 2, 700, 1_000, 1_001, 1_999, 2_000]) {
        const { images } = await list({ ...ALL, sort, withShort: true, page: { ...page, number } });
        expect(images).toEqual(expected.slice((number - 1) * page.size, number * page.size));
      }
    },
  );

  it.each<[string, () => Partial<SearchQuery>]>([
    ['a text in few names', () => ({ nameContains: [rare()] })],
    ['a pattern', () => ({ filter: parseImageFilter('name,like,web-00%_3%.ova') })],
    ['a text in none', () => ({ nameContains: ['nobody'] })],
    ['one user', () => ({ filter: [{ field: 'user', operator: 'eq', value: 'user7' }] })],
    ['a family in pages', () => ({ filter: parseImageFilter('family,eq,windows'), page })],
    ["those that don't deploy", () => ({ filter: parseImageFilter('state,in,broken,incomplete'), page })],
  ])('%s: is searched in all spaces as by a look at each image', async (_, change) => {
    const query = { ...EVERYWHERE, ...change() };
    const expected = everywhere
      .filter((image) => matchesFound(query, image))
      .sort(compareBy(orderOf(SEARCH_LIST, query.sort), searchKeyOf));
    const { images, place } = await index.catalogue.search(query);
    expect(place.total).toBe(expected.length);
    expect(images).toEqual(query.page === undefined ? expected : expected.slice(0, page.size));
  });

  it.each<[string, Partial<SearchQuery>]>([
    ['everything', {}],
    ['a text that is short', { nameContains: ['ai'] }],
    ['a text in too many names', { nameContains: ['.ova'] }],
    ['a family at once', { filter: parseImageFilter('family,eq,windows') }],
    ['those that deploy', { filter: parseImageFilter('state,eq,ok') }],
  ])('%s: is refused, as too many would have to be looked at', async (_, change) => {
    expect(everywhere.length).toBeGreaterThan(MAX_SEARCHED);
    await expect(index.catalogue.search({ ...EVERYWHERE, ...change })).rejects.toMatchObject({ code: 'usage' });
  });
});
