import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cursorAt } from '../../src/domain/lists/cursor.js';
import {
  type FoundImage,
  matchesFound,
  SEARCH_LIST,
  type SearchQuery,
  searchKeyOf,
} from '../../src/domain/lists/image-search.js';
import { orderOf } from '../../src/domain/lists/list-grammar.js';
import { compareBy } from '../../src/domain/lists/order.js';
import { AWKWARD_NAMES, anySearchQuery } from '../support/image-queries.js';
import { runsOf } from '../support/thorough.js';
import { configure, type IndexUnderTest, image, listing, type MakeIndex, syncOnce } from './index-under-test.js';

const ALL: SearchQuery = { nameContains: [], sort: SEARCH_LIST.byDefault };
const USERS = ['jm', 'lab', 'ä'];

export function describeImageSearch(name: string, make: MakeIndex, runs = runsOf): void {
  describe(`image search: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, ...USERS);
    });
    afterEach(() => index.close());

    const found = async (query: SearchQuery) =>
      (await index.catalogue.search(query)).images.map(({ user, path }) => `${user}:${path}`);

    it('shows the images of all configured spaces with their users', async () => {
      for (const user of USERS) await syncOnce(index, user, listing('', ['x.ova', `${user}.ova`]));
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      // Of the same name and path the one that came first.
      expect(await found(ALL)).toEqual(['lab:lab.ova', 'jm:x.ova', 'lab:x.ova', 'ä:x.ova', 'ä:ä.ova']);
      expect(await found({ ...ALL, nameContains: ['AB'] })).toEqual(['lab:lab.ova']);
      await configure(index, 'jm', 'ä');
      expect(await found({ ...ALL, nameContains: ['x'] })).toEqual(['jm:x.ova', 'ä:x.ova']);
    });

    it('finds, orders and pages as the plain definitions do', async () => {
      for (const [n, user] of USERS.entries()) {
        const images = AWKWARD_NAMES.map((each, i) => image(each, { sizeBytes: (i + n) % 3 === 0 ? null : i % 4 }));
        await syncOnce(index, user, listing('', images.slice(n, n + 12)));
      }
      const { images: all, place } = await index.catalogue.search({ ...ALL, withShort: true });
      expect(all).toHaveLength(36);
      expect(place).toEqual({ total: 36, hasBefore: false, hasAfter: false });
      await fc.assert(
        fc.asyncProperty(anySearchQuery(USERS), fc.integer({ min: 1, max: 15 }), async (asked, size) => {
          const query = { ...asked, withShort: true };
          const order = orderOf(SEARCH_LIST, query.sort);
          const expected = all.filter((each) => matchesFound(query, each)).toSorted(compareBy(order, searchKeyOf));
          expect((await index.catalogue.search(query)).images).toEqual(expected);
          const met: FoundImage[] = [];
          let page = await index.catalogue.search({ ...query, page: { number: 1, size, cursor: null } });
          for (met.push(...page.images); page.place.hasAfter; met.push(...page.images)) {
            expect(page.place.total).toBe(expected.length);
            const cursor = cursorAt('after', order, searchKeyOf, page.images.at(-1) as FoundImage);
            page = await index.catalogue.search({ ...query, page: { number: 2, size, cursor } });
          }
          expect(met).toEqual(expected);
        }),
        { numRuns: runs(150) },
      );
    });
  });
}
