import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageQuery } from '../../src/domain/lists/image-list.js';
import type { Database } from '../../src/postgres/connection/database.js';
import { createImageCatalogue } from '../../src/postgres/read/image-catalogue.js';
import { ALL, begin, commit, configure, end, image, listing } from '../contract/index-under-test.js';
import { AWKWARD_NAMES, anyImageQuery } from '../support/image-queries.js';
import { runsOf } from '../support/thorough.js';
import { makePgliteIndex } from './pglite-index.js';

const pathsOf = (list: { readonly images: readonly { readonly path: string }[] } | null) =>
  list === null ? null : list.images.map(({ path }) => path);
const containing = (text: string): ImageQuery => ({ ...ALL, nameContains: [text] });
const firstPage = (text: string): ImageQuery => ({ ...containing(text), page: { number: 1, size: 2, cursor: null } });

describe('lists of images', () => {
  let index: Awaited<ReturnType<typeof makePgliteIndex>>;
  let catalogue: ReturnType<typeof createImageCatalogue>;
  let asked: string[];
  beforeEach(async () => {
    index = await makePgliteIndex();
    asked = [];
    catalogue = createImageCatalogue(watched(index.db, asked));
    await configure(index, 'jm', 'lab');
  });
  afterEach(() => index.close());

  const fill = async (names: readonly string[]) => {
    const { lease } = await begin(index, 'jm');
    const images = names.map((name, i) => image(name, { sizeBytes: i % 3 === 0 ? null : i % 5 }));
    await commit(index, lease, listing('', images), { removals: 'apply' });
    await end(index, lease);
  };

  it('of a small space in memory are what the database answers', async () => {
    await fill(AWKWARD_NAMES);
    await catalogue.images('jm', ALL);
    await catalogue.images('jm', ALL);
    await fc.assert(
      fc.asyncProperty(anyImageQuery, async (query) => {
        const whole = { nameContains: query.nameContains, filter: query.filter ?? [], sort: query.sort };
        expect(await catalogue.images('jm', whole)).toEqual(await createImageCatalogue(index.db).images('jm', whole));
      }),
      { numRuns: runsOf(50) },
    );
  });

  it('of a small space need no database while nobody writes', async () => {
    await fill(['a.ova', 'b.ova', 'ab.ova']);
    for (let n = 0; n < 2; n++) await catalogue.images('jm', ALL, undefined, 7);
    asked.length = 0;
    expect(pathsOf(await catalogue.images('jm', containing('b'), undefined, 7))).toEqual(['ab.ova', 'b.ova']);
    expect(asked).toEqual([]);
    // Somebody has written, somewhere: the revision of the space is asked for, and it is the same.
    expect(pathsOf(await catalogue.images('jm', containing('a.'), undefined, 8))).toEqual(['a.ova']);
    expect(asked).toHaveLength(1);
    expect(pathsOf(await catalogue.images('jm', containing('a.'), undefined, 8))).toEqual(['a.ova']);
    expect(asked).toHaveLength(1);
  });

  it('are those of the revision that they come with, whatever was known before', async () => {
    for (const names of [['a.ova', 'b.ova'], ['b.ova', 'b2.ova', 'd.ova'], ['d.ova']]) {
      await fill(names);
      const holders = names.filter((name) => name.includes('b'));
      for (let n = 0; n < 3; n++) {
        const [whole, page] = [
          await catalogue.images('jm', containing('b')),
          await catalogue.images('jm', firstPage('b')),
        ];
        expect(pathsOf(whole)).toEqual(holders);
        expect(pathsOf(page)).toEqual(holders);
        expect(page?.place.total).toBe(holders.length);
        expect(page?.space).toEqual(await catalogue.space('jm'));
      }
    }
  });

  it('are counted once at each revision', async () => {
    await fill(['a.ova', 'b.ova', 'b1.ova', 'b2.ova']);
    const counted = () => asked.filter((sql) => sql.includes('count(*)')).length;
    for (let n = 0; n < 3; n++) expect((await catalogue.images('jm', firstPage('b')))?.place.total).toBe(3);
    expect(counted()).toBe(1);
    await catalogue.images('jm', { ...firstPage('b'), sort: [{ field: 'id', direction: 'desc' }] });
    expect(counted()).toBe(1);
    await fill(['b.ova']);
    expect((await catalogue.images('jm', firstPage('b')))?.place.total).toBe(1);
  });

  it('are read together with their space once it is known', async () => {
    await fill(['a.ova', 'b.ova']);
    await catalogue.images('jm', firstPage('a'), undefined, 1);
    asked.length = 0;
    await catalogue.images('jm', firstPage('a'), undefined, 2);
    expect(asked).toHaveLength(2);
  });

  it('end with the space, and begin anew with the next one of the same name', async () => {
    await fill(['a.ova']);
    for (let n = 0; n < 3; n++) await catalogue.images('jm', firstPage(''), undefined, n);
    await configure(index, 'lab');
    expect(await catalogue.images('jm', firstPage(''), undefined, 10)).toBeNull();
    await configure(index, 'jm', 'lab');
    expect(pathsOf(await catalogue.images('jm', firstPage(''), undefined, 11))).toEqual(['a.ova']);
  });
});

/** Notes the statements of all transactions that read. */
function watched(db: Database, asked: string[]): Database {
  return {
    ...db,
    read: (work) =>
      db.read((session) =>
        work({
          ...session,
          rows: (sql, values) => {
            asked.push(sql);
            return session.rows(sql, values);
          },
        }),
      ),
  };
}
