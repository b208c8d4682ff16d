import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Anchor, anchorAt, type Cursor, cursorAt } from '../../src/domain/lists/cursor.js';
import { type ImageQuery, keyOf, parseSort, totalOrder } from '../../src/domain/lists/image-list.js';
import type { Image } from '../../src/domain/model/image.js';
import type { ImageList } from '../../src/domain/ports/image-catalogue.js';
import { AWKWARD_NAMES, anyImageQuery, anySort } from '../support/image-queries.js';
import { runsOf } from '../support/thorough.js';
import { ALL, configure, type IndexUnderTest, image, listing, type MakeIndex, syncOnce } from './index-under-test.js';

/** The pages of a list, one after the other, from its beginning or from its end. */
export function describeImagePages(name: string, make: MakeIndex, runs = runsOf): void {
  describe(`image pages: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, 'jm');
    });
    afterEach(() => index.close());

    const ask = async (query: ImageQuery): Promise<ImageList> => {
      const found = await index.catalogue.images('jm', query);
      if (found === null) throw new Error('the space is gone');
      return found;
    };
    const beside = ({ sort }: ImageQuery, side: Cursor['side'], row: Image | undefined): Cursor | null =>
      row === undefined ? null : cursorAt(side, totalOrder(sort), keyOf, row);

    /** Follows the cursors until there is nothing more, and calls `between` before each further page. */
    async function follow(
      query: ImageQuery,
      size: number,
      side: Cursor['side'],
      between: () => Promise<void> = async () => {},
      areAnchors = false,
    ): Promise<Image[]> {
      const rows: Image[] = [];
      // From the end: right behind the last row of the whole list.
      let page = await ask({ ...query, page: { number: 1, size, cursor: null } });
      if (side === 'before') {
        const number = Math.max(1, Math.ceil(page.place.total / size));
        page = await ask({ ...query, page: { number, size, cursor: null } });
      }
      for (let guard = 0; guard < 1_000; guard++) {
        if (side === 'after') rows.push(...page.images);
        else rows.unshift(...page.images);
        const isMore = side === 'after' ? page.place.hasAfter : page.place.hasBefore;
        const row = side === 'after' ? page.images.at(-1) : page.images[0];
        const keys = beside(query, side, row);
        if (!isMore || keys === null || row === undefined) return rows;
        const cursor: Cursor | Anchor = areAnchors ? anchorAt(keys, row.id) : keys;
        await between();
        page = await ask({ ...query, page: { number: 2, size, cursor } });
      }
      throw new Error('the pages have no end');
    }

    const fill = async () => {
      const images = AWKWARD_NAMES.map((each, i) => image(each, { sizeBytes: i % 3 === 0 ? null : i % 4 }));
      await syncOnce(index, 'jm', listing('', images.slice(0, 9)));
      index.clock.now += 1_000;
      await syncOnce(index, 'jm', listing('', images));
    };

    it("goes on from a row that is gone since, and from nobody else's", async () => {
      await configure(index, 'jm', 'ab');
      await syncOnce(
        index,
        'jm',
        listing(
          '',
          ['a', 'b', 'c', 'd'].map((name) => image(`${name}.ova`)),
        ),
      );
      await syncOnce(index, 'ab', listing('', [image('b.ova')]));
      const query: ImageQuery = { nameContains: [], sort: parseSort('name') };
      const [first, second] = (await ask(query)).images;
      if (first === undefined || second === undefined) throw new Error('there is nothing');
      await syncOnce(
        index,
        'jm',
        listing(
          '',
          ['a', 'c', 'd'].map((name) => image(`${name}.ova`)),
        ),
      );
      const at = (row: Image) => {
        const cursor = anchorAt(cursorAt('after', totalOrder(query.sort), keyOf, row), row.id);
        return ask({ ...query, page: { number: 1, size: 1, cursor } });
      };
      expect((await at(second)).images.map(({ name }) => name)).toEqual(['c.ova']);
      const [foreign] = (await index.catalogue.images('ab', query))?.images ?? [];
      if (foreign === undefined) throw new Error('there is nothing');
      await expect(at(foreign)).rejects.toMatchObject({ code: 'usage' });
      await expect(at({ ...first, id: 1_000_000 })).rejects.toMatchObject({ code: 'usage' });
    });

    it('makes pages that are the whole list together, by number and by cursor, both ways, in any order', async () => {
      await fill();
      await fc.assert(
        fc.asyncProperty(anyImageQuery, fc.integer({ min: 1, max: 25 }), async (query, size) => {
          const whole = await ask(query);
          expect(whole.place).toEqual({ total: whole.images.length, hasBefore: false, hasAfter: false });
          const numbered: Image[] = [];
          const last = Math.ceil(whole.images.length / size);
          for (let number = 1; number <= last; number++) {
            const { images, place } = await ask({ ...query, page: { number, size, cursor: null } });
            numbered.push(...images);
            expect(place).toEqual({ total: whole.images.length, hasBefore: number > 1, hasAfter: number < last });
          }
          expect(numbered).toEqual(whole.images);
          expect(await follow(query, size, 'after')).toEqual(whole.images);
          expect(await follow(query, size, 'before')).toEqual(whole.images);
          const still = async () => {};
          expect(await follow(query, size, 'after', still, true)).toEqual(whole.images);
          expect(await follow(query, size, 'before', still, true)).toEqual(whole.images);
        }),
        { numRuns: runs(100) },
      );
    });

    it('finds each page by its number, in whatever order they are asked for', async () => {
      await fill();
      const numbers = fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(anySort, fc.integer({ min: 1, max: 5 }), numbers, async (sort, size, asked) => {
          const whole = await ask({ ...ALL, sort });
          for (const number of asked) {
            const { images } = await ask({ ...ALL, sort, page: { number, size, cursor: null } });
            expect(images).toEqual(whole.images.slice((number - 1) * size, number * size));
          }
        }),
        { numRuns: runs(100) },
      );
    });

    it.each(['after', 'before'] as const)(
      'neither misses nor repeats a row that stayed, while others come and go (cursors %s)',
      async (side) => {
        const names = AWKWARD_NAMES.slice(0, 12);
        const anyState = fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 3 }));
        await fc.assert(
          fc.asyncProperty(
            anySort,
            fc.integer({ min: 1, max: 4 }),
            fc.array(anyState, { minLength: 1, maxLength: 6 }),
            async (sort, size, states) => {
              const upcoming = [...states];
              const seen: ReadonlyMap<number, string>[] = [];
              const query = { ...ALL, sort };
              const keysOf = (each: Image) => JSON.stringify(beside(query, side, each)?.keys);
              const change = async () => {
                const state = upcoming.shift();
                if (state === undefined) return;
                index.clock.now += 1;
                const images = Object.entries(state).map(([each, sizeBytes]) => image(each, { sizeBytes }));
                // Something always stays, or the emptiness would not be believed.
                await syncOnce(index, 'jm', listing('', [...images, 'anchor.ova']));
                seen.push(new Map((await ask(query)).images.map((each) => [each.id, keysOf(each)])));
              };
              await change();
              const met = await follow(query, size, side, change);
              const [first, ...others] = seen;
              const stayed = [...(first ?? [])].filter(([id, keys]) => others.every((each) => each.get(id) === keys));
              for (const [id] of stayed) expect(met.filter((each) => each.id === id)).toHaveLength(1);
            },
          ),
          { numRuns: runs(60) },
        );
      },
    );

    it('answers a page beyond the end with nothing, and where the list is', async () => {
      await fill();
      const total = AWKWARD_NAMES.length;
      for (const number of [3, 1_000_000, Number.MAX_SAFE_INTEGER]) {
        const { images, place } = await ask({ ...ALL, page: { number, size: 10, cursor: null } });
        expect(images).toEqual([]);
        expect(place).toEqual({ total, hasBefore: true, hasAfter: false });
      }
    });

    it('goes on where the row of the cursor is gone, and knows the way back from an empty page', async () => {
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova']));
      const query: ImageQuery = { ...ALL, sort: parseSort('name') };
      const { images } = await ask({ ...query, page: { number: 1, size: 2, cursor: null } });
      await syncOnce(index, 'jm', listing('', ['a.ova', 'c.ova']));
      const cursor = beside(query, 'after', images[1]);
      const next = await ask({ ...query, page: { number: 2, size: 2, cursor } });
      expect(next.images.map((each) => each.name)).toEqual(['c.ova']);
      await syncOnce(index, 'jm', listing('', ['a.ova']));
      const empty = await ask({ ...query, page: { number: 2, size: 2, cursor } });
      expect(empty).toMatchObject({ images: [], place: { total: 1, hasBefore: true, hasAfter: false } });
    });

    it('counts what a filter leaves, at every revision anew', async () => {
      const query: ImageQuery = { ...ALL, nameContains: ['a'], page: { number: 1, size: 1, cursor: null } };
      await syncOnce(index, 'jm', listing('', ['a1.ova', 'a2.ova']));
      expect((await ask(query)).place.total).toBe(2);
      expect((await ask(query)).place.total).toBe(2);
      await syncOnce(index, 'jm', listing('', ['a1.ova', 'a2.ova', 'a3.ova']));
      expect((await ask(query)).place.total).toBe(3);
      expect((await ask({ ...query, nameContains: ['a', '1'] })).place.total).toBe(1);
    });
  });
}
