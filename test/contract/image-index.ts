import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import type { ShownImage, ShownPage } from '../../src/domain/model/shown-image.js';
import { keyBytes } from '../../src/domain/reconcile/key-length.js';
import { readWhole as readKnownWhole, reconcileWhole } from '../support/known-whole.js';
import {
  ALL,
  at,
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  image,
  LEASE_MS,
  listing,
  type MakeIndex,
  reconcilingIn,
  shown,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

const pathsOf = (items: Iterable<{ readonly path: string }>) => [...items].map(({ path }) => path).toSorted(inOrder);
const inOrder = (a: string, b: string) => (a < b ? -1 : 1);
const { signal } = new AbortController();
const NOTHING = { added: 0, altered: 0, removed: 0 };

/** Reads a collection, and holds what is said of its images against those that there are. */
const readWhole: typeof readKnownWhole = async (...asked) => {
  const known = await readKnownWhole(...asked);
  expect(known.holdsImages).toBe(known.images.length > 0);
  return known;
};

export function describeImageIndex(name: string, make: MakeIndex): void {
  describe(`image index: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, 'jm');
    });
    afterEach(() => index.close());

    const revision = async () => (await spaceOf(index, 'jm')).revision;
    const idOf = async (path: string) =>
      (await index.catalogue.images('jm', ALL))?.images.find((each) => each.path === path)?.id;

    describe('what a search found', () => {
      const NONE: ReadonlySet<never> = new Set();
      const readShown = async () => {
        const { id } = await spaceOf(index, 'jm');
        const images: ShownImage[] = [];
        for (let after: ResourcePath | null = ROOT; after !== null; ) {
          const page: ShownPage = await index.index.shownImages(id, after);
          images.push(...page.images);
          after = page.next;
        }
        return images;
      };

      it('is shown before its collections are listed', async () => {
        const { lease } = await begin(index, 'jm');
        const found = ['x.ova', 'a/b/y.ova', 'a/z.ova'].map((path) => image(path));
        expect(await index.index.show(lease, found, new Set([at('a/z.ova')]))).toEqual({ ...NOTHING, added: 3 });
        expect(await spaceOf(index, 'jm')).toMatchObject({ images: 3, collections: 3, revision: 1, lastSyncAt: null });
        expect(await readShown()).toEqual([
          { ...image('a/b/y.ova'), isSettled: true },
          { ...image('a/z.ova'), isSettled: false },
          { ...image('x.ova'), isSettled: true },
        ]);
        expect(await readWhole(index.index, lease.spaceId, at('a/b'))).toMatchObject({
          marker: null,
          listedInSync: null,
        });
      });

      it('changes nothing about an image that is known, and brings back one that went missing', async () => {
        await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
        const id = await idOf('y.ova');
        await syncOnce(index, 'jm', listing('', ['x.ova']));
        const before = await revision();
        const { lease } = await begin(index, 'jm');
        expect(await index.index.show(lease, [image('x.ova', { sizeBytes: 7 })], NONE)).toEqual(NOTHING);
        expect(await revision()).toBe(before);
        expect(await index.index.show(lease, [image('y.ova')], NONE)).toEqual({ ...NOTHING, added: 1 });
        expect(await idOf('y.ova')).toBe(id);
        expect((await readShown()).map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
          ['x.ova', 100],
          ['y.ova', 100],
        ]);
      });

      it('is confirmed, corrected and removed by listings as everything else', async () => {
        const { lease } = await begin(index, 'jm');
        await index.index.show(
          lease,
          ['a/x.ova', 'a/ghost.ova', 'b/ghost.ova'].map((path) => image(path)),
          NONE,
        );
        await commit(index, lease, listing('', [], ['a']));
        await commit(index, lease, listing('a', [image('a/x.ova', { sizeBytes: 5 })]));
        expect((await readShown()).map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([['a/x.ova', 5]]);
        expect(await spaceOf(index, 'jm')).toMatchObject({ images: 1, collections: 2 });
      });

      it('is refused without the lease', async () => {
        const { lease } = await begin(index, 'jm');
        await end(index, lease);
        await expect(index.index.show(lease, [image('x.ova')], NONE)).rejects.toMatchObject({ code: 'conflict' });
      });
    });

    it('knows an unseen collection as empty', async () => {
      const { id } = await spaceOf(index, 'jm');
      expect(await readWhole(index.index, id, at('never/seen'))).toEqual({
        path: 'never/seen',
        marker: null,
        isSettled: false,
        isProven: false,
        modifiedAt: null,
        listedAt: null,
        emptyInSync: null,
        isContradicted: false,
        listedInSync: null,
        toVisit: null,
        images: [],
        children: [],
        holdsImages: false,
      });
      expect(await index.index.nearestKnown(id, at('never/seen'))).toBe(ROOT);
    });

    it('knows what was committed, and only what is directly inside', async () => {
      const { lease } = await begin(index, 'jm');
      const x = image('x.ova', { sizeBytes: null, etag: 'abc', modifiedAt: null });
      await commit(index, lease, listing('', [x], ['d', 'e'], 'etag:1'));
      await commit(index, lease, listing('d', ['d/y.ova'], ['d/f']));
      const known = await readWhole(index.index, lease.spaceId, ROOT);
      expect(known).toMatchObject({ marker: 'etag:1', emptyInSync: null, listedInSync: lease.syncId });
      index.clock.now += 500;
      expect([...known.images]).toEqual([
        {
          ...x,
          id: expect.any(Number),
          isMissing: false,
          absentInSync: null,
          absentInFull: null,
          isSettled: false,
          unchangedMs: expect.any(Number),
        },
      ]);
      const [again] = (await readWhole(index.index, lease.spaceId, ROOT)).images;
      expect(again?.unchangedMs).toBe(500);
      expect(pathsOf(known.children)).toEqual(['d', 'e']);
      expect(await readWhole(index.index, lease.spaceId, at('d/f'))).toMatchObject({
        listedInSync: null,
        marker: null,
      });
      expect(await index.index.nearestKnown(lease.spaceId, at('d/f/g/h'))).toBe('d/f');
    });

    it('takes the marker of a collection from its own listing only', async () => {
      const { lease } = await begin(index, 'jm');
      const seen = listing('', [], []);
      await commit(index, lease, {
        ...seen,
        collections: [{ path: at('d'), marker: 'etag:child', isMount: false }],
        memberCount: 1,
      });
      expect((await readWhole(index.index, lease.spaceId, at('d'))).marker).toBeNull();
      await commit(index, lease, listing('d', [], [], 'etag:own'));
      expect((await readWhole(index.index, lease.spaceId, at('d'))).marker).toBe('etag:own');
    });

    it('changes nothing when the same listing comes twice', async () => {
      const { lease } = await begin(index, 'jm');
      const seen = listing('', ['x.ova', 'y.ova'], ['d'], 'etag:1');
      expect(await commit(index, lease, seen)).toEqual({ added: 2, altered: 0, removed: 0 });
      const all = async () => {
        const known = await readWhole(index.index, lease.spaceId, ROOT);
        const images = [...known.images].map(({ unchangedMs, ...image }) => ({
          ...image,
          changedAt: index.clock.now - unchangedMs,
        }));
        return [await index.catalogue.images('jm', ALL), { ...known, images }];
      };
      const before = await all();
      index.clock.now += 1_000;
      expect(await commit(index, lease, seen)).toEqual(NOTHING);
      expect(await all()).toEqual(before);
    });

    it('shows that an image has become settled, and changes nothing else of it', async () => {
      const { lease } = await begin(index, 'jm');
      const askedAt = 1_000_000;
      const seen = { ...listing('', [image('x.ova', { modifiedAt: askedAt }), 'y.ova'], [], 'etag:1'), askedAt };
      await commit(index, lease, seen);
      const { id } = await spaceOf(index, 'jm');
      const shown = async () => (await index.catalogue.images('jm', ALL))?.images ?? [];
      const before = await shown();
      expect(before.map(({ isSettled }) => isSettled)).toEqual([false, true]);
      expect((await readWhole(index.index, id, ROOT)).isSettled).toBe(false);
      expect(await revision()).toBe(1);

      index.clock.now += 59_999;
      expect(await commit(index, lease, seen)).toEqual(NOTHING);
      expect(await shown()).toEqual(before);
      index.clock.now += 1;
      expect(await commit(index, lease, seen)).toEqual(NOTHING);
      expect(await shown()).toEqual(before.map((each) => ({ ...each, isSettled: true, state: 'unknown' })));
      expect((await readWhole(index.index, id, ROOT)).isSettled).toBe(true);
      expect(await revision()).toBe(2);
      expect((await spaceOf(index, 'jm')).changedAt).toBe(index.clock.now);
      expect(await commit(index, lease, seen)).toEqual(NOTHING);
      expect(await revision()).toBe(2);
    });

    it('shows that a settled image is being written to again, and one that returns', async () => {
      const { lease } = await begin(index, 'jm');
      const askedAt = 1_000_000;
      const isSettled = async () =>
        (await index.catalogue.images('jm', ALL))?.images.map((each) => [each.name, each.isSettled]);
      const now = { modifiedAt: askedAt };
      const look = (...images: Parameters<typeof listing>[1]) =>
        commit(index, lease, { ...listing('', images, ['d']), askedAt });
      await look('x.ova', 'y.ova');
      expect(await isSettled()).toEqual([
        ['x.ova', true],
        ['y.ova', true],
      ]);
      await look(image('x.ova', { ...now, sizeBytes: 101 }));
      expect(await isSettled()).toEqual([['x.ova', false]]);
      await look(image('x.ova', { ...now, sizeBytes: 101 }), image('y.ova', now));
      expect(await isSettled()).toEqual([
        ['x.ova', false],
        ['y.ova', false],
      ]);
    });

    it('changes nothing when the same changes are written twice', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'gone.ova']));
      const { lease } = await begin(index, 'jm');
      const known = await readWhole(index.index, lease.spaceId, ROOT);
      const changes = reconcileWhole(listing('', ['x.ova', 'new.ova']), known, reconcilingIn(lease));
      if (changes === null) throw new Error('a complete listing has changes');
      const once = { changes, absent: [], unproven: [], present: [], removals: 'apply', toVisit: null } as const;
      expect(await index.index.commit(lease, [once, once])).toEqual({ added: 1, altered: 0, removed: 1 });
      expect(await revision()).toBe(2);
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 2 });
    });

    it('raises the revision once for a commit that readers can see', async () => {
      const { lease } = await begin(index, 'jm');
      expect(await revision()).toBe(0);
      await commit(index, lease, listing('', [], ['d']));
      expect(await revision()).toBe(0);
      const known = await readWhole(index.index, lease.spaceId, ROOT);
      const inRoot = reconcileWhole(listing('', ['x.ova', 'y.ova'], ['d']), known, reconcilingIn(lease));
      const inD = reconcileWhole(
        listing('d', ['d/z.ova']),
        await readWhole(index.index, lease.spaceId, at('d')),
        reconcilingIn(lease),
      );
      const commits = [inRoot, inD].flatMap((changes) =>
        changes === null
          ? []
          : [{ changes, absent: [], unproven: [], present: [], removals: 'apply' as const, toVisit: null }],
      );
      index.clock.now = 7_000;
      expect(await index.index.commit(lease, commits)).toEqual({ added: 3, altered: 0, removed: 0 });
      expect(await spaceOf(index, 'jm')).toMatchObject({ revision: 1, changedAt: 7_000 });
      index.clock.now = 8_000;
      await commit(index, lease, listing('', ['x.ova', 'y.ova'], ['d', 'e']));
      expect(await spaceOf(index, 'jm')).toMatchObject({ revision: 1, changedAt: 7_000 });
    });

    it('notes an altered image and when it was', async () => {
      index.clock.now = 1_000;
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['x.ova']));
      index.clock.now = 2_000;
      const altered = image('x.ova', { sizeBytes: 7, etag: 'n', modifiedAt: 9 });
      expect(await commit(index, lease, listing('', [altered]))).toEqual({ added: 0, altered: 1, removed: 0 });
      const found = await index.catalogue.images('jm', ALL);
      expect(found?.images).toMatchObject([{ sizeBytes: 7, createdAt: 1_000, updatedAt: 2_000 }]);
      expect([...(await readWhole(index.index, lease.spaceId, ROOT)).images]).toMatchObject([altered]);
      expect(await revision()).toBe(2);
    });

    it('keeps a missing image as a tombstone, which returns with its id', async () => {
      index.clock.now = 1_000;
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['x.ova', 'y.ova']));
      const id = await idOf('x.ova');
      index.clock.now = 2_000;
      await commit(index, lease, listing('', ['y.ova']));
      expect(await shown(index, 'jm')).toEqual(['y.ova']);
      const { images } = await readWhole(index.index, lease.spaceId, ROOT);
      expect([...images].find((each) => each.path === 'x.ova')).toMatchObject({ id, isMissing: true });
      index.clock.now = 3_000;
      await commit(index, lease, listing('', [image('x.ova', { sizeBytes: 8 }), 'y.ova']));
      expect(await index.catalogue.image('jm', id ?? 0)).toMatchObject({
        path: 'x.ova',
        sizeBytes: 8,
        createdAt: 1_000,
        updatedAt: 3_000,
      });
      expect(await revision()).toBe(3);
    });

    it('removes a whole subtree, whose images return with their ids', async () => {
      const tree = [
        listing('', ['d0.ova'], ['d', 'd!', 'd0']),
        listing('d', ['d/x.ova'], ['d/e']),
        listing('d/e', ['d/e/y.ova']),
        listing('d!', ['d!/z.ova']),
        listing('d0', ['d0/w.ova']),
      ];
      await syncOnce(index, 'jm', ...tree);
      const ids = [await idOf('d/x.ova'), await idOf('d/e/y.ova')];
      const { lease } = await begin(index, 'jm');
      expect(await index.index.subtree(lease, at('d'))).toEqual({ images: 2, agreed: 0 });
      expect(await index.index.subtree(lease, ROOT)).toEqual({ images: 5, agreed: 0 });
      expect(await commit(index, lease, listing('', ['d0.ova'], ['d!', 'd0']))).toMatchObject({ removed: 2 });
      expect((await shown(index, 'jm')).toSorted()).toEqual(['d!/z.ova', 'd0.ova', 'd0/w.ova']);
      expect(await index.index.nearestKnown(lease.spaceId, at('d/e'))).toBe(ROOT);
      expect(await index.index.subtree(lease, at('d'))).toEqual({ images: 0, agreed: 0 });
      expect(await revision()).toBe(6);

      for (const seen of tree.slice(0, 2)) await commit(index, lease, seen);
      const { images } = await readWhole(index.index, lease.spaceId, at('d'));
      expect(pathsOf(images)).toEqual(['d/x.ova']);
      for (const seen of tree) await commit(index, lease, seen);
      expect([await idOf('d/x.ova'), await idOf('d/e/y.ova')]).toEqual(ids);
    });

    it('knows the tombstones of a collection that was created again', async () => {
      await syncOnce(
        index,
        'jm',
        listing('', [], ['😀😀']),
        listing('😀😀', ['😀😀/x.ova'], ['😀😀/e']),
        listing('😀😀/e', ['😀😀/e/y.ova']),
      );
      await syncOnce(index, 'jm', listing('', ['keep.ova']));
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['keep.ova'], ['😀😀']));
      const { images } = await readWhole(index.index, lease.spaceId, at('😀😀'));
      expect([...images]).toMatchObject([{ path: '😀😀/x.ova', isMissing: true }]);
    });

    it.each(['name', 'folder'])('keeps a path that is as long as it says because of its %s', async (where) => {
      const { lease } = await begin(index, 'jm');
      const most = index.index.mostKeyBytes ?? 20_000;
      // Nothing that a database could compress.
      const digits = (count: number) => randomBytes(count).toString('hex').slice(0, count);
      const path =
        where === 'name'
          ? `${digits(Math.floor(most / 3) - '.ova'.length)}.ova`
          : `${digits(most - keyBytes(at('/x.ova')))}/x.ova`;
      expect(keyBytes(at(path))).toBeGreaterThan(most - 3);
      const collection = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      if (collection !== '') await commit(index, lease, listing('', [], [collection]));
      expect(await commit(index, lease, listing(collection, [path]))).toMatchObject({ added: 1 });
      expect(await shown(index, 'jm')).toEqual([path]);
    });

    it('lets a path change its kind in both directions', async () => {
      await syncOnce(index, 'jm', listing('', ['b.ova'], ['a.ova']), listing('a.ova', ['a.ova/x.ova']));
      await syncOnce(index, 'jm', listing('', ['a.ova'], ['b.ova']), listing('b.ova', ['b.ova/y.ova']));
      expect((await shown(index, 'jm')).toSorted()).toEqual(['a.ova', 'b.ova/y.ova']);
      await syncOnce(index, 'jm', listing('', ['b.ova'], ['a.ova']), listing('a.ova', ['a.ova/x.ova']));
      expect((await shown(index, 'jm')).toSorted()).toEqual(['a.ova/x.ova', 'b.ova']);
    });

    it('marks held removals and removes none of them', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova'], ['d'], 'etag:1'), listing('d', ['d/z.ova']));
      const before = await index.catalogue.images('jm', ALL);
      const { lease } = await begin(index, 'jm');
      const seen = listing('', ['y.ova'], [], 'etag:2');
      expect(await commit(index, lease, seen, { removals: 'hold' })).toEqual(NOTHING);
      expect((await index.catalogue.images('jm', ALL))?.images).toEqual(before?.images);
      expect(await revision()).toBe(before?.space.revision);
      expect(await index.index.subtree(lease, ROOT)).toEqual({ images: 3, agreed: 0 });

      const known = await readWhole(index.index, lease.spaceId, ROOT);
      expect(known.marker).toBe('etag:1');
      expect(known.listedInSync).not.toBe(lease.syncId);
      expect(pathsOf(known.children)).toEqual(['d']);
      const marks = new Map([...known.images].map(({ path, absentInSync }) => [path as string, absentInSync]));
      expect(Object.fromEntries(marks)).toEqual({ 'x.ova': lease.syncId, 'y.ova': null });
      await end(index, lease, { heldRemovals: 2 });

      const later = await begin(index, 'jm');
      expect(await index.index.subtree(later.lease, at('d'))).toEqual({ images: 1, agreed: 1 });
      expect(await commit(index, later.lease, seen, { removals: 'hold' })).toEqual(NOTHING);
      const again = await readWhole(index.index, lease.spaceId, ROOT);
      expect([...again.images].find(({ path }) => path === 'x.ova')?.absentInSync).toBe(lease.syncId);
      expect(await commit(index, later.lease, seen)).toEqual({ added: 0, altered: 0, removed: 2 });
      expect(await shown(index, 'jm')).toEqual(['y.ova']);
    });

    it('clears the mark of an image that is there after all, unseen by readers', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['y.ova']), { removals: 'hold' });
      const before = await revision();
      expect(await commit(index, lease, listing('', ['x.ova', 'y.ova']))).toEqual(NOTHING);
      const { images } = await readWhole(index.index, lease.spaceId, ROOT);
      expect([...images].map(({ absentInSync }) => absentInSync)).toEqual([null, null]);
      expect(await revision()).toBe(before);
    });

    it('marks a child whose absence is not proven, and all below, until it is there after all', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova'], ['d', 'e']), listing('d', ['d/y.ova'], ['d/f']));
      const seen = listing('', ['x.ova'], ['e'], 'etag:2');
      const notProven = { absent: [], unproven: [at('d')] };
      const first = await begin(index, 'jm', { mode: 'incremental' });
      expect(await commit(index, first.lease, seen, notProven)).toEqual(NOTHING);
      const marksOfD = async () => {
        const known = await readWhole(index.index, first.lease.spaceId, ROOT);
        return known.children.find(({ path }) => path === 'd');
      };
      expect(await marksOfD()).toMatchObject({ absentInSync: first.sync.id, absentInFull: null });
      // The next sync is to look again.
      expect(await readWhole(index.index, first.lease.spaceId, ROOT)).toMatchObject({ isSettled: false });
      await end(index, first.lease, { heldRemovals: 1, heldReasons: ['for a reason'] });
      expect(await spaceOf(index, 'jm')).toMatchObject({ heldRemovals: 1, heldReasons: ['for a reason'], images: 2 });

      const second = await begin(index, 'jm');
      expect(await index.index.subtree(second.lease, at('d'))).toEqual({ images: 1, agreed: 1 });
      await commit(index, second.lease, seen, notProven);
      expect(await marksOfD()).toMatchObject({ absentInSync: first.sync.id, absentInFull: second.sync.id });
      await end(index, second.lease);
      expect(await spaceOf(index, 'jm')).toMatchObject({ heldRemovals: 1, heldReasons: ['for a reason'] });

      const third = await begin(index, 'jm');
      await commit(index, third.lease, listing('', ['x.ova'], ['d', 'e']));
      expect(await marksOfD()).toMatchObject({ absentInSync: null, absentInFull: null });
      await end(index, third.lease);
      expect(await spaceOf(index, 'jm')).toMatchObject({ heldRemovals: null, heldReasons: [], images: 2 });
    });

    it('keeps the mark of an image that was missed before the child that held it was', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova', 'd/y.ova']));
      const first = await begin(index, 'jm', { mode: 'incremental' });
      await commit(index, first.lease, listing('d', ['d/y.ova']), { removals: 'hold' });
      await end(index, first.lease, { heldRemovals: 1, heldReasons: ['for a reason'] });
      const second = await begin(index, 'jm');
      await commit(index, second.lease, listing('', []), { removals: 'hold', absent: [at('d')] });
      await end(index, second.lease, { heldRemovals: 2, heldReasons: ['for another'] });
      const third = await begin(index, 'jm');
      await commit(index, third.lease, listing('', [], ['d']));
      const { images } = await readWhole(index.index, third.lease.spaceId, at('d'));
      expect([...images].sort((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
        { path: 'd/x.ova', absentInSync: first.sync.id, absentInFull: null },
        { path: 'd/y.ova', absentInSync: null },
      ]);
    });

    it('marks nothing that the same sync has listed below a collection that is missed', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova'], ['d/e']));
      await syncOnce(index, 'jm', listing('d/e', ['d/e/y.ova']));
      const { lease, sync } = await begin(index, 'jm');
      await commit(index, lease, listing('d', ['d/x.ova'], ['d/e']));
      await commit(index, lease, listing('', []), { removals: 'hold', absent: [at('d')] });
      const marksOf = async (collection: string) =>
        (await readWhole(index.index, lease.spaceId, at(collection))).images.map(({ absentInSync }) => absentInSync);
      expect(await marksOf('d')).toEqual([null]);
      expect(await marksOf('d/e')).toEqual([sync.id]);
    });

    it('takes the marks back from what a listing confirms that is written after the one which misses its collection', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova', 'd/y.ova']));
      const { lease, sync } = await begin(index, 'jm');
      const known = await readWhole(index.index, lease.spaceId, at('d'));
      const changes = reconcileWhole(listing('d', ['d/x.ova']), known, reconcilingIn(lease));
      const above = reconcileWhole(
        listing('', []),
        await readWhole(index.index, lease.spaceId, ROOT),
        reconcilingIn(lease),
      );
      if (changes === null || above === null) throw new Error('neither is without a change');
      const reconfirmed = known.images.filter(({ path }) => path === 'd/x.ova').map(({ id }) => id);
      const held = { unproven: [], present: [], removals: 'hold', toVisit: null } as const;
      await index.index.commit(lease, [
        { changes: above, absent: [at('d')], ...held },
        { changes: { ...changes, reconfirmed }, absent: [], ...held },
      ]);
      const { images } = await readWhole(index.index, lease.spaceId, at('d'));
      const marks = Object.fromEntries(images.map(({ path, absentInSync }) => [path, absentInSync]));
      expect(marks).toEqual({ 'd/x.ova': null, 'd/y.ova': sync.id });
    });

    it('keeps the marks of what a collection holds for itself when the one above it, which was missed before, is back', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', [], ['d/e', 'd/f']));
      await syncOnce(index, 'jm', listing('d/e', ['d/e/x.ova'], ['d/e/g']), listing('d/e/g', ['d/e/g/y.ova']));
      await syncOnce(index, 'jm', listing('d/f', ['d/f/z.ova']));
      const first = await begin(index, 'jm');
      await commit(index, first.lease, listing('', []), { removals: 'hold', absent: [at('d')] });
      await end(index, first.lease, { heldRemovals: 3, heldReasons: ['for a reason'] });
      const second = await begin(index, 'jm');
      await commit(index, second.lease, listing('d/e', []), { removals: 'hold', absent: [at('d/e/g')] });
      await end(index, second.lease, { heldRemovals: 3, heldReasons: ['for another'] });
      const third = await begin(index, 'jm');
      await commit(index, third.lease, listing('', [], ['d']));
      const marksOf = async (collection: string) =>
        (await readWhole(index.index, third.lease.spaceId, at(collection))).images.map(
          ({ absentInSync, absentInFull }) => [absentInSync, absentInFull],
        );
      expect(await marksOf('d/f')).toEqual([[null, null]]);
      for (const emptied of ['d/e', 'd/e/g']) expect(await marksOf(emptied)).toEqual([[second.sync.id, null]]);
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 3 });
    });

    it('keeps the marks of images where an administrator has refused their removal, until each is shown', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova', 'd/y.ova']));
      const first = await begin(index, 'jm');
      await commit(index, first.lease, listing('', []), { removals: 'hold', absent: [at('d')] });
      await end(index, first.lease, { heldRemovals: 2, heldReasons: ['for a reason'] });
      await index.spaces.refuseRemovals(first.lease.spaceId);
      const { lease, isRemovalRefused } = await begin(index, 'jm', { mode: 'incremental' });
      expect(isRemovalRefused).toBe(true);
      await commit(index, lease, listing('', [], ['d']));
      const marksOfD = async () =>
        [...(await readWhole(index.index, lease.spaceId, at('d'))).images]
          .sort((a, b) => (a.path < b.path ? -1 : 1))
          .map(({ absentInSync, absentInFull }) => [absentInSync, absentInFull]);
      const { id } = first.sync;
      expect(await marksOfD()).toEqual([
        [id, id],
        [id, id],
      ]);
      expect((await readWhole(index.index, lease.spaceId, ROOT)).children).toMatchObject([{ absentInSync: null }]);
      await commit(index, lease, listing('d', ['d/x.ova']), { removals: 'hold' });
      expect(await marksOfD()).toEqual([
        [null, null],
        [id, id],
      ]);
    });

    it('marks anew what is missed by the listing that ends a hold', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova'], ['d']), listing('d', ['d/z.ova']));
      const first = await begin(index, 'jm');
      await commit(index, first.lease, listing('', []), {
        removals: 'hold',
        absent: [at('d')],
      });
      await end(index, first.lease, { heldRemovals: 3, heldReasons: ['for a reason'] });
      const second = await begin(index, 'jm', { mode: 'incremental' });
      await commit(index, second.lease, listing('', ['x.ova']), { unproven: [at('d')], absent: [] });
      const { images, children, emptyInSync } = await readWhole(index.index, second.lease.spaceId, ROOT);
      expect(emptyInSync).toBeNull();
      expect([...images].sort((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
        { path: 'x.ova', absentInSync: null },
        { path: 'y.ova', absentInSync: second.sync.id, absentInFull: null },
      ]);
      expect(children).toMatchObject([{ path: 'd', absentInSync: second.sync.id, absentInFull: null }]);
      const below = await readWhole(index.index, second.lease.spaceId, at('d'));
      expect([...below.images]).toMatchObject([{ absentInSync: second.sync.id, absentInFull: null }]);
    });

    it('takes the marks back from a child that its parent does not list, but that answers', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova'], ['d']), listing('d', ['d/y.ova']));
      const { lease } = await begin(index, 'jm');
      const seen = listing('', ['x.ova'], []);
      await commit(index, lease, seen, { absent: [], unproven: [at('d')] });
      await commit(index, lease, seen, { absent: [], present: [at('d')] });
      expect((await readWhole(index.index, lease.spaceId, ROOT)).children).toMatchObject([{ absentInSync: null }]);
      const { images } = await readWhole(index.index, lease.spaceId, at('d'));
      expect([...images]).toMatchObject([{ absentInSync: null }]);
    });

    it('marks an image that may be one without a usable name, and shows it', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      const { sync, lease } = await begin(index, 'jm', { mode: 'incremental' });
      const seen = { ...listing('', ['x.ova'], [], 'etag:2'), misfits: ['"." is listed'] };
      expect(await commit(index, lease, seen)).toEqual(NOTHING);
      const known = await readWhole(index.index, lease.spaceId, ROOT);
      expect([...known.images]).toMatchObject([
        { absentInSync: null, absentInFull: null },
        { absentInSync: sync.id, absentInFull: null },
      ]);
      expect(known).toMatchObject({ isSettled: false, marker: 'etag:2' });
      expect(await shown(index, 'jm')).toEqual(['x.ova', 'y.ova']);
      await end(index, lease, { heldRemovals: 1 });
      const full = await begin(index, 'jm');
      await commit(index, full.lease, seen);
      const [, marked] = [...(await readWhole(index.index, lease.spaceId, ROOT)).images];
      expect(marked).toMatchObject({ absentInSync: sync.id, absentInFull: full.sync.id });
    });

    it('remembers that a collection contradicts itself until something of it is listed again', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova'], [], 'etag:1'));
      const before = await readWhole(index.index, (await spaceOf(index, 'jm')).id, at('d'));
      const { lease } = await begin(index, 'jm');
      const bare = { ...listing('d', [], [], 'etag:0'), modifiedAt: 1_000 };
      await commit(index, lease, bare, { removals: 'hold' });
      const { isContradicted, isSettled, marker, modifiedAt } = await readWhole(index.index, lease.spaceId, at('d'));
      expect({ isContradicted, isSettled, marker, modifiedAt }).toEqual({
        isContradicted: true,
        isSettled: false,
        marker: before.marker,
        modifiedAt: before.modifiedAt,
      });
      expect(await shown(index, 'jm')).toEqual(['d/x.ova']);
      await commit(index, lease, listing('d', ['d/x.ova'], [], 'etag:1'));
      expect(await readWhole(index.index, lease.spaceId, at('d'))).toMatchObject({ isContradicted: false });
    });

    it('writes what appeared beside a held removal', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      const { lease } = await begin(index, 'jm');
      const counts = await commit(index, lease, listing('', ['new.ova']), { removals: 'hold' });
      expect(counts).toEqual({ added: 1, altered: 0, removed: 0 });
      expect(await shown(index, 'jm')).toEqual(['new.ova', 'x.ova']);
    });

    it('believes a sudden emptiness in the second sync, and keeps the marker until then', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova'], [], 'etag:1'));
      const empty = { ...listing('d', [], [], 'etag:1'), modifiedAt: null };
      const first = await begin(index, 'jm');
      expect(await commit(index, first.lease, empty, { removals: 'hold' })).toEqual(NOTHING);
      expect(await readWhole(index.index, first.lease.spaceId, at('d'))).toMatchObject({
        marker: 'etag:1',
        emptyInSync: first.lease.syncId,
        isContradicted: false,
      });
      await end(index, first.lease);
      const second = await begin(index, 'jm');
      expect(await commit(index, second.lease, empty)).toEqual({ added: 0, altered: 0, removed: 1 });
      expect((await readWhole(index.index, second.lease.spaceId, at('d'))).emptyInSync).toBeNull();
    });

    it('keeps the dates of a collection while something that went is in doubt, so that they tell when the doubt has gone', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova']));
      const emptied = listing('d', []);
      const first = await begin(index, 'jm', { mode: 'incremental' });
      await commit(index, first.lease, { ...emptied, misfits: ['an entry without a name'] });
      await end(index, first.lease, { heldRemovals: 1, heldReasons: ['for a reason'] });
      const second = await begin(index, 'jm');
      const known = await readWhole(index.index, second.lease.spaceId, at('d'));
      expect(reconcileWhole(emptied, known, reconcilingIn(second.lease))?.emptying).toBe('believed');
      expect(await commit(index, second.lease, emptied)).toEqual({ added: 0, altered: 0, removed: 1 });
      expect(await readWhole(index.index, second.lease.spaceId, at('d'))).toMatchObject({
        modifiedAt: emptied.modifiedAt,
      });
    });

    it('lets go at once what was believed gone and held, as for an administrator who refuses it and then accepts', async () => {
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', ['d/x.ova'], [], 'etag:1'));
      const empty = { ...listing('d', [], [], 'etag:1'), modifiedAt: null };
      for (let n = 0; n < 2; n++) {
        const { lease } = await begin(index, 'jm');
        expect(await commit(index, lease, empty, { removals: 'hold' })).toEqual(NOTHING);
        await end(index, lease);
      }
      const last = await begin(index, 'jm');
      const known = await readWhole(index.index, last.lease.spaceId, at('d'));
      expect(reconcileWhole(empty, known, { ...reconcilingIn(last.lease), isAccepted: true })?.emptying).toBe(
        'believed',
      );
    });

    it('tells what the markers of children are good for', async () => {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', [], ['d', 'e', 'f'], 'etag:root'));
      await commit(index, lease, listing('d', [], ['d/sub'], 'etag:d'));
      await commit(index, lease, listing('e', ['e/x.ova'], [], 'etag:e'));
      await commit(index, lease, { ...listing('f', [], [], 'etag:f'), isSettled: false });
      await index.index.prove(lease, [ROOT, at('e'), at('f'), at('nowhere')]);
      const known = await readWhole(index.index, lease.spaceId, ROOT);
      expect(known).toMatchObject({ marker: 'etag:root', isSettled: true, isProven: true });
      const none = { absentInSync: null, absentInFull: null, isJoined: false };
      const unproven = { isProven: false, ...none };
      expect(known.children.toSorted((a, b) => inOrder(a.path, b.path))).toEqual([
        { path: 'd', marker: 'etag:d', isSettled: true, ...unproven, isLeaf: false },
        { path: 'e', marker: 'etag:e', isSettled: true, isProven: true, ...none, isLeaf: true },
        { path: 'f', marker: 'etag:f', isSettled: false, ...unproven, isLeaf: true },
      ]);
    });

    it('renames a collection with all below it, ids and marks included, unless the name is taken', async () => {
      await syncOnce(
        index,
        'jm',
        listing('', ['x.ova'], ['Dé', 'e']),
        listing('Dé', ['Dé/y.ova'], ['Dé/f']),
        listing('Dé/f', ['Dé/f/z.ova']),
      );
      const before = (await index.catalogue.images('jm', ALL))?.images.map(({ id, name }) => [id, name]);
      const { lease } = await begin(index, 'jm');
      const seen = listing('', ['x.ova'], ['e']);
      await commit(index, lease, seen, { absent: [], unproven: [at('Dé')] });
      const known = await revision();
      expect(await index.index.rename(lease, at('Dé'), at('e'))).toBe(false);
      expect(await revision()).toBe(known);
      expect(await index.index.rename(lease, at('Dé'), at('dé'))).toBe(true);
      expect(await revision()).toBe(known + 1);
      expect(await shown(index, 'jm')).toEqual(['x.ova', 'dé/y.ova', 'dé/f/z.ova']);
      expect((await index.catalogue.images('jm', ALL))?.images.map(({ id, name }) => [id, name])).toEqual(before);
      expect(await index.index.subtree({ ...lease, syncId: lease.syncId + 1 }, at('dé'))).toEqual({
        images: 2,
        agreed: 2,
      });
      const { children } = await readWhole(index.index, lease.spaceId, ROOT);
      expect(children.find(({ path }) => path === 'dé')).toMatchObject({ absentInSync: lease.syncId });
      expect(pathsOf((await readWhole(index.index, lease.spaceId, at('dé'))).children)).toEqual(['dé/f']);
      await end(index, lease);
      await expect(index.index.rename(lease, at('dé'), at('g'))).rejects.toMatchObject({ code: 'conflict' });
    });

    it('distrusts a collection that could not be listed, and what its ancestors prove', async () => {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', [], ['d', 'e'], 'etag:root'));
      await commit(index, lease, listing('d', [], ['d/sub'], 'etag:d'));
      await commit(index, lease, listing('d/sub', ['d/sub/x.ova'], [], 'etag:sub'));
      await commit(index, lease, listing('e', [], [], 'etag:e'));
      await index.index.prove(lease, [ROOT, at('d'), at('d/sub'), at('e')]);
      await index.index.distrust(lease, at('d/sub'));
      await index.index.distrust(lease, at('never/seen'));
      const stateOf = async (path: string) => {
        const { isSettled, isProven, marker } = await readWhole(index.index, lease.spaceId, at(path));
        return [isSettled, isProven, marker];
      };
      expect(await stateOf('d/sub')).toEqual([false, false, 'etag:sub']);
      expect(await stateOf('d')).toEqual([true, false, 'etag:d']);
      expect(await stateOf('')).toEqual([true, false, 'etag:root']);
      expect(await stateOf('e')).toEqual([true, true, 'etag:e']);
      await end(index, lease);
      await expect(index.index.distrust(lease, at('e'))).rejects.toMatchObject({ code: 'conflict' });
    });

    it('outdates the markers above a collection, and the one under which a search agreed', async () => {
      const { lease } = await begin(index, 'jm', { mode: 'full' });
      await commit(index, lease, listing('', [], ['d', 'e'], 'etag:root'));
      await commit(index, lease, listing('d', [], ['d/sub'], 'etag:d'));
      await commit(index, lease, listing('d/sub', ['d/sub/x.ova'], [], 'etag:sub'));
      await commit(index, lease, listing('e', [], [], 'etag:e'));
      await index.index.prove(lease, [ROOT, at('d'), at('d/sub'), at('e')]);
      const search = { found: 'matched', misses: 0, searchedMarker: 'etag:root', trouble: null } as const;
      await end(index, lease, { search });
      const next = await begin(index, 'jm');
      expect(next.search.searchedMarker).toBe('etag:root');
      await index.index.outdate(next.lease, at('d/sub'));
      expect((await spaceOf(index, 'jm')).search).toMatchObject({ search: 'seen', searchedMarker: null });
      const stateOf = async (path: string) => {
        const { isSettled, isProven, marker } = await readWhole(index.index, lease.spaceId, at(path));
        return [isSettled, isProven, marker];
      };
      expect(await stateOf('')).toEqual([false, false, 'etag:root']);
      expect(await stateOf('d')).toEqual([false, false, 'etag:d']);
      expect(await stateOf('d/sub')).toEqual([true, true, 'etag:sub']);
      expect(await stateOf('e')).toEqual([true, true, 'etag:e']);
      await end(index, next.lease);
      await expect(index.index.outdate(next.lease, at('e'))).rejects.toMatchObject({ code: 'conflict' });
    });

    it.each([
      ['a new listing', {}, {}, { isSettled: true }],
      ['a held removal', { images: [] }, { removals: 'hold' }, { isSettled: false }],
      ['a suspicious emptiness', { images: [], memberCount: 0 }, {}, { isSettled: false }],
    ] as const)('has %s proven anew', async (_case, changes, options, after) => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.txt'], [], 'etag:1'));
      const { lease } = await begin(index, 'jm');
      await index.index.prove(lease, [ROOT]);
      await commit(index, lease, { ...listing('', ['x.ova', 'y.txt'], [], 'etag:1'), ...changes }, options);
      expect(await readWhole(index.index, lease.spaceId, ROOT)).toMatchObject({ ...after, isProven: false });
    });

    it('remembers where a sync goes on behind a collection', async () => {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', [], ['d', 'e']), { toVisit: [at('d'), at('x/y')] });
      expect(await readWhole(index.index, lease.spaceId, ROOT)).toMatchObject({ toVisit: ['d', 'x/y'] });
      await commit(index, lease, listing('', [], ['d', 'e']));
      expect(await readWhole(index.index, lease.spaceId, ROOT)).toMatchObject({ toVisit: null });
    });

    it('finds the mounts below a collection', async () => {
      const { lease } = await begin(index, 'jm');
      const mounted = (path: string) => ({ path: at(path), marker: null, isMount: true, isJoined: path === 'd/m' });
      await commit(index, lease, { ...listing('', [], ['d', 'e']), collections: [mounted('d'), mounted('e')] });
      await commit(index, lease, { ...listing('d', [], ['d/m']), collections: [mounted('d/m')] });
      expect((await index.index.mountsBelow(lease.spaceId, ROOT)).toSorted(inOrder)).toEqual(['d', 'd/m', 'e']);
      expect(await index.index.mountsBelow(lease.spaceId, at('d'))).toEqual(['d/m']);
      expect((await readWhole(index.index, lease.spaceId, at('d'))).children).toMatchObject([{ isJoined: true }]);
      await commit(index, lease, listing('', [], ['d', 'e']));
      expect(await index.index.mountsBelow(lease.spaceId, ROOT)).toEqual(['d/m']);
    });

    it('knows a mount by its own listing, until its parent shows that it is none', async () => {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', [], ['d', 'e']));
      await commit(index, lease, { ...listing('d', ['x.ova']), isMount: true });
      expect(await index.index.mountsBelow(lease.spaceId, ROOT)).toEqual(['d']);
      await commit(index, lease, listing('d', ['x.ova']));
      expect(await index.index.mountsBelow(lease.spaceId, ROOT)).toEqual(['d']);
      await commit(index, lease, listing('', [], ['d', 'e']));
      expect(await index.index.mountsBelow(lease.spaceId, ROOT)).toEqual([]);
    });

    it('knows every image of a large collection', async () => {
      const { lease } = await begin(index, 'jm');
      const images = Array.from({ length: 2_001 }, (_, n) => `${n}.ova`);
      await commit(index, lease, listing('', images));
      const { images: known } = await readWhole(index.index, lease.spaceId, ROOT);
      expect(pathsOf(known)).toEqual(images.toSorted(inOrder));
      expect(pathsOf(known)).toHaveLength(2_001); // once more from the start
    });

    it('creates the ancestors of a collection that nobody listed before', async () => {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('a/b/c', ['a/b/c/x.ova']));
      expect(pathsOf((await readWhole(index.index, lease.spaceId, at('a'))).children)).toEqual(['a/b']);
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 1, collections: 4 });
    });

    it('forgets tombstones by their age, and then gives a new id', async () => {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['x.ova', 'y.ova', 'z.ova']));
      const id = await idOf('x.ova');
      index.clock.now = 1_000_000;
      await commit(index, lease, listing('', ['y.ova', 'z.ova']));
      index.clock.now = 2_000_000;
      await commit(index, lease, listing('', ['z.ova']));
      expect(await index.maintenance.forgetMissing(1_000_000, signal)).toBe(0);
      expect(await index.maintenance.forgetMissing(2_000_000, signal)).toBe(1);
      await commit(index, lease, listing('', ['x.ova', 'z.ova']));
      expect(await shown(index, 'jm')).toEqual(['x.ova', 'z.ova']);
      expect(await idOf('x.ova')).not.toBe(id);
    });

    it.each(['finished', 'cancelled', 'taken over'])('refuses the commit of a sync that was %s', async (fate) => {
      const { lease } = await begin(index, 'jm');
      if (fate === 'finished') await end(index, lease);
      if (fate === 'cancelled') await index.syncs.cancel(lease.syncId);
      if (fate === 'taken over') {
        index.clock.now += LEASE_MS;
        const taken = await index.syncs.claim({ owner: 'other', leaseMs: LEASE_MS });
        expect(taken).toMatchObject({ isResumed: true, lease: { syncId: lease.syncId } });
      }
      await expect(index.index.prove(lease, [ROOT])).rejects.toMatchObject({ code: 'conflict' });
      await expect(commit(index, lease, listing('', ['x.ova'], ['d']))).rejects.toMatchObject({ code: 'conflict' });
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 0, collections: 0, revision: 0 });
    });
  });
}
