import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Anchor, anchorAt, type Cursor, cursorAt } from '../../../src/domain/lists/cursor.js';
import { keyOf, parseSort, totalOrder } from '../../../src/domain/lists/image-list.js';
import type { Image } from '../../../src/domain/model/image.js';
import { createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { runsOf, sizeOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeEach(async () => {
  index = await makeSqliteIndex();
});
afterEach(() => index.close());

/** Fills the space of jm with images in an order that is neither that of their paths nor that of their names. */
function fill(images: number, sizeOf: string, idOf = 'i + 1'): void {
  index.db.exec(`
    INSERT INTO spaces (id, user, url, added_at, revision) VALUES (1, 'jm', 'http://dav.test/', 0, 1);
    INSERT INTO collections (id, space, path) VALUES (1, 1, '');
    INSERT INTO images (id, space, collection, path, name, name_key, size_bytes, modified_at, created_at, updated_at, missing_since, changed_in)
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${images - 1}),
        named AS (SELECT i, 'N' || (i * 7919 % 997) || '.ova' AS name FROM n)
      SELECT ${idOf}, 1, 1, (i * 31 % 101) || '/' || i || '/' || name, name, lower(name), ${sizeOf}, i % 5, i % 3, 1700000000000 + i % 7,
        iif(i % 10 = 3, 1, NULL), 1 FROM named`);
  count(index.db);
}

function count(db: Database): void {
  db.exec('UPDATE spaces SET images = (SELECT count(*) FROM images WHERE space = 1 AND missing_since IS NULL)');
}

/** Lets a commit change the list: `set` is what becomes of these images. */
function change(set: string, where: string): void {
  index.db.transaction(() => {
    index.db.exec('UPDATE spaces SET revision = revision + 1');
    index.db.exec(`UPDATE images SET ${set}, changed_in = (SELECT revision FROM spaces WHERE id = 1) WHERE ${where}`);
    count(index.db);
  })();
}

const ORDERED = { orderedFrom: 1 };
const SIZE = 23;
type Catalogue = ReturnType<typeof createImageCatalogue>;

const wholeList = async (sort: string) =>
  (await index.catalogue.images('jm', { nameContains: [], sort: parseSort(sort) }))?.images ?? [];
const pageOf = async (catalogue: Catalogue, sort: string, number: number, cursor: Cursor | Anchor | null = null) =>
  (await catalogue.images('jm', { nameContains: [], sort: parseSort(sort), page: { number, size: SIZE, cursor } }))
    ?.images ?? [];

async function expectWhole(catalogue: Catalogue, sort: string): Promise<void> {
  const whole = await wholeList(sort);
  const last = Math.ceil(whole.length / SIZE);
  for (const number of [last, 1, 2, Math.ceil(last / 2), last + 1]) {
    expect(await pageOf(catalogue, sort, number)).toEqual(whole.slice((number - 1) * SIZE, number * SIZE));
  }
  const at = Math.floor(whole.length / 2);
  const beside = (side: Cursor['side']) => cursorAt(side, totalOrder(parseSort(sort)), keyOf, whole[at] as Image);
  expect(await pageOf(catalogue, sort, 2, beside('after'))).toEqual(whole.slice(at + 1, at + 1 + SIZE));
  expect(await pageOf(catalogue, sort, 2, beside('before'))).toEqual(whole.slice(at - SIZE, at));
}

/** Counts statements that sort a list by sizes, or look for a place in it. */
function countSorts(): () => number {
  const prepare = vi.spyOn(index.db, 'prepare');
  return () =>
    prepare.mock.calls.filter(([sql]) => /ORDER BY coalesce\(images\.size_bytes.* LIMIT \? OFFSET \?/s.test(`${sql}`))
      .length;
}

describe('pages in orders by numbers', () => {
  it.each([
    ['few images that are alike', 'i % 400', 'i + 1'],
    ['many that are alike', 'i % 2', 'i + 1'],
    ['many that are alike, with ids far from each other', 'NULL', 'i * 1000 + 7'],
  ])('are those of the whole list: %s', async (_name, sizeOf, idOf) => {
    fill(6_000, sizeOf, idOf);
    const catalogue = createImageCatalogue(index.db, ORDERED);
    for (const sort of [
      'size',
      'size,desc',
      'updated_on',
      'size;name',
      'modified_on,desc;size',
      'size,desc;created_on',
    ]) {
      await expectWhole(catalogue, sort);
    }
  });

  it('are found without sorting the list again, by numbers and by cursors, in both directions', async () => {
    fill(500, 'i % 50');
    const catalogue = createImageCatalogue(index.db, ORDERED);
    const sorts = countSorts();
    const [first] = await pageOf(catalogue, 'size', 3);
    await pageOf(catalogue, 'size', 7);
    await pageOf(catalogue, 'size', 8, cursorAt('after', totalOrder(parseSort('size')), keyOf, first as Image));
    await pageOf(catalogue, 'size,desc', 2);
    expect(sorts()).toBe(0);
    await pageOf(createImageCatalogue(index.db), 'size', 3);
    expect(sorts()).toBe(1);
  });

  it('are those of the list as it is, whatever has changed since the last one', async () => {
    fill(2_000, 'i % 50');
    const catalogue = createImageCatalogue(index.db, ORDERED);
    const anyIds = fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 0, max: 600 }));
    const anySet = fc.constantFrom(
      'missing_since = 5',
      'missing_since = NULL',
      'size_bytes = NULL',
      'size_bytes = 7',
      'size_bytes = size_bytes + 20',
      "path = 'moved/' || path",
    );
    await fc.assert(
      fc.asyncProperty(
        anyIds,
        anySet,
        fc.constantFrom('size', 'size,desc', 'size;name'),
        async ([from, ids], set, sort) => {
          await pageOf(catalogue, sort, 1);
          change(set, `id BETWEEN ${from} AND ${from + ids} AND length(path) < 500`);
          await expectWhole(catalogue, sort);
        },
      ),
      { numRuns: runsOf(30) },
    );
  });

  it('are those of the list as it is, after tombstones were forgotten', async () => {
    fill(300, 'i % 50');
    const catalogue = createImageCatalogue(index.db, ORDERED);
    await pageOf(catalogue, 'size', 1);
    change('missing_since = 5', 'id < 40');
    index.db.exec('DELETE FROM images WHERE id < 40; UPDATE spaces SET forgotten_in = revision');
    change('missing_since = NULL, collection = 1', 'missing_since IS NOT NULL AND id > 40');
    await expectWhole(catalogue, 'size');
  });

  it('are true of one moment, if the list changes while its order is found out', async () => {
    const images = sizeOf(60_000, 20_000);
    fill(images, 'i % 50');
    const catalogue = createImageCatalogue(index.db, ORDERED);
    const before = await wholeList('size');
    const asked = pageOf(catalogue, 'size', 2);
    // Its reading has begun, and takes several turns; that of the other order has not.
    const page = { number: 1, size: SIZE, cursor: null };
    const queued = catalogue.images('jm', { nameContains: [], sort: parseSort('modified_on'), page });
    await new Promise(setImmediate);
    change('size_bytes = 0', `id > ${images - 10_000}`);
    const later = pageOf(catalogue, 'size', 2);
    expect((await queued)?.space.revision).toBe(2);
    expect((await queued)?.images).toEqual((await wholeList('modified_on')).slice(0, SIZE));
    expect(await asked).toEqual(before.slice(SIZE, 2 * SIZE));
    expect(await later).toEqual((await wholeList('size')).slice(SIZE, 2 * SIZE));
  });

  it('are asked for in vain, once the index is closed', async () => {
    // Its reading takes several turns.
    fill(sizeOf(60_000, 20_000), 'i % 50');
    const asked = pageOf(createImageCatalogue(index.db, ORDERED), 'size', 2);
    await new Promise(setImmediate);
    index.db.close();
    await expect(asked).rejects.toMatchObject({ code: 'index' });
  });

  it('are given to all who wait for the same order, but to one whose cursor leads nowhere', async () => {
    fill(300, 'i % 50');
    const whole = await wholeList('size');
    const catalogue = createImageCatalogue(index.db, ORDERED);
    const cursor = anchorAt(cursorAt('after', totalOrder(parseSort('size')), keyOf, whole[0] as Image), 1_000_000);
    const [first, lost, second] = await Promise.allSettled([
      pageOf(catalogue, 'size', 1),
      pageOf(catalogue, 'size', 1, cursor),
      pageOf(catalogue, 'size,desc', 1),
    ]);
    expect(first).toMatchObject({ value: whole.slice(0, SIZE) });
    expect(lost).toMatchObject({ reason: { code: 'usage' } });
    expect(second).toMatchObject({ value: whole.slice(-SIZE).reverse() });
  });

  it('are sorted by SQLite as ever, if there are other images than the space has counted', async () => {
    fill(300, 'i % 50');
    index.db.exec('UPDATE spaces SET images = images - 1');
    const whole = await wholeList('size');
    expect(await pageOf(createImageCatalogue(index.db, ORDERED), 'size', 2)).toEqual(whole.slice(SIZE, 2 * SIZE));
  });

  it('are sorted by SQLite as ever, if ids have more than 32 bits', async () => {
    fill(300, 'i % 50', 'i + 4294967200');
    await expectWhole(createImageCatalogue(index.db, ORDERED), 'size');
  });

  it('are of the space of the one who asks', async () => {
    fill(300, 'i % 50');
    expect(
      await createImageCatalogue(index.db, ORDERED).images('nobody', {
        nameContains: [],
        sort: parseSort('size'),
        page: { number: 1, size: SIZE, cursor: null },
      }),
    ).toBeNull();
  });
});
