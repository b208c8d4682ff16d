import type { Listing, Probe } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { Search, SearchFindings } from '../../domain/model/search.js';
import type { SyncCounts } from '../../domain/model/sync.js';
import type { CommitCounts, ImageIndex } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import {
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
   * Searches, if that is wanted, once the root's marker is known and not proven. Returns where the sync goes on without
   * listing the rest; null if it has to walk.
   */
  begin(root: Pick<Probe, 'marker' | 'isSettled' | 'mayPropagate'>): Promise<readonly ResourcePath[] | null>;
  /** Shows what a search finds in a new space, once its root was listed. */
  lookFirst(root: Listing): Promise<void>;
  /** Whether the sync lists only what differs. */
  isNarrow(): boolean;
  /** Takes in a listing of a narrow sync, and returns where the sync goes on below it. */
  after(listing: Listing): readonly ResourcePath[];
  /** Notes that a listing of a narrow sync left something that has to be looked at again soon. */
  noteUnsettled(): void;
  /** Notes that the index changed below folders that are not listed: what the last search agreed with is over. */
  noteChange(): void;
  /** Notes that nothing was listed since the root is as it was after the last search. */
  notePassed(): void;
  /** Ends the part: compares a search with what was found, if everything was listed and nothing was left or held. */
  conclude(isWhole: boolean): Promise<SearchFindings | undefined>;
}

export function createSearching(deps: {
  readonly claimed: ClaimedSync;
  /** Whether the configuration allows it. */
  readonly isAllowed: boolean;
  readonly store: Pick<RemoteStore, 'search' | 'list'>;
  readonly index: Pick<ImageIndex, 'shownImages' | 'show'>;
  /** Whether a walk would list the collection of an image. */
  readonly isInReach: (image: ResourcePath) => boolean;
  readonly count: (more: Partial<SyncCounts> | CommitCounts) => void;
  readonly signal: AbortSignal;
}): Searching {
  const { claimed, isAllowed, store, index, isInReach, count, signal } = deps;
  const { sync, lease, evidence, search: known } = claimed;
  const isFromStart = isAllowed && sync.mode !== 'hint' && !claimed.isResumed && claimed.leftOff.length === 0;
  const isBelieved = known.search === 'seen' && claimed.isInOrder && !claimed.isRelocated && !claimed.isRemovalAccepted;
  const isWanted = isFromStart && sync.mode === 'incremental' && isBelieved;
  let hasBegun = false;
  let route: Map<ResourcePath, readonly ResourcePath[]> | null = null;
  let marker: string | null = null;
  /** Images of the index that the search didn't show, and those of them that were listed after it. */
  let unseen: ReadonlySet<ResourcePath> = new Set();
  const missed = new Set<ResourcePath>();
  let findings: SearchFindings | undefined;
  let hasChanged = false;

  /** Searches the space; null if that brings nothing to go by. */
  const ask = async (): Promise<(Search & { readonly kind: 'found' }) | null> => {
    const answer = await store.search(signal);
    if (answer === null) return null;
    count({ requests: answer.requests });
    if (answer.kind !== 'found') {
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
    const images = answer.images.filter(({ path }) => isInReach(path));
    return images.length === answer.images.length ? answer : { ...answer, images };
  };

  const plan = async (found: Search & { readonly kind: 'found' }): Promise<SearchRoute | null> => {
    const comparison = startSearchComparison(found.images);
    for (let after: ResourcePath | null = ROOT; after !== null; ) {
      const page = await index.shownImages(sync.spaceId, after);
      comparison.add(page.images.filter(({ path }) => isInReach(path)));
      after = page.next;
    }
    const differences = comparison.end();
    unseen = differences.missingImages;
    return searchRoute(differences, evidence.subtree === 'none');
  };

  /** Whether another search doesn't show what was listed since the first one, either. */
  const stillMissing = async (): Promise<boolean> => {
    const again = await ask();
    for (const { path } of again?.images ?? []) missed.delete(path);
    return again !== null && missed.size > 0;
  };

  const passed = (): SearchFindings => ({ found: null, misses: 0, searchedMarker: known.searchedMarker });

  return {
    isWanted,
    async begin(root) {
      if (!isWanted || hasBegun || !root.mayPropagate) return null;
      hasBegun = true;
      const found = await ask();
      const planned = found === null ? null : await plan(found);
      if (planned === null) return null;
      route = new Map(planned.after);
      marker = root.isSettled ? root.marker : null;
      return planned.first;
    },
    async lookFirst(root) {
      if (!isFromStart || hasBegun || !claimed.isNew || claimed.shownImages > 0 || !root.mayPropagate) return;
      hasBegun = true;
      const found = await ask();
      if (found !== null) await showFirst(found, { index, lease, count });
    },
    isNarrow: () => route !== null,
    after({ collection, collections, images }) {
      if (unseen.size > 0) for (const { path } of images) if (unseen.has(path)) missed.add(path);
      const next = route?.get(collection) ?? [];
      route?.delete(collection);
      return stillThere(next, collections);
    },
    noteUnsettled() {
      marker = null;
    },
    noteChange() {
      hasChanged = true;
    },
    notePassed() {
      findings = passed();
    },
    async conclude(isWhole) {
      if (sync.mode === 'hint') return hasChanged || known.searchedMarker === null ? undefined : passed();
      if (route !== null) {
        const isMissing = missed.size > 0 && (await stillMissing());
        const narrow: SearchFindings = { found: null, misses: 0, searchedMarker: marker, trouble: null };
        return isMissing ? missedBy([...missed]) : narrow;
      }
      const isCheck = isFromStart && isWhole && (sync.mode === 'full' || claimed.isNew);
      if (!isCheck || findings?.found === 'missed') return findings;
      const found = await ask();
      if (found === null) return findings;
      const space = { index, store, spaceId: sync.spaceId, isInReach, signal };
      const checked = await checkSearch(found.images, space);
      count({ requests: checked.requests });
      return checked.findings;
    },
  };
}
