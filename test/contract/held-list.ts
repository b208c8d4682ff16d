import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cursorAt } from '../../src/domain/lists/cursor.js';
import {
  HELD_LIST,
  type HeldField,
  type HeldImage,
  type HeldQuery,
  heldKeyOf,
  matchesHeld,
} from '../../src/domain/lists/held-list.js';
import { orderOf } from '../../src/domain/lists/list-grammar.js';
import { compareBy } from '../../src/domain/lists/order.js';
import { parseFilter } from '../../src/domain/lists/parse-filter.js';
import { runsOf } from '../support/thorough.js';
import {
  at,
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  image,
  listing,
  type MakeIndex,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

const ALL: HeldQuery = { nameContains: [], sort: HELD_LIST.byDefault };
const NAMES = ['b.ova', 'A.ova', 'a.ova', 'Ä.ova', '😀.ova', '\uFF21.ova'];
const FIELDS = Object.keys(HELD_LIST.fields) as HeldField[];

export function describeHeldList(name: string, make: MakeIndex, runs = runsOf): void {
  describe(`held images: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      index.clock.now = 1_000_000;
      await configure(index, 'jm', 'lab');
    });
    afterEach(() => index.close());

    /** A sync that misses these and holds their removal. */
    const miss = async (seen: Parameters<typeof listing>[1], removals: number, absent: readonly string[] = []) => {
      index.clock.now += 1_000;
      const { lease } = await begin(index, 'jm');
      const collections = absent.length > 0 ? [] : ['d'];
      await commit(index, lease, listing('', seen, collections), { removals: 'hold', absent: absent.map(at) });
      const reason = `${removals} are gone`;
      await end(index, lease, { heldRemovals: removals, heldReasons: [reason], warnings: [`held: ${reason}`] });
    };
    const held = async (query: Partial<HeldQuery> = {}) => await index.catalogue.held('jm', { ...ALL, ...query });

    it('are none where nothing is held, and unknown where there is no space', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      expect(await held()).toMatchObject({ images: [], space: { heldRemovals: null, heldReasons: [] } });
      expect(await index.catalogue.held('nobody', ALL)).toBeNull();
    });

    it('tell what would go, since when it is missed, and why it is held', async () => {
      const seen = [image('x.ova', { sizeBytes: 7 }), image('y.ova', { sizeBytes: null }), 'z.ova'];
      await syncOnce(index, 'jm', listing('', seen, ['d']), listing('d', ['d/w.ova']));
      await miss(seen.slice(1), 1);
      await miss(['z.ova'], 3, ['d']);
      const found = await held();
      expect(found?.images).toEqual([
        { id: expect.any(Number), path: 'd/w.ova', name: 'w.ova', sizeBytes: 100, missedSince: 1_002_000 },
        { id: expect.any(Number), path: 'x.ova', name: 'x.ova', sizeBytes: 7, missedSince: 1_001_000 },
        { id: expect.any(Number), path: 'y.ova', name: 'y.ova', sizeBytes: null, missedSince: 1_002_000 },
      ]);
      expect(found?.space).toEqual(await spaceOf(index, 'jm'));
      expect(found?.space).toMatchObject({ heldRemovals: 3, heldReasons: ['3 are gone'], isRemovalRefused: false });
    });

    it('are missed anew after they were there again', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova'], ['d']));
      await miss(['y.ova'], 1);
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova'], ['d']));
      expect((await held())?.images).toEqual([]);
      expect((await spaceOf(index, 'jm')).heldReasons).toEqual([]);
      index.clock.now += 1_000;
      await miss(['y.ova'], 1);
      expect((await held())?.images).toMatchObject([{ path: 'x.ova', missedSince: index.clock.now }]);
    });

    it('are those of the space alone', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova'], ['d']));
      await syncOnce(index, 'lab', listing('', ['x.ova'], ['d']));
      await miss([], 1);
      expect((await index.catalogue.held('lab', ALL))?.images).toEqual([]);
    });

    it('are filtered, ordered and paged as the plain definitions do', async () => {
      const images = NAMES.flatMap((each, i) => [image(each, { sizeBytes: i % 3 === 0 ? null : i }), `d/${each}`]);
      const inRoot = images.filter((each) => typeof each !== 'string');
      const below = images.filter((each) => typeof each === 'string');
      await syncOnce(index, 'jm', listing('', [...inRoot, 'keep'], ['d']), listing('d', below));
      await miss([...inRoot.slice(3), 'keep'], 3);
      await miss(['keep'], 12, ['d']);
      const all = (await held())?.images ?? [];
      expect(all).toHaveLength(12);
      const anyQuery: fc.Arbitrary<HeldQuery> = fc.record({
        nameContains: fc.subarray(['a', 'Ä', '.ova']),
        filter: fc
          .constantFrom('', 'path,like,d/%', 'name,gt,a.ova', 'size,ge,2', 'missed_since,lt,1002000', 'id,in,1,2,3')
          .map((text) => parseFilter(text, HELD_LIST.fields)),
        sort: fc.array(fc.record({ field: fc.constantFrom(...FIELDS), direction: fc.constantFrom('asc', 'desc') }), {
          minLength: 1,
          maxLength: 3,
        }),
      });
      await fc.assert(
        fc.asyncProperty(anyQuery, fc.integer({ min: 1, max: 5 }), async (query, size) => {
          const order = orderOf(HELD_LIST, query.sort);
          const expected = all.filter((each) => matchesHeld(query, each)).toSorted(compareBy(order, heldKeyOf));
          expect((await held(query))?.images).toEqual(expected);
          const met: HeldImage[] = [];
          for (let page = { number: 1, size, cursor: null as ReturnType<typeof cursorAt> | null }; ; ) {
            const found = await held({ ...query, page });
            met.push(...(found?.images ?? []));
            const last = found?.images.at(-1);
            if (last === undefined || found?.place.hasAfter !== true) break;
            expect(found.place.total).toBe(expected.length);
            page = { number: 2, size, cursor: cursorAt('after', order, heldKeyOf, last) };
          }
          expect(met).toEqual(expected);
        }),
        { numRuns: runs(150) },
      );
    });
  });
}
