import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageResource } from '../../src/domain/image.js';
import { failedListing, type Listing } from '../../src/domain/listing.js';
import type { KnownChild } from '../../src/domain/markers.js';
import { isWithin, type ResourcePath, ROOT } from '../../src/domain/path.js';
import {
  type CollectionChanges,
  type KnownCollection,
  type KnownImage,
  reconcile,
} from '../../src/domain/reconcile.js';

const path = (text: string) => text as ResourcePath;

const resource = (name: string, changes: Partial<ImageResource> = {}): ImageResource => ({
  path: path(name),
  sizeBytes: 10,
  etag: 'e1',
  modifiedAt: 1_000,
  ...changes,
});

const knownImage = (name: string, changes: Partial<KnownImage> = {}): KnownImage => ({
  ...resource(name),
  id: name.charCodeAt(0),
  isMissing: false,
  absentInSync: null,
  isSettled: true,
  unchangedMs: 0,
  ...changes,
});

const listing = (changes: Partial<Listing> = {}): Listing => {
  const images = changes.images ?? [];
  const collections = changes.collections ?? [];
  const guarded = changes.guarded ?? [];
  return {
    collection: ROOT,
    verdict: { complete: true },
    marker: 'etag:m1',
    modifiedAt: null,
    askedAt: null,
    isSettled: true,
    mayPropagate: false,
    isMount: false,
    images,
    collections,
    guarded,
    memberCount: images.length + collections.length + guarded.length,
    requests: 1,
    ...changes,
  };
};

const child = (name: string): KnownChild => ({
  path: path(name),
  marker: null,
  isSettled: false,
  isProven: false,
  isLeaf: true,
});

const known = (changes: Partial<KnownCollection> = {}): KnownCollection => ({
  path: ROOT,
  marker: 'etag:m1',
  isSettled: true,
  isProven: false,
  emptyInSync: null,
  listedInSync: null,
  toVisit: null,
  images: [],
  children: [],
  ...changes,
});

const names = (images: readonly { path: ResourcePath }[] | undefined) => images?.map((image) => image.path);

/** Whether readers of the image list would notice these changes. */
const isVisible = ({ appeared, altered, disappeared, settled }: CollectionChanges) =>
  appeared.length + altered.length + disappeared.length + settled.length > 0;

