import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageResource } from '../../../src/domain/model/image.js';
import { failedListing, type Listing } from '../../../src/domain/model/listing.js';
import type { KnownChild } from '../../../src/domain/model/markers.js';
import { isWithin, type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import type { KnownImage } from '../../../src/domain/reconcile/known-images.js';
import type { CollectionChanges, ReconcilingSync } from '../../../src/domain/reconcile/reconcile.js';
import { type KnownWhole, reconcileWhole } from '../../support/known-whole.js';
import { fewRunsOf } from '../../support/thorough.js';

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
  absentInFull: null,
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
    siblings: null,
    guarded,
    misfits: [],
    memberCount: images.length + collections.length + guarded.length,
    requests: 1,
    ...changes,
  };
};

const guardedMember = (name: string) => ({ path: path(name), status: 403 });

const child = (name: string, changes: Partial<KnownChild> = {}): KnownChild => ({
  path: path(name),
  marker: null,
  isSettled: false,
  isProven: false,
  isJoined: false,
  isLeaf: true,
  absentInSync: null,
  absentInFull: null,
  ...changes,
});

const known = (changes: Partial<KnownWhole> = {}): KnownWhole => ({
  path: ROOT,
  marker: 'etag:m1',
  isSettled: true,
  isProven: false,
  modifiedAt: null,
  listedAt: null,
  emptyInSync: null,
  isContradicted: false,
  listedInSync: null,
  toVisit: null,
  images: [],
  children: [],
  holdsImages: (changes.images ?? []).length > 0,
  ...changes,
});

const SYNC: ReconcilingSync = {
  id: 7,
  isHint: false,
  isFull: false,
  doDatesMove: false,
  isAccepted: false,
  isExcluded: () => false,
};
const reconcile = (now: Listing, before: KnownWhole, sync: Partial<ReconcilingSync> = {}) =>
  reconcileWhole(now, before, { ...SYNC, ...sync });

const names = (images: readonly { path: ResourcePath }[] | undefined) => images?.map((image) => image.path);

/** Whether readers of the image list would notice these changes. */
const isVisible = ({ appeared, altered, disappeared, settled }: CollectionChanges) =>
  appeared.length + altered.length + disappeared.length + settled.length > 0;

