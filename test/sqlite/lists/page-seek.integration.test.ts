import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseSort, totalOrder } from '../../../src/domain/lists/image-list.js';
import type { Image } from '../../../src/domain/model/image.js';
import { createLandmarks } from '../../../src/sql/page-anchors.js';
import { shortestWay, strideOf } from '../../../src/sql/page-seek.js';
import { createListReader } from '../../../src/sqlite/lists/list-reader.js';
import { createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { COLUMN_OF_KEY } from '../../../src/sqlite/read/image-rows.js';
import { imageWalk } from '../../../src/sqlite/read/image-walk.js';
import { someOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

/** Each twentieth is a tombstone, which are 6,000. */
const IMAGES = 120_000;
const ORDERS = ['name', 'name,desc', 'path', 'path,desc'];

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeAll(async () => {
  index = await makeSqliteIndex();
  fill(1, 'jm', IMAGES, 'iif(i % 20 = 7, 1, NULL)');
});
afterAll(() => index.close());

function fill(spaceId: number, user: string, images: number, missingSince: string): void {
  index.db.exec(`
    INSERT INTO spaces (id, user, url, added_at, revision) VALUES (${spaceId}, '${user}', 'http://dav.test/', 0, 1);
    INSERT INTO collections (id, space, path) VALUES (${spaceId}, ${spaceId}, '');
    INSERT INTO images (space, collection, path, name, name_key, created_at, updated_at, missing_since)
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${images - 1}),
        named AS (SELECT i, 'N' || (i * 7919 % 99991) || '.ova' AS name FROM n)
      SELECT ${spaceId}, ${spaceId}, (i % 100) || '/' || i || '/' || name, name, lower(name), 0, 0, ${missingSince} FROM named;
    UPDATE spaces SET images = (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL)`);
}

/** By their order: the list of jm as a whole, which no test changes. */
const wholeLists = new Map<string, readonly Image[]>();

/** Pages of the list of jm by their numbers, near and far, are those of the list as a whole. */
async function expectExactJumps(order: string): Promise<void> {
  const catalogue = createImageCatalogue(index.db);
  const sort = parseSort(order);
  const whole = wholeLists.get(order) ?? (await catalogue.images('jm', { nameContains: [], sort }))?.images ?? [];
  wholeLists.set(order, whole);
  expect(whole).toHaveLength((IMAGES / 20) * 19);
  const size = 70;
  const last = Math.ceil(whole.length / size);
  const numbers = [700, 701, 143, 142, 144, 1, 2, last, last - 1, 1_400, 1_000, 286, 287, 900, 429, 500];
  for (const number of numbers) {
    const found = await catalogue.images('jm', { nameContains: [], sort, page: { number, size, cursor: null } });
    expect(found?.images).toEqual(whole.slice((number - 1) * size, number * size));
    // Between them landmarks are made all through the list.
    for (let turns = 0; turns < 3; turns++) await setImmediate();
  }
}

describe('jumps in a long list', () => {
  it.each(someOf(ORDERS, 1))('lead to exactly the page of that number: %s', expectExactJumps);

  it.each(someOf(ORDERS, 2))('leave landmarks behind, so that no later one is far: %s', (name) => {
    const order = totalOrder(parseSort(name));
    const source = imageWalk(1, order, () => false);
    if (source === null) throw new Error('the order has no index');
    const [landmarks, count] = [createLandmarks(), (IMAGES / 20) * 19];
    const lists = createListReader(index.db);
    for (const offset of [count - 50_000, 50_000]) {
      lists.approach({ source, order, columnOf: COLUMN_OF_KEY, count, landmarks }, offset, 100);
    }
    for (const offset of [50_000, 57_000, 64_000, 80_000, 99_000]) {
      expect(shortestWay(offset, 100, count, landmarks).skipped).toBeLessThan(strideOf(count));
    }
  });

  it('are prepared for as soon as somebody asks for a page by its number', async () => {
    const prepare = vi.spyOn(index.db, 'prepare');
    const walked = () =>
      prepare.mock.calls.filter(([sql]) => /^SELECT images.path FROM .* LIMIT \? OFFSET \?$/.test(sql)).length;
    const catalogue = createImageCatalogue(index.db);
    const query = { nameContains: [], sort: parseSort('path') };
    const cursor = { side: 'after', keys: ['5'] } as const;
    await catalogue.images('jm', query);
    await catalogue.images('jm', { ...query, page: { number: 2, size: 10, cursor } });
    await catalogue.images('jm', { ...query, nameContains: ['n'], page: { number: 1, size: 10, cursor: null } });
    for (let turns = 0; turns < 50; turns++) await setImmediate();
    expect(walked()).toBe(0);
    await catalogue.images('jm', { ...query, page: { number: 1, size: 10, cursor: null } });
    for (let turns = 0; turns < 50; turns++) await setImmediate();
    // From the beginning, and from landmark to landmark.
    expect(walked()).toBe(2);
    prepare.mockRestore();
  });

  it('lead to exactly that page also with many tombstones in the index', async () => {
    fill(2, 'gone', 10_001, '1');
    for (const order of someOf(ORDERS, 1)) await expectExactJumps(order);
  });
});