describe('reconcile', () => {
  it('changes nothing for a listing that failed, whatever it failed with', () => {
    const held = known({ images: [knownImage('a.ova')], children: [child('sub')] });
    expect(reconcile(failedListing(ROOT, 'truncated', 'cut', 1), held, 7)).toBeNull();
  });

  it('tells the new, the changed, the gone and the returned apart', () => {
    const changes = reconcile(
      listing({ images: [resource('new.ova'), resource('big.ova', { sizeBytes: 99 }), resource('back.ova')] }),
      known({ images: [knownImage('big.ova'), knownImage('gone.ova'), knownImage('back.ova', { isMissing: true })] }),
      7,
    );
    expect(names(changes?.appeared)).toEqual(['new.ova', 'back.ova']);
    expect(changes?.altered.map(({ image }) => image.path)).toEqual(['big.ova']);
    expect(names(changes?.disappeared)).toEqual(['gone.ova']);
  });

  it('takes a member that is listed twice once', () => {
    const changes = reconcile(listing({ images: [resource('a.ova'), resource('a.ova')] }), known(), 7);
    expect(names(changes?.appeared)).toEqual(['a.ova']);
  });

  it.each<[string, Partial<ImageResource>, number]>([
    ['another date', { modifiedAt: 2_000 }, 1],
    ['another size', { sizeBytes: 11 }, 1],
    ['another ETag but the same date and size', { etag: 'e2' }, 0],
    ['another ETag where there is no date', { etag: 'e2', modifiedAt: null }, 1],
  ])('with %s', (_case, now, altered) => {
    const before = knownImage('a.ova', now.modifiedAt === null ? { modifiedAt: null } : {});
    const changes = reconcile(listing({ images: [resource('a.ova', now)] }), known({ images: [before] }), 7);
    expect(changes?.altered).toHaveLength(altered);
  });

  it('keeps what it knows of a child that is there with an error', () => {
    const changes = reconcile(
      listing({ guarded: [path('a.ova'), path('sub')] }),
      known({ images: [knownImage('a.ova'), knownImage('b.ova')], children: [child('sub'), child('other')] }),
      7,
    );
    expect(names(changes?.disappeared)).toEqual(['b.ova']);
    expect(changes?.vanished).toEqual(['other']);
  });

  it('names an image that a held removal had marked absent and that is there after all', () => {
    const before = knownImage('a.ova', { absentInSync: 3 });
    const changes = reconcile(listing({ images: [resource('a.ova')] }), known({ images: [before] }), 7);
    expect(changes?.reconfirmed).toEqual([before.id]);
  });

  describe('where an image may still be written to', () => {
    const MINUTE = 60_000;
    const look = (image: Partial<ImageResource>, before: Partial<KnownImage> | null, askedAt = MINUTE) =>
      reconcile(
        listing({ images: [resource('a.ova', image)], askedAt }),
        known({ images: before === null ? [] : [knownImage('a.ova', before)] }),
        7,
      );

    it.each<[string, Partial<ImageResource>, Partial<KnownImage> | null, number, boolean]>([
      ['a new one of just now', { modifiedAt: 1 }, null, 1, false],
      ['a new one of a minute ago', { modifiedAt: 0 }, null, 0, true],
      ['one that has grown', { sizeBytes: 11, modifiedAt: 1 }, {}, 1, false],
      ['one that was not settled and is not yet', { modifiedAt: 1 }, { modifiedAt: 1, isSettled: false }, 0, false],
      ['one that was settled', { modifiedAt: 1 }, { modifiedAt: 1 }, 0, true],
    ])('takes note of %s', (_case, image, before, unsettled, isSettled) => {
      const changes = look(image, before);
      expect(changes?.unsettled.size).toBe(unsettled);
      expect(changes?.settled).toEqual([]);
      expect(changes?.isSettled).toBe(isSettled);
    });

    it('names what has become settled, and trusts the marker of its collection from then on', () => {
      const before = knownImage('a.ova', { modifiedAt: 0, isSettled: false, unchangedMs: 1 });
      expect(look({ modifiedAt: 0 }, before)).toMatchObject({ settled: [before.id], altered: [], isSettled: true });
    });

    it('looks again at the whole collection for one of them', () => {
      const images = [resource('a.ova', { modifiedAt: 0 }), resource('b.ova', { modifiedAt: 1 })];
      const changes = reconcile(listing({ images, askedAt: MINUTE }), known(), 7);
      expect([...(changes?.unsettled ?? [])]).toEqual(['b.ova']);
      expect(changes?.isSettled).toBe(false);
    });
  });

  describe('when a collection that held something shows only itself', () => {
    const held = { images: [knownImage('a.ova')], children: [child('sub')] };
    it.each([
      ['does not believe it while its marker stands still', {}, {}, true],
      ['does not believe it where there is no marker', { marker: null }, { marker: null }, true],
      ['believes it when the marker has moved', { marker: 'etag:m2' }, {}, false],
      ['believes it at the second sync', {}, { emptyInSync: 6 }, false],
      ['does not believe it when the same sync asks again', {}, { emptyInSync: 7 }, true],
    ])('%s', (_case, now, before, isSuspicious) => {
      const changes = reconcile(listing(now), known({ ...held, ...before }), 7);
      expect(changes?.isSuspicious).toBe(isSuspicious);
      expect(changes?.disappeared).toHaveLength(isSuspicious ? 0 : 1);
      expect(changes?.vanished).toHaveLength(isSuspicious ? 0 : 1);
    });

    it('finds nothing odd in one that held nothing, or tombstones only', () => {
      const before = known({ images: [knownImage('a.ova', { isMissing: true })] });
      expect(reconcile(listing(), before, 7)?.isSuspicious).toBe(false);
    });

    it('is no emptiness if it has other members', () => {
      const changes = reconcile(listing({ memberCount: 3 }), known(held), 7);
      expect(changes?.isSuspicious).toBe(false);
      expect(names(changes?.disappeared)).toEqual(['a.ova']);
    });
  });
});

