import { isSaidToBeGone, type Listing, type Probe } from '../../domain/model/listing.js';
import { isWithin, parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { Search, SearchFindings } from '../../domain/model/search.js';
import type { SyncCounts } from '../../domain/model/sync.js';
import type { CommitCounts, ImageIndex } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import type { KnownCollection } from '../../domain/reconcile/known-collection.js';
import { lateFiles } from '../../domain/reconcile/late-files.js';
import {
  collectionsOf,
  isAgreed,
  type SearchDifferences,
  type SearchRoute,
  searchRoute,
  startSearchComparison,
  stillThere,
} from '../../domain/reconcile/search-plan.js';
import { checkSearch, missedBy } from './check.js';
import { showFirst } from './first-look.js';

/** The part that the storage's own search has in a sync. */
export interface Searching {
  /** Whether this sync would rather search than walk, if its root is not proven unchanged. */
  readonly isWanted: boolean;
  /**
   * Searches, if that is wanted: once the root's marker is known and not proven, or, where no marker proves anything,
   * before anything else (null). Returns where the sync goes first without listing the rest; `walk` if it has to;
   * `unasked` if the search isn't known well enough to come first.
   */
  begin(
    root: Pick<Probe, 'marker' | 'isSettled' | 'mayPropagate'> | null,
  ): Promise<readonly ResourcePath[] | 'walk' | 'unasked'>;
  /**
   * Shows what a search finds in a new space: before anything is listed (null) if the storage is expected to have one,
   * otherwise once its root was.
   */
  lookFirst(root: Listing | null): Promise<void>;
  /** Why the credentials were refused to a search that came before anything else; null if they weren't. */
  refusal(): string | null;
  /** Whether the sync lists only what differs. */
  isNarrow(): boolean;
  /** Whether it lists the collection because something may be new there, which is shown before anything else is asked. */
  isFirst(collection: ResourcePath): boolean;
  /** Whether a narrow sync is to show what markers prove, though it lists collections before those above them. */
  isLearning(): boolean;
  /** What was known, before such a sync listed anything, of a collection that it set out to list. */
  knownBefore(collection: ResourcePath): KnownCollection | undefined;
  /** Whether a listing lacks what such a sync has listed below it before: then it is no witness of anything. */
  isContradicted(listing: Listing): boolean;
  /** Takes in a listing of a narrow sync, and returns where the sync goes on below it. */
  after(listing: Listing): readonly ResourcePath[];
  /** Notes that a listing of a narrow sync left something that has to be looked at again soon. */
  noteUnsettled(): void;
  /** Notes that the index changed below folders that are not listed: what the last search agreed with is over. */
  noteChange(): void;
  /** Notes that nothing was listed since the root is as it was after the last search. */
  notePassed(): void;
  /**
   * Ends the part: compares a search with what was found, if everything was listed and nothing was left or held.
   * `isTaught`: markers were seen to prove subtrees.
   */
  conclude(seen: { readonly isWhole: boolean; readonly isTaught: boolean }): Promise<SearchFindings | undefined>;
}

type Found = Search & { readonly kind: 'found' };

export function createSearching(deps: {
  readonly claimed: ClaimedSync;
  /** Whether the configuration allows it. */
  readonly isAllowed: boolean;
  readonly store: Pick<RemoteStore, 'search' | 'list'>;
  readonly index: Pick<ImageIndex, 'known' | 'shownImages' | 'incompleteFolders' | 'show' | 'distrust'>;
  /** Whether a collection is not too deep for a walk. */
  readonly isInReach: (collection: ResourcePath) => boolean;
  /** Whether the configuration excludes a path. */
  readonly isExcluded: (path: ResourcePath) => boolean;
  /** Visits a collection when nothing else is left. */
  readonly visitLast: (collection: ResourcePath) => void;
  readonly count: (more: Partial<SyncCounts> | CommitCounts) => void;
  /** Notes a collection that could not be listed, and why. */
  readonly warn: (collection: ResourcePath, message: string) => void;
  readonly signal: AbortSignal;
}): Searching {
  const { claimed, isAllowed, store, index, isInReach, isExcluded, visitLast, count, warn, signal } = deps;
  const { sync, lease, evidence, search: known } = claimed;
  /** Whether a walk would list the collection of an image. */
  const isImageInReach = (image: ResourcePath) => isInReach(parentOf(image));
  const isFromStart = isAllowed && sync.mode !== 'hint' && !claimed.isResumed && claimed.leftOff.length === 0;
  const isBelieved = known.search === 'seen' && claimed.isInOrder && !claimed.isRelocated && !claimed.isRemovalAccepted;
  const isWanted = isFromStart && sync.mode === 'incremental' && isBelieved;
  let hasBegun = false;
  let refusal: string | null = null;
  let route: SearchRoute | null = null;
  let first: ReadonlySet<ResourcePath> = new Set();
  /** What is left of the way that the route describes. */
  const ahead = new Map<ResourcePath, readonly ResourcePath[]>();
  const knownBefore = new Map<ResourcePath, KnownCollection>();
  const listed = new Set<ResourcePath>();
  let marker: string | null = null;
  /** The root's marker as it was listed after the search. */
  let laterMarker: string | null = null;
  let isAllSettled = true;
  /** Images of the index that the search didn't show, and those of them that were listed after it. */
  let unseen: ReadonlySet<ResourcePath> = new Set();
  const missed = new Set<ResourcePath>();
  let findings: SearchFindings | undefined;
  let hasChanged = false;

  /** Searches the space; null if that brings nothing to go by. `isFirst`: as in `RemoteStore`. */
  const ask = async (isFirst = false): Promise<Found | null> => {
    const answer = await store.search(signal, isFirst);
    if (answer === null) return null;
    hasBegun = true;
    count({ requests: answer.requests });
    if (answer.kind !== 'found') {
      if (isFirst && answer.kind === 'failed' && answer.failure === 'unauthorized') refusal = answer.detail;
      findings = { found: null, misses: 0, searchedMarker: null, trouble: answer.detail };
      return null;
    }
    if (answer.doubt !== null) {
      findings = {
        found: 'missed',
        misses: 1,
        searchedMarker: null,
        trouble: `its answer contradicts itself: ${answer.doubt}`,
      };
      return null;
    }
    const images = answer.images.filter(({ path }) => isImageInReach(path));
    return images.length === answer.images.length ? answer : { ...answer, images };
  };

  /** Whether the root has changed since it was listed, or since a search agreed with the index. */
  const hasMoved = async ({ marker: now }: Pick<Probe, 'marker'>): Promise<boolean> => {
    if (now !== null && now === known.searchedMarker) return false;
    const listed = await index.known(sync.spaceId, ROOT);
    return now === null || !listed.isSettled || now !== listed.marker;
  };

  const compare = async (found: Found): Promise<SearchDifferences> => {
    const comparison = startSearchComparison(found.images, isExcluded);
    for (let after: ResourcePath | null = ROOT; after !== null; ) {
      const page = await index.shownImages(sync.spaceId, after);
      comparison.add(page.images.filter(({ path }) => isImageInReach(path)));
      after = page.next;
    }
    return comparison.end();
  };

  const setOut = async (planned: SearchRoute) => {
    for (const [collection, next] of planned.after) ahead.set(collection, next);
    for (const collection of planned.later) visitLast(collection);
    if (planned.above.size > 0) {
      for (const at of collectionsOf(planned)) knownBefore.set(at, await index.known(sync.spaceId, at));
      visitLast(ROOT);
    }
    first = new Set(planned.first);
    route = planned;
  };

  /** Whether another search doesn't show what was listed since the first one, either. */
  const stillMissing = async (): Promise<boolean> => {
    const again = await ask();
    for (const { path } of again?.images ?? []) missed.delete(path);
    return again !== null && missed.size > 0;
  };

  /**
   * Returns the root's marker under which a search shows no more than what the index has; null if there is none. What
   * was listed of it last is younger than the search, so another one has to follow.
   */
  const searchedMarker = async (isTaught: boolean): Promise<string | null> => {
    if (!isAllSettled) return null;
    if (marker !== null || laterMarker === null || !isTaught) return marker;
    const again = await ask();
    return again !== null && isAgreed(await compare(again)) ? laterMarker : null;
  };

  const passed = (): SearchFindings => ({ found: null, misses: 0, searchedMarker: known.searchedMarker });

  return {
    isWanted,
    async begin(root) {
      if (!isWanted || hasBegun || root?.mayPropagate === false) return 'walk';
      const found = await ask(root === null);
      if (found === null) return hasBegun || root !== null ? 'walk' : 'unasked';
      const differences = await compare(found);
      const isLearning = evidence.subtree === 'none';
      const hasRootMoved = root !== null && (await hasMoved(root));
      const incomplete = await index.incompleteFolders(sync.spaceId);
      // Settings may have changed since these were listed.
      const listable = incomplete.filter(({ collection: at }) => isInReach(at) && !isExcluded(at));
      const late = lateFiles(listable, found.askedAt);
      const planned = searchRoute(differences, { isLearning, hasRootMoved, late: late.due });
      if (planned === null) return 'walk';
      if (late.isAnyLeft) isAllSettled = false;
      unseen = differences.missingImages;
      marker = root?.isSettled === true ? root.marker : null;
      await setOut(planned);
      return planned.first;
    },
    async lookFirst(root) {
      if (!isFromStart || hasBegun || !claimed.isNew || claimed.shownImages > 0 || root?.mayPropagate === false) return;
      const found = await ask(root === null);
      if (found !== null) await showFirst(found, { index, lease, count });
    },
    refusal: () => refusal,
    isNarrow: () => route !== null,
    isFirst: (collection) => first.has(collection),
    isLearning: () => knownBefore.size > 0,
    knownBefore: (collection) => knownBefore.get(collection),
    isContradicted({ collection, collections, guarded }) {
      if (knownBefore.size === 0) return false;
      // One that is shown with an error of its own is told of as such.
      const shown = [...collections, ...guarded.filter((member) => !isSaidToBeGone(member))];
      const below = [...listed].filter((path) => path !== collection && isWithin(path, collection));
      return stillThere(below, shown).length < below.length;
    },
    after({ collection, collections, images, marker: now, isSettled }) {
      listed.add(collection);
      if (collection === ROOT) laterMarker = isSettled ? now : null;
      if (unseen.size > 0) for (const { path } of images) if (unseen.has(path)) missed.add(path);
      const next = ahead.get(collection) ?? [];
      ahead.delete(collection);
      for (const path of stillThere(route?.above.get(collection) ?? [], collections)) visitLast(path);
      return stillThere(next, collections);
    },
    noteUnsettled() {
      isAllSettled = false;
    },
    noteChange() {
      hasChanged = true;
    },
    notePassed() {
      findings = passed();
    },
    async conclude({ isWhole, isTaught }) {
      if (sync.mode === 'hint') return hasChanged || known.searchedMarker === null ? undefined : passed();
      if (route !== null) {
        if (missed.size > 0 && (await stillMissing())) return missedBy([...missed]);
        return { found: null, misses: 0, searchedMarker: await searchedMarker(isTaught), trouble: null };
      }
      const isCheck = isFromStart && isWhole && (sync.mode === 'full' || claimed.isNew);
      if (!isCheck || findings?.found === 'missed') return findings;
      const found = await ask();
      if (found === null) return findings;
      const space = { index, store, lease, count, warn, isInReach: isImageInReach, signal };
      const checked = await checkSearch(found.images, space);
      count({ requests: checked.requests });
      return checked.findings;
    },
  };
}
