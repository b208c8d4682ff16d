import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cursorAt } from '../../src/domain/lists/cursor.js';
import type { FilterTerm } from '../../src/domain/lists/filter.js';
import { orderOf } from '../../src/domain/lists/list-grammar.js';
import { compareBy } from '../../src/domain/lists/order.js';
import { matchesSync, SYNC_LIST, type SyncField, type SyncQuery, syncKeyOf } from '../../src/domain/lists/sync-list.js';
import type { Sync } from '../../src/domain/model/sync.js';
import { runsOf } from '../support/thorough.js';
import { begin, configure, end, type IndexUnderTest, type MakeIndex, spaceOf } from './index-under-test.js';

const ALL: SyncQuery = { visibleTo: null, sort: SYNC_LIST.byDefault };
const FIELDS = Object.keys(SYNC_LIST.fields) as SyncField[];

const direction = fc.constantFrom('asc', 'desc');
const anyTerm: fc.Arbitrary<FilterTerm<SyncField>> = fc.oneof(
  fc.record({
    field: fc.constantFrom('id', 'created_on', 'updated_on', 'started_on', 'ended_on'),
    operator: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
    value: fc.constantFrom(0, 3, 5, 1_000, 1_005, 1_010, 1_020),
  }),
  fc.record({
    field: fc.constant('status'),
    operator: fc.constantFrom('eq', 'ne'),
    value: fc.constantFrom('PENDING', 'IN_PROGRESS', 'PROCESSED', 'ERROR'),
  }),
  fc.record({ field: fc.constant('mode'), operator: fc.constant('in'), values: fc.constant(['full', 'hint']) }),
  fc.record({
    field: fc.constant('username'),
    operator: fc.constantFrom('eq', 'ne', 'gt'),
    value: fc.constantFrom('jm', 'lab', 'nobody'),
  }),
  fc.record({ field: fc.constant('username'), operator: fc.constant('like'), pattern: fc.constant(['', 'a', '']) }),
) as fc.Arbitrary<FilterTerm<SyncField>>;

const anyQuery: fc.Arbitrary<SyncQuery> = fc.record({
  visibleTo: fc.constantFrom(null, null, 'jm', 'root', 'nobody'),
  filter: fc.array(anyTerm, { maxLength: 2 }),
  sort: fc.array(fc.record({ field: fc.constantFrom(...FIELDS), direction }), { minLength: 1, maxLength: 3 }),
});

export function describeSyncPages(name: string, make: MakeIndex, runs = runsOf): void {
  describe(`sync pages: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, 'jm', 'lab', 'äb');
      for (let n = 0; n < 12; n++) {
        index.clock.now += 1;
        const user = ['jm', 'lab', 'äb'][n % 3] ?? '';
        const { lease } = await begin(index, user, { mode: n % 2 === 0 ? 'full' : 'incremental' });
        index.clock.now += 1;
        await end(index, lease, n % 4 === 0 ? { status: 'ERROR', errors: ['no'] } : {});
      }
      const { id: spaceId } = await spaceOf(index, 'lab');
      await index.syncs.request({ spaceId, mode: 'full', trigger: 'request', requestedBy: 'root', targets: [] });
      await begin(index, 'äb');
    });
    afterEach(() => index.close());

    it('lists every sync, the newest first', async () => {
      const { syncs, place } = await index.syncs.page(ALL);
      expect(syncs.map(({ id }) => id)).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
      expect(place).toEqual({ total: 14, hasBefore: false, hasAfter: false });
      expect(syncs[13]).toEqual(await index.syncs.find(1));
    });

    it('shows to a user the syncs of the own space and those that he asked for', async () => {
      const of = async (visibleTo: string) => (await index.syncs.page({ ...ALL, visibleTo })).syncs.map(({ id }) => id);
      expect(await of('jm')).toEqual([10, 7, 4, 1]);
      expect(await of('root')).toEqual([13]);
      expect(await of('nobody')).toEqual([]);
    });

    it('filters, orders and pages as the plain definitions do', async () => {
      const { syncs: all } = await index.syncs.page(ALL);
      await fc.assert(
        fc.asyncProperty(anyQuery, fc.integer({ min: 1, max: 6 }), async (query, size) => {
          const order = orderOf(SYNC_LIST, query.sort);
          const expected = all.filter((each) => matchesSync(query, each)).toSorted(compareBy(order, syncKeyOf));
          expect((await index.syncs.page(query)).syncs).toEqual(expected);
          const met: Sync[] = [];
          let page = await index.syncs.page({ ...query, page: { number: 1, size, cursor: null } });
          for (met.push(...page.syncs); page.place.hasAfter; met.push(...page.syncs)) {
            expect(page.place.total).toBe(expected.length);
            const cursor = cursorAt('after', order, syncKeyOf, page.syncs.at(-1) as Sync);
            page = await index.syncs.page({ ...query, page: { number: 2, size, cursor } });
          }
          expect(met).toEqual(expected);
        }),
        { numRuns: runs(150) },
      );
    });
  });
}
