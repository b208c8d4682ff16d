import type { Listing } from '../../domain/model/listing.js';
import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { ImageIndex } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import type { Searching } from '../search/searching.js';
import { type Mounts, outermost } from './mounts.js';
import type { Outages } from './outage-detector.js';
import type { Passage } from './passage.js';
import type { Pruner } from './pruner.js';
import type { Reach } from './reach.js';
import type { Referrals } from './referrals.js';
import type { RunNotes } from './run-notes.js';
import type { RunPhase } from './run-phase.js';
import type { TakeListing } from './take-listing.js';

/** Visits collections one by one. */
export interface Visitor {
  /** Lists a collection, unless that is known to be needless, and returns those to visit below it. */
  visit(collection: ResourcePath): Promise<readonly ResourcePath[]>;
  /** Makes the next visit list this collection, whatever is known of it. */
  renew(collection: ResourcePath): void;
}

export function createVisitor(deps: {
  readonly claimed: Pick<ClaimedSync, 'sync' | 'lease'>;
  readonly store: Pick<RemoteStore, 'list'>;
  readonly index: Pick<ImageIndex, 'mountsBelow' | 'distrust'>;
  readonly mounts: Pick<Mounts, 'add'>;
  readonly passage: Passage;
  readonly pruner: Pick<Pruner, 'askRoot' | 'mounts' | 'isSubtreeTrusted'>;
  readonly searching: Searching;
  readonly outages: Outages;
  readonly reach: Pick<Reach, 'has'>;
  readonly referrals: Referrals;
  readonly notes: RunNotes;
  readonly phase: RunPhase;
  readonly take: TakeListing;
  readonly onListed: () => void;
}): Visitor {
  const {
    claimed,
    store,
    index,
    mounts,
    passage,
    pruner,
    searching,
    outages,
    reach,
    referrals,
    notes,
    phase,
    take,
    onListed,
  } = deps;
  const { sync, lease } = claimed;
  const renewed = new Set<ResourcePath>();
  /** Collections that a narrow sync has listed: several ways may lead to one. */
  const listed = new Set<ResourcePath>();
  let isRootAsked = false;
  let mountsKnown: Promise<void> | null = null;

  const recallMounts = async () => {
    for (const mount of outermost(await index.mountsBelow(sync.spaceId, ROOT))) mounts.add(mount);
  };

  /** Ends the run if a search that came first was refused: one request with refused credentials is enough. */
  const isRefused = () => {
    const refusal = searching.refusal();
    if (refusal !== null) phase.halt(refusal, { isUnauthorized: true });
    return refusal !== null;
  };
  /** Puts what differs in front of the mounts: the walk takes the last one first. */
  const inFrontOf = (mounts: readonly ResourcePath[], differing: readonly ResourcePath[]) => [
    ...mounts.filter((mount) => !differing.includes(mount)),
    ...differing.toReversed(),
  ];

  /**
   * Returns what to visit if the root need not be listed: the mounts if its marker alone proves the rest of the space
   * unchanged, and where a search differs from the index; otherwise null. Where no marker proves anything, the search
   * is all that is asked.
   */
  const passRoot = async () => {
    isRootAsked = true;
    if (searching.isWanted && !pruner.isSubtreeTrusted) {
      const differing = await searching.begin(null);
      if (isRefused()) return [];
      if (typeof differing !== 'string') return inFrontOf(await pruner.mounts(), differing);
      if (differing === 'walk') return null;
    }
    const root = await pruner.askRoot(phase.signal, searching.isWanted);
    if (root === null) return null;
    notes.count({ requests: root.probe.requests });
    // A second request with refused credentials may be the one that locks the account.
    if (root.probe.failure === 'unauthorized') phase.halt(root.probe.detail, { isUnauthorized: true });
    if (root.isSearched) searching.notePassed();
    if (root.isUnchanged) return root.mounts;
    const differing = await searching.begin(root.probe);
    return typeof differing === 'string' ? null : inFrontOf(root.mounts, differing);
  };

  /** Returns what to visit below a collection that need not be listed; null if it has to be. */
  const passBy = async (collection: ResourcePath) => {
    if (renewed.has(collection)) return null;
    const behind = await passage.visit(collection);
    return behind ?? (collection === ROOT && !isRootAsked ? await passRoot() : null);
  };

  const refuse = async ({ collection, verdict }: Listing): Promise<readonly ResourcePath[]> => {
    if (verdict.complete) return [];
    const { failure, detail } = verdict;
    if (failure === 'unauthorized') {
      phase.halt(detail, { isUnauthorized: true });
      return [];
    }
    const isGone = failure === 'not-found' || failure === 'no-collection';
    const isNarrow = searching.isNarrow();
    const isFollowed = isNarrow || sync.mode === 'hint' || passage.isPassed(parentOf(collection));
    // What lies below a folder that was not found either is gone with it.
    if (isGone && isNarrow && referrals.isBelowReferred(collection)) return [];
    const parent = isGone && isFollowed ? referrals.refer(collection, detail) : null;
    if (parent !== null) {
      // Whatever an earlier run of this sync saw of the parent, this is news.
      renewed.add(parent);
      return [parent];
    }

    const isBusy = failure === 'busy';
    if (isBusy && passage.endEarly(collection)) return [];
    const { isDown, requests } =
      collection === ROOT ? { isDown: true, requests: 0 } : await outages.isDown(failure, phase.signal);
    notes.count({ requests });
    await index.distrust(lease, collection);
    if (isDown) phase.halt(detail, { isLeftOff: isBusy });
    else notes.warn(collection, detail);
    return [];
  };

  return {
    async visit(collection) {
      mountsKnown ??= recallMounts();
      await mountsKnown;
      const behind = await passBy(collection);
      // Mounts, and what was known before, may lie deeper than what may be listed now.
      if (behind !== null) return behind.filter(reach.has);
      if (searching.isNarrow() && listed.has(collection) && !renewed.has(collection)) return [];
      if (collection === ROOT) {
        await searching.lookFirst(null);
        if (isRefused()) return [];
      }
      const listing = await store.list(collection, phase.signal);
      notes.count({ requests: listing.requests });
      if (listing.verdict.complete) outages.noteAnswer();
      if (collection === ROOT && listing.verdict.complete) await searching.lookFirst(listing);
      if (listing.verdict.complete && searching.isContradicted(listing)) {
        await index.distrust(lease, collection);
        notes.warn(collection, 'it is listed without a folder that was itself listed a moment ago');
        return [];
      }
      const next = listing.verdict.complete ? await take(listing, renewed.has(collection)) : await refuse(listing);
      onListed();
      if (!searching.isNarrow() || !listing.verdict.complete) return next;
      listed.add(collection);
      return [...next, ...searching.after(listing)];
    },
    renew(collection) {
      renewed.add(collection);
      referrals.forget(collection);
    },
  };
}
