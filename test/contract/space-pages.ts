import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cursorAt } from '../../src/domain/lists/cursor.js';
import { orderOf } from '../../src/domain/lists/list-grammar.js';
import { compareBy } from '../../src/domain/lists/order.js';
import { parseFilter } from '../../src/domain/lists/parse-filter.js';
import {
  matchesSpace,
  SPACE_LIST,
  type SpaceField,
  type SpaceQuery,
  spaceKeyOf,
} from '../../src/domain/lists/space-list.js';
import type { Space } from '../../src/domain/model/space.js';
import { runsOf } from '../support/thorough.js';
import { configure, type IndexUnderTest, listing, type MakeIndex, syncOnce } from './index-under-test.js';

const USERS = ['Zoe', 'jm', 'lab', 'ä', '😀', '\uFF21'];
const FIELDS = Object.keys(SPACE_LIST.fields) as SpaceField[];
const anyFilter = fc
  .constantFrom(
    '',
    'user,like,%A%',
    'user,gt,jm',
    'images,ge,1',
    'last_success_on,gt,1',
    'last_sync_on,ne,0',
    'revision,in,0,2',
    'state,eq,fresh',
    'state,in,pending,stale',
    'state,ne,pending;images,ge,1',
  )
  .map((text) => parseFilter(text, SPACE_LIST.fields));
/** On either side of what is stale after an interval of 10 ms. */
const anyAge = fc.constantFrom(0, 24, 25, 26, 1_000);
const anyQuery: fc.Arbitrary<SpaceQuery> = fc.record({
  filter: anyFilter,
  sort: fc.array(fc.record({ field: fc.constantFrom(...FIELDS), direction: fc.constantFrom('asc', 'desc') }), {
    minLength: 1,
    maxLength: 3,
  }),
});

export function describeSpacePages(name: string, make: MakeIndex, runs = runsOf): void {
  describe(`space pages: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, ...USERS);
      for (const [n, user] of USERS.slice(0, 4).entries()) {
        index.clock.now += n % 2;
        await syncOnce(index, user, listing('', ['a.ova', 'b.ova', 'c.ova'].slice(0, n)));
      }
    });
    afterEach(() => index.close());

    it('lists the configured spaces as they always are listed', async () => {
      await configure(index, ...USERS.slice(1));
      const { spaces, place } = await index.catalogue.listSpaces({ sort: SPACE_LIST.byDefault });
      expect((await index.catalogue.listSpaces()).spaces).toEqual(spaces);
      expect(spaces.map(({ user }) => user)).toEqual(
        USERS.slice(1).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      expect(place).toEqual({ total: USERS.length - 1, hasBefore: false, hasAfter: false });
    });

    it('filters, orders and pages as the plain definitions do', async () => {
      const all = (await index.catalogue.listSpaces()).spaces;
      await fc.assert(
        fc.asyncProperty(anyQuery, fc.integer({ min: 1, max: 4 }), anyAge, async (asked, size, ageMs) => {
          const query = { ...asked, moment: { now: index.clock.now + ageMs, intervalMs: 10 } };
          const order = orderOf(SPACE_LIST, query.sort);
          const expected = all.filter((each) => matchesSpace(query, each)).toSorted(compareBy(order, spaceKeyOf));
          expect((await index.catalogue.listSpaces(query)).spaces).toEqual(expected);
          const met: Space[] = [];
          let page = await index.catalogue.listSpaces({ ...query, page: { number: 1, size, cursor: null } });
          for (met.push(...page.spaces); page.place.hasAfter; met.push(...page.spaces)) {
            expect(page.place.total).toBe(expected.length);
            const cursor = cursorAt('after', order, spaceKeyOf, page.spaces.at(-1) as Space);
            page = await index.catalogue.listSpaces({ ...query, page: { number: 2, size, cursor } });
          }
          expect(met).toEqual(expected);
        }),
        { numRuns: runs(150) },
      );
    });
  });
}
