import { describe, expect, it } from 'vitest';
import { createRemovals, type RemovalDoubt } from '../../../src/crawl/sync/pending-removals.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { NO_COUNTS, type SyncMode } from '../../../src/domain/model/sync.js';
import type { CollectionCommit } from '../../../src/domain/ports/image-index.js';
import type { ClaimedSync } from '../../../src/domain/ports/sync-log.js';
import type { KnownCollection } from '../../../src/domain/reconcile/known-collection.js';
import type { KnownImage } from '../../../src/domain/reconcile/known-images.js';
import type { CollectionChanges } from '../../../src/domain/reconcile/reconcile.js';
import { NO_CHANGES } from '../../support/collection-changes.js';

const SYNC_ID = 7;
const BEFORE = 5;
const at = (path: string) => path as ResourcePath;

/** So many images of a collection that are gone, `agreed` of which an earlier sync missed, too. */
const gone = (collection: string, count: number, agreed = 0): KnownImage[] =>
  Array.from(
    { length: count },
    (_, i) => ({ path: at(`${collection}/${i}.ova`), absentInSync: i < agreed ? BEFORE : null }) as KnownImage,
  );

const commit = (
  collection: string,
  changes: Partial<CollectionChanges> = {},
  options: { absent?: readonly string[]; unproven?: readonly string[] } = {},
): CollectionCommit => ({
  changes: { ...NO_CHANGES, collection: at(collection), ...changes },
  absent: (options.absent ?? []).map(at),
  unproven: (options.unproven ?? []).map(at),
  present: [],
  removals: 'apply',
  toVisit: null,
});

interface Scene {
  readonly shown?: number;
  readonly mode?: SyncMode;
  readonly claimed?: Partial<ClaimedSync>;
  readonly isRefused?: boolean;
  /** Images at or below a collection, and how many of them an earlier sync missed. */
  readonly below?: Record<string, { images: number; agreed: number }>;
  /** Collections that an earlier sync found emptied, and whether their date contradicts that. */
  readonly emptied?: readonly string[];
  readonly isContradicted?: boolean;
  readonly isExcluded?: (path: ResourcePath) => boolean;
  /** What is known of a collection's own images. */
  readonly images?: Record<string, readonly KnownImage[]>;
}

function removalsOf({ shown = 1_000, mode = 'full', ...scene }: Scene = {}) {
  const claimed = {
    sync: { id: SYNC_ID, mode, spaceId: 1, counts: NO_COUNTS },
    lease: { syncId: SYNC_ID, spaceId: 1, owner: 'test' },
    shownImages: shown,
    isRemovalAccepted: false,
    isRelocated: false,
    ...scene.claimed,
  } as ClaimedSync;
  const index = {
    known: async (_: number, path: ResourcePath) =>
      ({
        emptyInSync: scene.emptied?.includes(path) === true ? BEFORE : null,
        isContradicted: scene.isContradicted === true,
      }) as KnownCollection,
    subtree: async (_: unknown, path: ResourcePath) => scene.below?.[path] ?? { images: 0, agreed: 0 },
    knownImages: async (_: number, path: ResourcePath) => ({ images: scene.images?.[path] ?? [], next: null }),
    isRemovalRefused: async () => scene.isRefused === true,
  };
  return createRemovals(claimed, index, scene.isExcluded ?? (() => false));
}

const HELD: RemovalDoubt = { reasons: ['/d: nothing is left'], isHeld: true, isFirstLook: true };
const fates = (commits: readonly CollectionCommit[]) =>
  Object.fromEntries(commits.map(({ changes, removals }) => [changes.collection, removals]));