describe('reconcile, for any listing and any knowledge', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f').map(path);
  const image = fc.record({
    sizeBytes: fc.option(fc.nat(3)),
    modifiedAt: fc.option(fc.nat(3)),
    etag: fc.option(fc.constantFrom('x', 'y')),
  });
  const marker = fc.option(fc.constantFrom('etag:m1', 'etag:m2'));
  const anyListing = fc
    .record({
      images: fc.uniqueArray(fc.tuple(name, image), { selector: ([at]) => at }),
      collections: fc.uniqueArray(name),
      guarded: fc.uniqueArray(name),
      others: fc.nat(2),
      marker,
      askedAt: fc.constantFrom(null, 2, 60_002),
    })
    .map(({ others, askedAt, ...parts }) => {
      const taken = new Set(parts.images.map(([at]) => at));
      const collections = parts.collections.filter((at) => !taken.has(at));
      const guarded = parts.guarded.filter((at) => !taken.has(at) && !collections.includes(at));
      return listing({
        marker: parts.marker,
        askedAt,
        images: parts.images.map(([at, changes]) => resource(at, changes)),
        collections: collections.map((at) => ({ path: at, marker: null, isMount: false })),
        guarded,
        memberCount: taken.size + collections.length + guarded.length + others,
      });
    });
  const anyKnown = fc
    .record({
      images: fc.uniqueArray(fc.tuple(name, image, fc.boolean(), fc.option(fc.constantFrom(3, 7))), {
        selector: ([at]) => at,
      }),
      isSettled: fc.boolean(),
      unchangedMs: fc.constantFrom(0, 1, 60_000),
      collections: fc.uniqueArray(name),
      marker,
      emptyInSync: fc.option(fc.constantFrom(3, 7)),
    })
    .map(({ images, collections, isSettled, unchangedMs, ...rest }) =>
      known({
        ...rest,
        children: collections.map(child),
        images: images.map(([at, changes, isMissing, absentInSync]) =>
          knownImage(at, {
            ...changes,
            isMissing,
            absentInSync: isMissing ? null : absentInSync,
            isSettled,
            unchangedMs,
          }),
        ),
      }),
    );

  it('gives no visible change when the same listing is reconciled again', () => {
    fc.assert(
      fc.property(anyListing, anyKnown, (now, before) => {
        const changes = reconcile(now, before, 7) as CollectionChanges;
        const again = reconcile(now, applied(before, changes), 7) as CollectionChanges;
        expect(isVisible(again)).toBe(false);
        expect(again.reconfirmed).toEqual([]);
        expect(again.vanished).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('shows afterwards what the listing has, and besides only what is guarded or suspiciously empty', () => {
    fc.assert(
      fc.property(anyListing, anyKnown, (now, before) => {
        const changes = reconcile(now, before, 7) as CollectionChanges;
        const shown = [...applied(before, changes).images].filter((each) => !each.isMissing);
        const listed = new Map(now.images.map((each) => [each.path, each]));
        for (const each of now.images) expect(names(shown)).toContain(each.path);
        for (const each of shown) {
          const its = listed.get(each.path);
          if (its === undefined) {
            expect(changes.isSuspicious || now.guarded.some((guarded) => isWithin(each.path, guarded))).toBe(true);
          } else {
            expect([each.sizeBytes, each.modifiedAt]).toEqual([its.sizeBytes, its.modifiedAt]);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  /** What an index would know after committing the changes, every vanished collection proven absent. */
  function applied(before: KnownCollection, changes: CollectionChanges): KnownCollection {
    const images = new Map([...before.images].map((each) => [each.path, each]));
    const isSettled = ({ path: at }: ImageResource) => !changes.unsettled.has(at);
    for (const each of changes.appeared)
      images.set(each.path, knownImage(each.path, { ...each, isSettled: isSettled(each) }));
    for (const { image } of changes.altered) {
      const before = images.get(image.path) as KnownImage;
      images.set(image.path, { ...before, ...image, isSettled: isSettled(image), unchangedMs: 0 });
    }
    for (const each of changes.disappeared) images.set(each.path, { ...each, isMissing: true, absentInSync: null });
    for (const [at, each] of images) {
      if (changes.reconfirmed.includes(each.id)) images.set(at, { ...each, absentInSync: null });
      if (changes.settled.includes(each.id)) images.set(at, { ...each, absentInSync: null, isSettled: true });
    }
    return {
      ...before,
      marker: changes.isSuspicious ? before.marker : changes.marker,
      emptyInSync: changes.isSuspicious ? (before.emptyInSync ?? 7) : null,
      images: [...images.values()],
      children: changes.isSuspicious
        ? before.children
        : [...before.children, ...changes.collections.map(({ path: at }) => child(at))].filter(
            (each) => !changes.vanished.includes(each.path),
          ),
    };
  }
});
