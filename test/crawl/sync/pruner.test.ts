import { describe, expect, it } from 'vitest';
import { createMounts } from '../../../src/crawl/sync/mounts.js';
import { createPruner } from '../../../src/crawl/sync/pruner.js';
import type { Listing, Probe } from '../../../src/domain/model/listing.js';
import { type KnownChild, type MarkerEvidence, NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import type { SyncMode } from '../../../src/domain/model/sync.js';
import type { ClaimedSync } from '../../../src/domain/ports/sync-log.js';
import type { KnownCollection } from '../../../src/domain/reconcile/known-collection.js';

const at = (path: string) => path as ResourcePath;
const { signal } = new AbortController();
const SUBTREE: MarkerEvidence = { ...NO_EVIDENCE, names: 'seen', subtree: 'seen' };
const NAMES: MarkerEvidence = { ...NO_EVIDENCE, names: 'seen' };

const child = (path: string, changes: Partial<KnownChild> = {}): KnownChild => ({
  path: at(path),
  marker: '1',
  isSettled: true,
  isProven: false,
  isJoined: false,
  isLeaf: false,
  absentInSync: null,
  absentInFull: null,
  ...changes,
});
/** A leaf, a proven subtree, one that is neither, one that has moved. */
const CHILDREN = [
  child('leaf', { isLeaf: true }),
  child('proven', { isProven: true }),
  child('plain'),
  child('moved', { isLeaf: true, isProven: true, marker: '0' }),
];
const LISTED = ['leaf', 'proven', 'plain', 'moved'].map((path) => ({ path: at(path), marker: '1', isMount: false }));
const ROOT_AS_KNOWN = { path: ROOT, marker: 'r', isProven: true, children: CHILDREN } as unknown as KnownCollection;

function scene(
  mode: SyncMode,
  evidence: MarkerEvidence,
  options: { root?: Partial<Probe>; mounts?: string[]; searchedMarker?: string; kept?: readonly string[] } = {},
) {
  const search = { ...NO_SEARCH, searchedMarker: options.searchedMarker ?? null };
  const mounts = createMounts();
  const seen = { marker: 'r', isSettled: true, mayPropagate: true };
  const root: Probe = { presence: 'present', failure: null, detail: '', ...seen, requests: 1 };
  let probes = 0;
  const pruner = createPruner({
    claimed: {
      sync: { mode, spaceId: 1 },
      evidence,
      search,
      isRemovalRefused: options.kept !== undefined,
    } as ClaimedSync,
    mounts,
    store: {
      probe: async () => {
        probes += 1;
        return { ...root, ...options.root };
      },
    },
    index: {
      known: async () => ROOT_AS_KNOWN,
      subtree: async (_, collection) => {
        const agreed = (options.kept ?? []).filter((path) => collection === ROOT || path === collection).length;
        return { images: 9, agreed };
      },
      mountsBelow: async (_, collection) =>
        (options.mounts ?? []).map(at).filter((path) => collection === ROOT || path.startsWith(`${collection}/`)),
    },
  });
  const toVisit = (changes: Partial<Listing> = {}) =>
    pruner.toVisit(
      { collection: ROOT, collections: LISTED, mayPropagate: true, isMount: false, ...changes } as Listing,
      ROOT_AS_KNOWN,
    );
  return { pruner, mounts, toVisit, probes: () => probes };
}

describe('what a sync need not ask', () => {
  const ALL = ['leaf', 'proven', 'plain', 'moved'];
  it.each<[string, SyncMode, MarkerEvidence, boolean, readonly string[]]>([
    ['nothing in a full one', 'full', SUBTREE, true, ALL],
    ['nothing in a hint', 'hint', SUBTREE, true, ALL],
    ['nothing while markers are learned', 'incremental', NO_EVIDENCE, true, ALL],
    ['unchanged leaves, where markers prove names', 'incremental', NAMES, true, ['proven', 'plain', 'moved']],
    ['unchanged subtrees, too, where they prove these', 'incremental', SUBTREE, true, ['plain', 'moved']],
    [
      'leaves alone, where a proxy takes the properties away',
      'incremental',
      SUBTREE,
      false,
      ['proven', 'plain', 'moved'],
    ],
  ])('%s', async (_, mode, evidence, mayPropagate, expected) => {
    expect(await scene(mode, evidence).toVisit({ mayPropagate })).toEqual(expected);
  });

  it('goes on to the mounts of an unchanged subtree, the outermost of them', async () => {
    const { toVisit, mounts } = scene('incremental', SUBTREE, { mounts: ['proven/a', 'proven/a/b', 'plain/c'] });
    expect(await toVisit()).toEqual(['proven/a', 'plain', 'moved']);
    expect(mounts.hold(at('proven/a/b'))).toBe(true);
  });

  it.each<[string, readonly string[] | undefined, readonly string[], boolean | undefined]>([
    [
      'nothing below which an image is kept that an administrator refused to let go',
      ['leaf'],
      ['leaf', 'plain', 'moved'],
      undefined,
    ],
    ['what is unchanged elsewhere, as where nothing of that is left', [], ['plain', 'moved'], true],
  ])('%s', async (_, kept, expected, isUnchanged) => {
    const { pruner, toVisit } = scene('incremental', SUBTREE, { ...(kept && { kept }), searchedMarker: 'r' });
    expect((await pruner.askRoot(signal, false))?.isUnchanged).toBe(isUnchanged);
    expect(await toVisit()).toEqual(expected);
  });

  it('lists a mount and all in it, whatever the markers say', async () => {
    const { toVisit, mounts } = scene('incremental', SUBTREE);
    const collections = LISTED.map((each) => ({ ...each, isMount: each.path === 'leaf' }));
    expect(await toVisit({ collections })).toEqual(['leaf', 'plain', 'moved']);
    expect(mounts.hold(at('leaf/x'))).toBe(true);
    expect(await toVisit({ collection: at('leaf') })).toEqual(ALL);
    await toVisit();
    expect([mounts.hold(at('leaf')), mounts.holdOn(at('leaf'))]).toEqual([true, false]);
  });

  it.each<[string, SyncMode, MarkerEvidence, Partial<Probe>, boolean | null]>([
    ['proves the space unchanged', 'incremental', SUBTREE, {}, true],
    ['has moved', 'incremental', SUBTREE, { marker: 'new' }, false],
    ['lacks its properties', 'incremental', SUBTREE, { mayPropagate: false }, false],
    ['is not there', 'incremental', SUBTREE, { presence: 'unknown' }, false],
    ['is not asked in a full sync', 'full', SUBTREE, {}, null],
    ['is not asked where markers prove names alone', 'incremental', NAMES, {}, null],
  ])('the root %s', async (_, mode, evidence, root, expected) => {
    const { pruner, probes } = scene(mode, evidence, { root, mounts: ['proven/a'] });
    const asked = await pruner.askRoot(signal, false);
    expect(asked?.isUnchanged ?? null).toBe(expected);
    expect(asked?.mounts ?? []).toEqual(expected === true ? ['proven/a'] : []);
    expect(probes()).toBe(expected === null ? 0 : 1);
  });

  it.each<[string, MarkerEvidence, string, boolean]>([
    ['as it was after the last search proves it unchanged', SUBTREE, 'r2', true],
    ['that has moved since the last search does not', SUBTREE, 'r3', false],
    ['whose marker proves names alone does not, whatever it was after the last search', NAMES, 'r2', false],
  ])('a root %s', async (_, evidence, searchedMarker, isUnchanged) => {
    const { pruner } = scene('incremental', evidence, { root: { marker: 'r2' }, searchedMarker });
    const asked = await pruner.askRoot(signal, true);
    expect(asked).toMatchObject({ isUnchanged, isSearched: isUnchanged });
  });
});