describe('removals that wait for the end of the walk', () => {
  it('are only those of commits that remove, or doubt, something; a later one of the same collection replaces it', () => {
    const removals = removalsOf();
    expect(removals.take(commit('a'))).toBe(false);
    expect(removals.take(commit('a', { disappeared: gone('a', 1) }))).toBe(true);
    expect(removals.take(commit('b', { doubted: gone('b', 1) }))).toBe(true);
    expect(removals.take(commit('c', {}, { absent: ['c/x'] }))).toBe(true);
    expect(removals.take(commit('d', {}, { unproven: ['d/x'] }))).toBe(true);
    expect(removals.take(commit('e'), HELD)).toBe(true);
    expect(removals.take(commit('a'))).toBe(false);
    expect(['a', 'b', 'c', 'd', 'e'].map((path) => removals.has(at(path)))).toEqual([false, true, true, true, true]);
  });

  it.each<[string, Scene, number, number, 'apply' | 'hold', number]>([
    ['few of many are believed', {}, 3, 0, 'apply', 0],
    ['too many at once are held', {}, 600, 0, 'hold', 600],
    ['as many are believed once an earlier sync agrees', {}, 600, 600, 'apply', 0],
    ['a hint is no second opinion', { mode: 'hint' }, 600, 600, 'hold', 600],
    ['what an administrator accepted goes', { claimed: { isRemovalAccepted: true } }, 600, 600, 'apply', 0],
    [
      'what was never held is not what an administrator accepted',
      { claimed: { isRemovalAccepted: true } },
      600,
      0,
      'hold',
      600,
    ],
    ['what an administrator refused stays', { isRefused: true }, 3, 1, 'hold', 3],
    ['what nobody was shown then goes its own way', { isRefused: true }, 3, 0, 'apply', 0],
    ['what the configuration leaves out weighs nothing', { isExcluded: () => true }, 600, 0, 'apply', 0],
  ])('%s', async (_, scene, count, agreed, fate, held) => {
    const removals = removalsOf(scene);
    removals.take(commit('a', { disappeared: gone('a', count, agreed) }));
    const concluded = await removals.conclude(0);
    expect(fates(concluded.commits)).toEqual({ a: fate });
    expect(concluded.held).toBe(held);
    expect(concluded.reasons.length).toBe(held > 0 ? 1 : 0);
  });

  it('count whole subtrees that are gone', async () => {
    const removals = removalsOf({ below: { 'a/x': { images: 600, agreed: 0 } } });
    removals.take(commit('a', {}, { absent: ['a/x'] }));
    const { held, reasons } = await removals.conclude(0);
    expect(held).toBe(600);
    expect(reasons[0]).toContain('600 of 1,000 images are gone from the storage');
  });

  it('hold what is doubted by itself, and what lost images below it in the same sync', async () => {
    const removals = removalsOf();
    removals.take(commit('d', { disappeared: gone('d', 2) }), HELD);
    removals.take(commit('d/inner', { disappeared: gone('d/inner', 1) }));
    removals.take(commit('e', { disappeared: gone('e', 1) }));
    const { commits, held, reasons } = await removals.conclude(0);
    expect(fates(commits)).toEqual({ d: 'hold', 'd/inner': 'hold', e: 'apply' });
    expect([held, reasons]).toEqual([3, HELD.reasons]);
  });

  it.each<[string, number, 'apply' | 'hold']>([
    ['what was missed with it', 1, 'hold'],
    ['not what was lost later', 0, 'apply'],
  ])('hold, below a collection that an earlier sync found emptied, %s', async (_, agreed, fate) => {
    const removals = removalsOf({ emptied: ['d'] });
    removals.take(commit('d/inner', { disappeared: gone('d/inner', 1, agreed) }));
    expect(fates((await removals.conclude(0)).commits)).toEqual({ 'd/inner': fate });
  });

  it.each<[string, Scene, number, CollectionChanges['emptying']]>([
    ['as it is held above, by its date', { emptied: ['d'], isContradicted: true }, 1, 'contradicted'],
    ['whatever lies between', { emptied: ['d', 'd/inner'], isContradicted: true }, 1, 'contradicted'],
    ['as its own date says where that above tells nothing', { emptied: ['d'] }, 1, 'believed'],
    ['as its own date says where it was not missed with it', { emptied: ['d'], isContradicted: true }, 0, 'believed'],
  ])('hold what was missed with a collection, where a folder is made anew, %s', async (_, scene, agreed, emptying) => {
    const removals = removalsOf(scene);
    removals.take(
      commit('d/inner/e', { emptying: 'believed', isSettled: true, disappeared: gone('d/inner/e', 1, agreed) }),
    );
    const [written] = (await removals.conclude(0)).commits;
    expect(written?.changes).toMatchObject({ emptying, isSettled: emptying === 'believed' });
  });

  it.each<[string, number, Scene, 'apply' | 'hold', string?]>([
    ['are not held for a disk that is back', BEFORE, { emptied: ['d'] }, 'apply'],
    ['are held by a collection that does not lead there', BEFORE, { emptied: ['d'] }, 'hold', 'd/z'],
    ['are held though something is back that came later, and was missed since', BEFORE + 1, { emptied: ['d'] }, 'hold'],
    ['are held by a hold that begins', BEFORE, {}, 'hold'],
  ])('%s: something below is as it was', async (_, backSince, scene, fate, way = 'd/y') => {
    const removals = removalsOf(scene);
    const emptying = 'contradicted' as const;
    const collections = [{ path: at(way), marker: null, isMount: false }];
    removals.take(commit('d', { emptying, collections, disappeared: gone('d', 2) }, { absent: ['d/x'] }), HELD);
    expect(removals.take(commit('d/y', { backSince }))).toBe(false);
    const { commits, held } = await removals.conclude(0);
    expect(fates(commits)).toEqual({ d: fate });
    expect(held).toBe(2);
    if (fate === 'hold') return;
    expect(commits[0]).toMatchObject({
      absent: [],
      unproven: ['d/x'],
      changes: { disappeared: [], rejudged: ['d/x'], isSettled: false },
    });
    expect(commits[0]?.changes.reconfirmed).toHaveLength(2);
  });

  it.each<[string, string, 'apply' | 'hold', readonly string[]]>([
    ['that is missed itself', 'd/x', 'hold', ['d', 'd/x']],
    ['that lies below', 'd/x/y', 'hold', ['d', 'd/x/y']],
    ['unless it is removed', 'd/x', 'apply', []],
    ['unless it lies elsewhere', 'd/xy', 'hold', []],
  ])('take back what a hold marks in a collection that was listed all the same, %s', async (_, listed, fate, order) => {
    const shown = [...gone(listed, 3), { ...gone(listed, 1)[0], isMissing: true } as KnownImage].map((image, id) => ({
      ...image,
      id,
    }));
    const removals = removalsOf({ images: { [listed]: shown } });
    // The listing was compared with what was known before anything was held.
    removals.take(commit(listed, { disappeared: shown.slice(0, 1) }));
    removals.take(commit('d', {}, { absent: ['d/x'] }), fate === 'hold' ? HELD : undefined);
    const { commits } = await removals.conclude(0);
    const isSpared = order.length > 0;
    if (isSpared) expect(commits.map(({ changes }) => changes.collection)).toEqual(order);
    const changes = commits.find((each) => each.changes.collection === listed)?.changes;
    expect(changes?.reconfirmed).toEqual(isSpared ? [1, 2] : []);
  });

  it('count what is in doubt as held, and what appeared against what is gone', async () => {
    const doubting = removalsOf({ below: { 'b/x': { images: 4, agreed: 0 } } });
    doubting.take(commit('b', { doubted: gone('b', 2) }, { unproven: ['b/x'] }), { ...HELD, isHeld: false });
    expect(await doubting.conclude(0)).toMatchObject({ held: 6, reasons: HELD.reasons });
  });

  it('give a bounded number of reasons, the most telling first', async () => {
    const removals = removalsOf();
    removals.take(commit('', { disappeared: gone('', 600) }));
    for (let i = 0; i < 20; i++) removals.take(commit(`d${i}`, {}), { ...HELD, reasons: [`/d${i}: why`] });
    const { reasons } = await removals.conclude(0);
    expect(reasons).toHaveLength(12);
    expect([reasons[0], reasons[11]]).toEqual([expect.stringContaining('600 of 1,000'), 'and 10 more']);
    expect(removals.has(ROOT)).toBe(true);
  });
});