describe('reconcile', () => {
  it('changes nothing for a listing that failed, whatever it failed with', () => {
    const held = known({ images: [knownImage('a.ova')], children: [child('sub')] });
    expect(reconcile(failedListing(ROOT, 'truncated', 'cut', 1), held)).toBeNull();
  });

  it('tells the new, the changed, the gone and the returned apart', () => {
    const changes = reconcile(
      listing({ images: [resource('new.ova'), resource('big.ova', { sizeBytes: 99 }), resource('back.ova')] }),
      known({ images: [knownImage('big.ova'), knownImage('gone.ova'), knownImage('back.ova', { isMissing: true })] }),
    );
    expect(names(changes?.appeared)).toEqual(['new.ova', 'back.ova']);
    expect(changes?.altered.map(({ image }) => image.path)).toEqual(['big.ova']);
    expect(names(changes?.disappeared)).toEqual(['gone.ova']);
  });

  it('takes a member that is listed twice once', () => {
    const changes = reconcile(listing({ images: [resource('a.ova'), resource('a.ova')] }), known());
    expect(names(changes?.appeared)).toEqual(['a.ova']);
  });

  it.each<[string, Partial<ImageResource>, number]>([
    ['another date', { modifiedAt: 2_000 }, 1],
    ['another size', { sizeBytes: 11 }, 1],
    ['another ETag but the same date and size', { etag: 'e2' }, 0],
    ['another ETag where there is no date', { etag: 'e2', modifiedAt: null }, 1],
  ])('with %s', (_case, now, altered) => {
    const before = knownImage('a.ova', now.modifiedAt === null ? { modifiedAt: null } : {});
    const changes = reconcile(listing({ images: [resource('a.ova', now)] }), known({ images: [before] }));
    expect(changes?.altered).toHaveLength(altered);
  });

  it('keeps what it knows of a child that is there with an error', () => {
    const changes = reconcile(
      listing({ guarded: [guardedMember('a.ova'), guardedMember('sub')] }),
      known({ images: [knownImage('a.ova'), knownImage('b.ova')], children: [child('sub'), child('other')] }),
    );
    expect(names(changes?.disappeared)).toEqual(['b.ova']);
    expect(changes?.vanished.map((each) => each.child.path)).toEqual(['other']);
  });

  it('looks at each child with an error a few times, however many images there are', () => {
    const all = Array.from({ length: 500 }, (_, i) => `${i}.ova`);
    let looks = 0;
    const guarded = all.map((name) => ({
      status: 403,
      get path() {
        looks++;
        return path(name);
      },
    }));
    const changes = reconcile(listing({ guarded }), known({ images: all.map((name) => knownImage(name)) }));
    expect(changes?.guarded).toHaveLength(all.length);
    expect(looks).toBeLessThanOrEqual(4 * all.length);
  });

  it('names an image that a held removal had marked absent and that is there after all', () => {
    const before = knownImage('a.ova', { absentInSync: 3 });
    const changes = reconcile(listing({ images: [resource('a.ova')] }), known({ images: [before] }));
    expect(changes?.reconfirmed).toEqual([before.id]);
  });

  describe('where an image may still be written to', () => {
    const MINUTE = 60_000;
    const look = (image: Partial<ImageResource>, before: Partial<KnownImage> | null, askedAt = MINUTE) =>
      reconcile(
        listing({ images: [resource('a.ova', image)], askedAt }),
        known({ images: before === null ? [] : [knownImage('a.ova', before)] }),
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
      const changes = reconcile(listing({ images, askedAt: MINUTE }), known());
      expect([...(changes?.unsettled ?? [])]).toEqual(['b.ova']);
      expect(changes?.isSettled).toBe(false);
    });
  });

  describe('when nothing is left of what a collection held', () => {
    const LISTED = 1_000_000;
    const held = {
      images: [knownImage('a.ova')],
      children: [child('sub')],
      marker: 'date:500000',
      modifiedAt: 500_000,
      listedAt: LISTED,
    };
    /** As the sync with the number 6 has left it. */
    const emptied = (changes: Partial<KnownWhole> = {}): Partial<KnownWhole> => ({
      emptyInSync: 6,
      images: [knownImage('a.ova', { absentInSync: 5, absentInFull: 6 })],
      children: [child('sub', { absentInSync: 5, absentInFull: 6 })],
      ...changes,
    });
    const dated = (modifiedAt: number | null, rest: Partial<Listing> = {}) =>
      listing({
        collection: path('d'),
        marker: modifiedAt === null ? null : `date:${modifiedAt}`,
        modifiedAt,
        ...rest,
      });

    it.each<[string, Partial<Listing>, Partial<KnownWhole>, Partial<ReconcilingSync>, CollectionChanges['emptying']]>([
      ['believes a date that moved to after the last listing', dated(LISTED + 1_000), {}, {}, 'believed'],
      ['believes it beside a member that is no image', dated(LISTED + 1_000, { memberCount: 1 }), {}, {}, 'believed'],
      ['waits where the date stood still', dated(500_000), {}, {}, 'unsure'],
      ['believes that at the second sync', dated(500_000), emptied(), {}, 'believed'],
      ['believes it at the second sync of any kind where there is no date', dated(null), emptied(), {}, 'believed'],
      ['waits when the same sync asks again', dated(null), emptied({ emptyInSync: 7 }), {}, 'unsure'],
      ['takes no hint for a second sync', dated(null), emptied(), { isHint: true }, 'unsure'],
      ['waits where there is no date, though the ETag moved', dated(null, { marker: 'etag:m2' }), {}, {}, 'unsure'],
      [
        'never believes it where dates are known to move',
        dated(500_000),
        emptied(),
        { doDatesMove: true },
        'contradicted',
      ],
      [
        'waits all the same where an image came for which the date stood still, too',
        dated(500_000, { images: [resource('n.ova')] }),
        {},
        { doDatesMove: true },
        'unsure',
      ],
      [
        'believes that at the second sync, which knows this image',
        dated(500_000, { images: [resource('n.ova')] }),
        emptied({ images: [knownImage('a.ova', { absentInSync: 6 }), knownImage('n.ova')] }),
        { doDatesMove: true },
        'believed',
      ],
      ['never believes a date that went back', dated(400_000), emptied(), {}, 'contradicted'],
      ['nor one beside a stray file', dated(400_000, { memberCount: 1 }), {}, {}, 'contradicted'],
      ['nor one that lies before the last listing', dated(LISTED - 6_000), {}, {}, 'contradicted'],
      ['nor anything behind that', dated(LISTED + 1_000), emptied({ isContradicted: true }), {}, 'contradicted'],
      [
        'nor a mere name',
        dated(400_000, { guarded: [guardedMember('x')], memberCount: 1 }),
        emptied({ isContradicted: true }),
        {},
        'contradicted',
      ],
      [
        'nor an image that came since',
        dated(LISTED + 1_000, { images: [resource('n.ova')] }),
        emptied({ isContradicted: true, images: [knownImage('a.ova', { absentInSync: 6 }), knownImage('n.ova')] }),
        {},
        'contradicted',
      ],
      ['but for an administrator', dated(400_000), emptied({ isContradicted: true }), { isAccepted: true }, 'believed'],
      [
        'finds nothing odd while one image is left',
        dated(LISTED + 1_000, { images: [resource('a.ova')] }),
        {},
        {},
        null,
      ],
      [
        'or a collection',
        dated(LISTED + 1_000, { collections: [{ path: path('sub'), marker: null, isMount: false }] }),
        {},
        {},
        null,
      ],
      [
        'or one that was in doubt',
        dated(500_000, { collections: [{ path: path('sub'), marker: null, isMount: false }] }),
        { children: [child('sub', { absentInSync: 5 })] },
        {},
        null,
      ],
      [
        'or one in another spelling',
        dated(LISTED + 1_000, { collections: [{ path: path('SUB'), marker: null, isMount: false }] }),
        {},
        {},
        null,
      ],
      [
        'or something of which only the name is known',
        dated(LISTED + 1_000, { guarded: [guardedMember('x')] }),
        {},
        {},
        null,
      ],
      [
        'never believes an older date, whatever else is left',
        dated(400_000, { images: [resource('a.ova')] }),
        {},
        {},
        'contradicted',
      ],
      [
        'finds nothing odd in an older date of a folder that lost nothing',
        dated(400_000, {
          images: [resource('a.ova')],
          collections: [{ path: path('SUB'), marker: null, isMount: false }],
        }),
        {},
        {},
        null,
      ],
      [
        'finds nothing odd in an older date without a share, while an image is left',
        dated(400_000, { images: [resource('a.ova')] }),
        { children: [child('sub', { isJoined: true })] },
        {},
        null,
      ],
      [
        'but never believes it where a folder of its own is gone, too',
        dated(400_000, { images: [resource('a.ova')] }),
        { children: [child('sub', { isJoined: true }), child('own')] },
        {},
        'contradicted',
      ],
      ['nor where an image is', dated(400_000), { children: [child('sub', { isJoined: true })] }, {}, 'contradicted'],
      [
        'waits where nothing is left without a share',
        dated(400_000),
        { images: [], children: [child('sub', { isJoined: true })] },
        {},
        'unsure',
      ],
      [
        'but never believes it where that was contradicted before',
        dated(400_000),
        emptied({ images: [], children: [child('sub', { isJoined: true, absentInSync: 5 })], isContradicted: true }),
        {},
        'contradicted',
      ],
    ])('%s', (_case, now, before, sync, emptying) => {
      const changes = reconcile(now as Listing, known({ ...held, path: path('d'), ...before }), sync);
      expect(changes?.emptying).toBe(emptying);
      if (emptying !== null)
        expect((changes?.disappeared.length ?? 0) + (changes?.vanished.length ?? 0)).toBeGreaterThan(0);
      const isByDate = emptying === 'believed' && now.modifiedAt === LISTED + 1_000;
      expect(changes?.isSettled).toBe(emptying === null || isByDate);
    });

    it('finds nothing odd where the configuration leaves out all that is gone', () => {
      const changes = reconcile(dated(400_000, { memberCount: 1 }) as Listing, known({ ...held, path: path('d') }), {
        isExcluded: () => true,
      });
      expect(changes).toMatchObject({ emptying: null, disappeared: [{ path: 'a.ova' }], vanished: [{}] });
    });

    describe('and that is held', () => {
      const folder = (name: string, marker: string | null = null) => ({ path: path(name), marker, isMount: false });
      /** Held by the sync 4; `n.ova` and `new` came since, and the sync 6 has missed both. */
      const holding = (changes: Partial<KnownWhole> = {}) =>
        known({
          ...held,
          path: path('d'),
          emptyInSync: 4,
          isContradicted: true,
          images: [
            knownImage('a.ova', { absentInSync: 4 }),
            knownImage('b.ova', { absentInSync: 3 }),
            knownImage('n.ova', { absentInSync: 6 }),
          ],
          children: [child('sub', { absentInSync: 4, marker: 'etag:s' }), child('new', { absentInSync: 6 })],
          ...changes,
        });
      const at = (rest: Partial<Listing>) => dated(LISTED + 1_000, rest) as Listing;
      const found = (changes: CollectionChanges | null) => ({
        emptying: changes?.emptying,
        isHeldOn: changes?.isHeldOn,
        isHoldOver: changes?.isHoldOver,
        doubted: names(changes?.doubted),
        disappeared: names(changes?.disappeared),
        rejudged: changes?.rejudged,
      });

      it.each<[string, Partial<Listing>, Partial<KnownWhole>, Partial<ReconcilingSync>, object]>([
        [
          'goes on while something of it is missing, and what came since waits with it',
          { images: [resource('x.ova')] },
          {},
          {},
          { emptying: 'contradicted', isHeldOn: true, isHoldOver: false, disappeared: ['a.ova', 'b.ova', 'n.ova'] },
        ],
        [
          'goes on though something is back that came since',
          { images: [resource('n.ova')] },
          {},
          {},
          { emptying: 'contradicted', isHeldOn: true, disappeared: ['a.ova', 'b.ova'] },
        ],
        [
          'goes on where a folder of the name of its own is another one',
          { collections: [folder('sub', 'etag:other')] },
          { images: [knownImage('n.ova')] },
          {},
          { emptying: 'contradicted', isHeldOn: true, disappeared: ['n.ova'] },
        ],
        [
          'ends where nothing of it is missing, though what is there is another file',
          { images: [resource('a.ova', { sizeBytes: 99 }), resource('b.ova', { sizeBytes: 99 })] },
          { children: [] },
          {},
          { emptying: null, doubted: ['n.ova'], disappeared: [] },
        ],
        [
          'ends where part of it is back, and the rest is missed anew',
          { images: [resource('a.ova')] },
          {},
          {},
          { emptying: null, isHoldOver: true, doubted: ['b.ova', 'n.ova'], disappeared: [], rejudged: ['sub', 'new'] },
        ],
        [
          'ends where one of its folders is back as it was',
          { collections: [folder('sub', 'etag:s')] },
          {},
          {},
          { emptying: null, doubted: ['a.ova', 'b.ova', 'n.ova'], disappeared: [], rejudged: ['new'] },
        ],
        [
          'ends so where an administrator has accepted it, and the rest goes',
          { images: [resource('a.ova')] },
          {},
          { isAccepted: true },
          { emptying: null, isHoldOver: false, doubted: [], disappeared: ['b.ova', 'n.ova'], rejudged: [] },
        ],
        [
          'ends so where only a second look was awaited, and the rest goes',
          { images: [resource('a.ova')] },
          { isContradicted: false },
          {},
          { emptying: null, isHoldOver: false, doubted: [], disappeared: ['b.ova', 'n.ova'], rejudged: [] },
        ],
        [
          'ends so for what the configuration excludes',
          { images: [resource('a.ova')] },
          {},
          { isExcluded: (each) => each === 'b.ova' },
          { emptying: null, doubted: ['n.ova'], disappeared: ['b.ova'], rejudged: ['sub', 'new'] },
        ],
      ])('%s', (_, now, before, sync, expected) => {
        expect(found(reconcile(at(now), holding(before), sync))).toMatchObject(expected);
      });

      it('forgets its marks of what is missed anew', () => {
        const changes = reconcile(at({ images: [resource('a.ova')] }), holding());
        expect(changes?.reconfirmed).toEqual(['a.ova', 'b.ova', 'n.ova'].map((name) => knownImage(name).id));
        expect(changes?.isSettled).toBe(true);
      });

      it('is judged by a blank root all over again once nothing of it is missing', () => {
        const root = { ...at({}), collection: ROOT };
        const before = holding({ path: ROOT, images: [knownImage('n.ova')], children: [] });
        expect(found(reconcile(root, before))).toMatchObject({ emptying: 'contradicted', isHeldOn: false });
      });
    });

    it('never believes an empty root, whatever its date', () => {
      const root = { ...dated(LISTED + 1_000), collection: ROOT };
      expect(reconcile(root, known(held))?.emptying).toBe('contradicted');
    });

    it.each<[string, Partial<KnownWhole>, Partial<Listing>, Partial<ReconcilingSync>, CollectionChanges['emptying']]>([
      ['a folder', { images: [] }, {}, {}, 'contradicted'],
      ['an image', { children: [] }, {}, {}, 'contradicted'],
      ['a folder, beside a stray file', { images: [] }, { memberCount: 1 }, {}, null],
      ['a folder whose removal was accepted', { images: [] }, {}, { isAccepted: true }, null],
    ])(
      'never believes an empty root either where all that it held was in doubt before: %s',
      (...[, part, now, sync, emptying]) => {
        const doubtful = { ...held, ...emptied(), emptyInSync: null, ...part };
        const root = { ...dated(LISTED + 1_000, now), collection: ROOT };
        expect(reconcile(root, known(doubtful), { isFull: true, ...sync })?.emptying).toBe(emptying);
      },
    );

    it('finds nothing odd in one that was never listed, of which a search alone has told; but in the root', () => {
      const shown = { images: held.images, children: held.children, marker: null };
      expect(reconcile(dated(400_000) as Listing, known({ ...shown, path: path('d') }))).toMatchObject({
        emptying: null,
        disappeared: [{ path: 'a.ova' }],
      });
      expect(reconcile({ ...dated(400_000), collection: ROOT }, known(shown))?.emptying).toBe('contradicted');
    });

    it('finds nothing odd in one that held nothing, or tombstones only', () => {
      const before = known({ images: [knownImage('a.ova', { isMissing: true })] });
      expect(reconcile(listing(), before)?.emptying).toBeNull();
    });
  });

  describe('beside an entry that can be no member', () => {
    const now = listing({ images: [resource('b.ova')], misfits: ['"." is listed'], memberCount: 2 });
    const before = (changes: Partial<KnownImage>) =>
      known({ images: [knownImage('b.ova'), knownImage('gone.ova', changes)] });

    it.each<[string, Partial<KnownImage>, Partial<ReconcilingSync>, 'doubted' | 'disappeared']>([
      ['doubts that an image is gone', {}, {}, 'doubted'],
      ['doubts it in a first full sync', {}, { isFull: true }, 'doubted'],
      ['doubts it when the same sync asks again', { absentInSync: 7, absentInFull: 7 }, { isFull: true }, 'doubted'],
      ['doubts it in a first full sync after others', { absentInSync: 6 }, { isFull: true }, 'doubted'],
      ['doubts it in an incremental sync that agrees', { absentInSync: 6, absentInFull: 6 }, {}, 'doubted'],
      [
        'believes it in a full one that agrees with a full one',
        { absentInSync: 5, absentInFull: 6 },
        { isFull: true },
        'disappeared',
      ],
      ['believes it once accepted', { absentInSync: 6 }, { isAccepted: true }, 'disappeared'],
      ['does not where something else was accepted', {}, { isAccepted: true }, 'doubted'],
    ])('%s', (_case, image, sync, where) => {
      const changes = reconcile(now, before(image), sync);
      expect(names(changes?.[where])).toEqual(['gone.ova']);
      expect(names(changes?.[where === 'doubted' ? 'disappeared' : 'doubted'])).toEqual([]);
    });
  });

  it('counts as new what no tombstone tells of', () => {
    const now = listing({ images: [resource('new.ova'), resource('back.ova')] });
    const changes = reconcile(now, known({ images: [knownImage('back.ova', { isMissing: true })] }));
    expect(changes).toMatchObject({ newImages: 1, appeared: [{ path: 'new.ova' }, { path: 'back.ova' }] });
  });

  it.each<[string, string, readonly string[], readonly string[], { path: string; isKnown: boolean } | null]>([
    ['another case', 'Images', ['images'], [], { path: 'images', isKnown: false }],
    ['another normal form', 'Cafe\u0301', ['Caf\u00e9'], [], { path: 'Caf\u00e9', isKnown: false }],
    ['another case that was known before', 'Images', ['images'], ['images'], { path: 'images', isKnown: true }],
    ['another name', 'Images', ['pictures'], [], null],
  ])('tells a vanished collection that is listed in %s', (_case, gone, listed, alsoKnown, respelled) => {
    const changes = reconcile(
      listing({
        images: [resource('a.ova')],
        collections: listed.map((name) => ({ path: path(name), marker: null, isMount: false })),
      }),
      known({ images: [knownImage('a.ova')], children: [gone, ...alsoKnown].map((name) => child(name)) }),
    );
    expect(changes?.vanished).toMatchObject([{ child: { path: gone }, respelled }]);
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
        guarded: guarded.map((at) => ({ path: at, status: null })),
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
        children: collections.map((at) => child(at)),
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
        const changes = reconcile(now, before) as CollectionChanges;
        const again = reconcile(now, applied(before, changes)) as CollectionChanges;
        if (isHeld(changes)) expect([again.emptying, again.appeared]).toEqual([changes.emptying, []]);
        else expect(isVisible(again)).toBe(false);
        expect(again.reconfirmed).toEqual([]);
        if (!isHeld(changes)) expect(again.vanished).toEqual([]);
      }),
      { numRuns: fewRunsOf(2_000) },
    );
  });

  it('shows afterwards what the listing has, and besides only what is guarded or suspiciously empty', () => {
    fc.assert(
      fc.property(anyListing, anyKnown, (now, before) => {
        const changes = reconcile(now, before) as CollectionChanges;
        const shown = [...applied(before, changes).images].filter((each) => !each.isMissing);
        const listed = new Map(now.images.map((each) => [each.path, each]));
        for (const each of now.images) expect(names(shown)).toContain(each.path);
        for (const each of shown) {
          const its = listed.get(each.path);
          if (its === undefined) {
            expect(isHeld(changes) || now.guarded.some((guarded) => isWithin(each.path, guarded.path))).toBe(true);
          } else {
            expect([each.sizeBytes, each.modifiedAt]).toEqual([its.sizeBytes, its.modifiedAt]);
          }
        }
      }),
      { numRuns: fewRunsOf(2_000) },
    );
  });

  const isHeld = ({ emptying }: CollectionChanges) => emptying === 'unsure' || emptying === 'contradicted';

  /** What an index would know after committing the changes, every vanished collection proven absent. */
  function applied(before: KnownWhole, changes: CollectionChanges): KnownWhole {
    const images = new Map([...before.images].map((each) => [each.path, each]));
    const isSettled = ({ path: at }: ImageResource) => !changes.unsettled.has(at);
    for (const each of changes.appeared)
      images.set(each.path, knownImage(each.path, { ...each, isSettled: isSettled(each) }));
    for (const { image } of changes.altered) {
      const before = images.get(image.path) as KnownImage;
      images.set(image.path, { ...before, ...image, isSettled: isSettled(image), unchangedMs: 0 });
    }
    for (const [at, each] of images) {
      if (changes.reconfirmed.includes(each.id)) images.set(at, { ...each, absentInSync: null });
      if (changes.settled.includes(each.id)) images.set(at, { ...each, absentInSync: null, isSettled: true });
    }
    const marked = <T extends { readonly absentInSync: number | null }>(each: T): T => ({
      ...each,
      absentInSync: each.absentInSync ?? 7,
    });
    const isGone = ({ path: at }: KnownChild) => changes.vanished.some((vanished) => vanished.child.path === at);
    const listed = changes.collections.filter(({ path: at }) => !before.children.some((each) => each.path === at));
    const children = [...before.children, ...listed.map(({ path: at }) => child(at))];
    if (isHeld(changes)) {
      for (const each of changes.disappeared) images.set(each.path, marked(each));
      return {
        ...before,
        isSettled: false,
        emptyInSync: changes.isHeldOn ? before.emptyInSync : 7,
        isContradicted: before.isContradicted || changes.emptying === 'contradicted',
        images: [...images.values()],
        children: children.map((each) => (isGone(each) ? marked(each) : each)),
      };
    }
    for (const each of changes.disappeared) images.set(each.path, { ...each, isMissing: true, absentInSync: null });
    return {
      ...before,
      marker: changes.marker,
      modifiedAt: changes.modifiedAt,
      emptyInSync: null,
      isContradicted: changes.isDoubtful,
      images: [...images.values()],
      children: children.filter((each) => !isGone(each)),
    };
  }
});
