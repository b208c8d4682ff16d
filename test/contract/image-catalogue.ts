import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareImages, matchesImage, parseImageFilter, parseSort } from '../../src/domain/lists/image-list.js';
import { AWKWARD_NAMES, anyImageQuery } from '../support/image-queries.js';
import { runsOf } from '../support/thorough.js';
import {
  ALL,
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  image,
  listing,
  type MakeIndex,
  RULES,
  shown,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

const NAMES = ['b.ova', 'A.ova', 'a.ova', 'Ä.ova', 'a\u0308.ova', '100%_x.ova', '100ab.ova', '😀.ova', '\uFF21.ova'];

export function describeImageCatalogue(name: string, make: MakeIndex, runs = runsOf): void {
  describe(`image catalogue: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, 'jm', 'lab');
    });
    afterEach(() => index.close());

    const names = async (query: Partial<typeof ALL>) =>
      (await index.catalogue.images('jm', { ...ALL, ...query }))?.images.map((each) => each.name);

    it('knows nothing of a user without a space', async () => {
      expect(await index.catalogue.space('nobody')).toBeNull();
      expect(await index.catalogue.images('nobody', ALL)).toBeNull();
      expect(await index.catalogue.image('nobody', 1)).toBeNull();
    });

    it('tells what spaces of a storage have shown of its markers, and who has connected which', async () => {
      const urls = { jm: 'http://dav.test/jm/', kim: 'http://dav.test/kim/', lab: 'http://other.test:8080/lab/' };
      const spaces = Object.entries(urls).map(([user, url]) => ({ user, url }));
      const zoe = { user: 'zoe', url: 'http://third.test/zoe/' };
      await index.spaces.configure([...spaces, zoe], RULES, index.clock.now);
      const contextOf = (...users: readonly string[]) =>
        index.catalogue.spaceContext([...spaces, zoe].filter(({ user }) => users.includes(user)));
      const all = () => contextOf('jm', 'kim', 'lab', 'zoe');
      expect(await all()).toEqual({ evidence: new Map(), servers: new Map() });
      const learn = async (user: string, subtree: 'moved' | 'stood') => {
        const { lease } = await begin(index, user);
        await end(index, lease, { findings: { names: 'moved', subtree, mismatches: 0 } });
      };
      await learn('jm', 'moved');
      await learn('kim', 'stood');
      await learn('lab', 'moved');
      const sealed = Buffer.from('x');
      const server = 'http://dav.test/';
      await index.links.put({ user: 'jm', server, loginName: 'jm', keyId: 'k', sealed, via: 'browser', linkedAt: 1 });
      const shown = new Map([
        ['http://dav.test/', { seen: 1, refuted: 1 }],
        ['http://other.test:8080/', { seen: 1, refuted: 0 }],
      ]);
      expect(await all()).toEqual({ evidence: shown, servers: new Map([['jm', server]]) });
      await index.spaces.configure(spaces.slice(0, 1), RULES, index.clock.now);
      expect((await all()).evidence).toEqual(new Map([['http://dav.test/', { seen: 1, refuted: 0 }]]));
    });

    it('tells that of the spaces asked for alone, of however many at once', async () => {
      const users = Array.from({ length: 1_010 }, (_, n) => `u${n}`);
      const spaces = users.map((user, n) => ({ user, url: `http://h${n % 3}.test/${user}/` }));
      await index.spaces.configure(spaces, RULES, index.clock.now);
      for (const user of ['u0', 'u1']) {
        const { lease } = await begin(index, user);
        await end(index, lease, { findings: { names: 'moved', subtree: 'moved', mismatches: 0 } });
        const link = { server: 'http://h.test/', loginName: user, keyId: 'k', sealed: Buffer.from('x') };
        await index.links.put({ user, ...link, via: 'browser', linkedAt: 1 });
      }
      const contextOf = (from: number, to: number) => index.catalogue.spaceContext(spaces.slice(from, to));
      const seen = { seen: 1, refuted: 0 };
      expect(await contextOf(0, 0)).toEqual({ evidence: new Map(), servers: new Map() });
      expect(await contextOf(1, 3)).toEqual({
        evidence: new Map([['http://h1.test/', seen]]),
        servers: new Map([['u1', 'http://h.test/']]),
      });
      expect(await contextOf(0, users.length)).toMatchObject({
        evidence: new Map([
          ['http://h0.test/', seen],
          ['http://h1.test/', seen],
        ]),
        servers: new Map([
          ['u0', 'http://h.test/'],
          ['u1', 'http://h.test/'],
        ]),
      });
    });

    it('lists the configured spaces by user, with their counts', async () => {
      await configure(index, 'jm', 'lab', 'Zoe', 'ä');
      await syncOnce(index, 'lab', listing('', ['x.ova'], ['d']), listing('d', ['d/y.ova']));
      const spaces = (await index.catalogue.listSpaces()).spaces;
      expect(spaces.map(({ user, images, collections }) => [user, images, collections])).toEqual([
        ['Zoe', 0, 0],
        ['jm', 0, 0],
        ['lab', 2, 2],
        ['ä', 0, 0],
      ]);
    });

    it('answers the space at the revision of its images', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      const found = await index.catalogue.images('jm', ALL);
      expect(found?.space).toEqual(await index.catalogue.space('jm'));
      expect(found?.space.revision).toBe(1);
    });

    it('shows to each user only his own images', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      await syncOnce(index, 'lab', listing('', ['y.ova']));
      expect(await shown(index, 'jm')).toEqual(['x.ova']);
      const id = (await index.catalogue.images('jm', ALL))?.images[0]?.id ?? 0;
      expect(await index.catalogue.image('lab', id)).toBeNull();
      expect((await index.catalogue.image('jm', id))?.path).toBe('x.ova');
    });

    it('shows all attributes of an image', async () => {
      index.clock.now = 5_000;
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', [image('d/x.ova', { sizeBytes: null })]));
      const found = await index.catalogue.images('jm', ALL);
      const [only] = found?.images ?? [];
      expect(only).toEqual({
        id: expect.any(Number),
        path: 'd/x.ova',
        name: 'x.ova',
        sizeBytes: null,
        createdAt: 5_000,
        updatedAt: 5_000,
        modifiedAt: 1_000,
        isSettled: true,
        state: 'unknown',
      });
      expect(await index.catalogue.image('jm', only?.id ?? 0)).toEqual(only);
    });

    it('does not show a missing image by its id', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      const id = (await index.catalogue.images('jm', ALL))?.images[0]?.id ?? 0;
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      expect(await index.catalogue.image('jm', id)).toBeNull();
    });

    it('orders names without case first, then exactly, by code point', async () => {
      await syncOnce(index, 'jm', listing('', NAMES));
      const ordered = [
        '100%_x.ova',
        '100ab.ova',
        'A.ova',
        'a.ova',
        'b.ova',
        'a\u0308.ova',
        'Ä.ova',
        '\uFF21.ova',
        '😀.ova',
      ];
      expect(await names({})).toEqual(ordered);
      expect(await names({ sort: parseSort('name,desc') })).toEqual(ordered.toReversed());
    });

    it.each([
      [['A'], ['100ab.ova', 'A.ova', 'a.ova', '100%_x.ova', 'b.ova', 'a\u0308.ova', 'Ä.ova', '\uFF21.ova', '😀.ova']],
      [['ä'], ['a\u0308.ova', 'Ä.ova']],
      [['%'], ['100%_x.ova']],
      [['_'], ['100%_x.ova']],
      [['100', 'AB'], ['100ab.ova']],
      [['a', 'nothing'], []],
      [["' OR 1 --"], []],
    ])('finds %j as literal text in any case', async (nameContains, expected) => {
      await syncOnce(index, 'jm', listing('', NAMES));
      expect((await names({ nameContains }))?.toSorted()).toEqual(expected.toSorted());
    });

    it.each([
      'name',
      'path,desc',
      'id',
      'size',
      'size,desc;name',
      'created_on,desc',
      'updated_on;size',
      'name;size;path;id,desc;created_on;updated_on',
    ])('orders by %s without ties', async (text) => {
      const images = NAMES.flatMap((each, i) => [
        image(each, { sizeBytes: i % 3 === 0 ? null : i % 2, modifiedAt: i % 2 === 0 ? null : 1_000 }),
        image(`d/${each}`, { sizeBytes: i }),
      ]);
      await syncOnce(index, 'jm', listing('', images.slice(0, 5)));
      index.clock.now += 1_000;
      await syncOnce(
        index,
        'jm',
        listing(
          '',
          images.filter(({ path }) => !path.includes('/')),
          ['d'],
        ),
        listing(
          'd',
          images.filter(({ path }) => path.includes('/')),
        ),
      );
      const sort = parseSort(text);
      const found = (await index.catalogue.images('jm', { nameContains: [], sort }))?.images ?? [];
      expect(found).toHaveLength(images.length);
      expect(found).toEqual(found.toSorted(compareImages(sort)));
    });

    it('filters and orders as the plain definitions do', async () => {
      const images = AWKWARD_NAMES.flatMap((each, i) => [
        image(each, { sizeBytes: i % 3 === 0 ? null : i % 4, modifiedAt: i % 2 === 0 ? null : 1_000 }),
        image(`d/${each}`, { sizeBytes: i }),
      ]);
      await syncOnce(index, 'jm', listing('', images.slice(0, 9)));
      index.clock.now += 1_000;
      const isDirect = ({ path }: { readonly path: string }) => !path.includes('/');
      await syncOnce(
        index,
        'jm',
        listing('', images.filter(isDirect), ['d']),
        listing(
          'd',
          images.filter((each) => !isDirect(each)),
        ),
      );
      const all = (await index.catalogue.images('jm', { ...ALL, withShort: true }))?.images ?? [];
      expect(all).toHaveLength(images.length);
      await fc.assert(
        fc.asyncProperty(anyImageQuery, async (query) => {
          const found = await index.catalogue.images('jm', { ...query, withShort: true });
          const expected = all.filter((each) => matchesImage(query, each)).toSorted(compareImages(query.sort));
          expect(found?.images).toEqual(expected);
        }),
        { numRuns: runs(300) },
      );
    });

    it('answers patterns of many kilobytes', async () => {
      await syncOnce(index, 'jm', listing('', NAMES));
      const long = 'a'.repeat(65_536);
      expect(await names({ nameContains: [long] })).toEqual([]);
      for (const text of ['%a'.repeat(2_048), 'ﬀ\u0958'.repeat(2_048), '*'.repeat(4_096), `%${long.slice(0, 4_095)}`]) {
        expect(await names({ filter: parseImageFilter(`path,like,${text}`) })).toEqual([]);
      }
      expect(await names({ filter: parseImageFilter(`name,like,${'%'.repeat(4_096)}`) })).toHaveLength(NAMES.length);
    });

    it('hides a space that the configuration leaves out, and its images', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      const id = (await index.catalogue.images('jm', ALL))?.images[0]?.id ?? 0;
      await configure(index, 'lab');
      expect(await index.catalogue.space('jm')).toBeNull();
      expect(await index.catalogue.images('jm', ALL)).toBeNull();
      expect(await index.catalogue.image('jm', id)).toBeNull();
      expect((await index.catalogue.listSpaces()).spaces.map(({ user }) => user)).toEqual(['lab']);
      await configure(index, 'jm', 'lab');
      expect((await index.catalogue.image('jm', id))?.path).toBe('x.ova');
    });

    it('counts what is shown through every kind of change', async () => {
      await syncOnce(
        index,
        'jm',
        listing('', ['x.ova', 'y.ova'], ['d']),
        listing('d', ['d/z.ova'], ['d/e']),
        listing('d/e', ['d/e/w.ova']),
      );
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 4, collections: 3 });
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['y.ova'], []));
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 1, collections: 1 });
      await commit(index, lease, listing('', ['x.ova', 'y.ova'], ['d']));
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 2, collections: 2 });
    });
  });
}
