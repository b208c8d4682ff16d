import { OvadexError } from '../domain/errors.js';
import { isHeld, type RemovalTally } from '../domain/guard.js';
import type { Listing } from '../domain/listing.js';
import { depthOf, parentOf, type ResourcePath, ROOT } from '../domain/path.js';
import type { ClaimedSync, CollectionCommit, ImageIndex, RemoteStore, SyncLog } from '../domain/ports.js';
import { type KnownCollection, reconcile } from '../domain/reconcile.js';
import { MAX_WARNINGS, type SyncCounts, type SyncOutcome } from '../domain/sync.js';
import { createCommitBuffer } from './commit-buffer.js';
import { startWalk } from './walk.js';

export interface SyncSpaceDeps {
  readonly claimed: ClaimedSync;
  readonly store: RemoteStore;
  readonly index: ImageIndex;
  readonly log: SyncLog;
  /** Collections listed at a time. */
  readonly concurrency: number;
  /** Collections deeper than this are not listed: a loop of links has no other end. */
  readonly maxDepth: number;
  readonly isExcluded: (collection: ResourcePath) => boolean;
  readonly leaseMs: number;
  /** Ends the run at a commit; it is resumed by whoever claims the sync next. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((counts: SyncCounts, waiting: number) => void) | undefined;
}

export interface RunningSync {
  /** How it ended; null where it was given up: aborted, cancelled, or its lease lost. */
  readonly outcome: Promise<SyncOutcome | null>;
  /** Lists these collections next, also if they were listed already; false once it is too late for that. */
  revisit(collections: readonly ResourcePath[]): boolean;
}

/** So many collections in a row without an answer: the storage is down, not the collections. */
const OUTAGES_IN_A_ROW = 5;
/** Readers see what was found, and whoever follows the sync its counts; the lease is renewed with them. */
const PROGRESS_MS = 1_000;

/**
 * Runs a claimed sync: lists the collections, reconciles each with the index and
 * commits what only adds at once. What would remove waits until the walk has
 * ended, since only the sum of all removals tells whether they can be believed.
 */
export function startSync(deps: SyncSpaceDeps): RunningSync {
  const { claimed, store, index, log } = deps;
  const { sync, lease } = claimed;
  /** It may follow another look within a second, so it never counts as a second opinion on what is gone. */
  const isHint = sync.mode === 'hint';
  const counts = { ...sync.counts };
  const warnings: string[] = [];
  const removing = new Map<ResourcePath, CollectionCommit>();
  const revisited = new Set<ResourcePath>();
  const giveUp = new AbortController();
  const signal = AbortSignal.any([deps.signal, giveUp.signal]);
  let halt: Pick<SyncOutcome, 'errors' | 'isUnauthorized'> | null = null;
  let outagesInARow = 0;
  let isRootEmpty = false;
  let isLost = false;
  let renewalFailure: unknown = null;

  const buffer = createCommitBuffer(index, lease, (committed) => {
    counts.added += committed.added;
    counts.altered += committed.altered;
    counts.removed += committed.removed;
  });

  const warn = (collection: ResourcePath, message: string) => {
    counts.failures += 1;
    if (warnings.length < MAX_WARNINGS) warnings.push(`/${collection}: ${message}`);
  };

  const stop = (message: string, isUnauthorized = false) => {
    halt ??= { errors: [message], isUnauthorized };
    giveUp.abort();
  };

  const visit = async (collection: ResourcePath): Promise<readonly ResourcePath[]> => {
    if (claimed.isResumed && !revisited.has(collection)) {
      const known = await index.known(sync.spaceId, collection);
      if (known.listedInSync === sync.id) return known.collections;
    }
    const listing = await store.list(collection, signal);
    counts.requests += listing.requests;
    const next = listing.verdict.complete ? await take(listing) : refuse(listing);
    deps.onProgress?.(counts, walk.waiting());
    return next;
  };

  const take = async (listing: Listing): Promise<readonly ResourcePath[]> => {
    const { collection } = listing;
    outagesInARow = 0;
    counts.collections += 1;
    counts.images += listing.images.length;
    if (collection === ROOT) isRootEmpty = listing.memberCount === 0;
    // What an earlier visit of this collection found must be known before this one is compared with it.
    if (revisited.has(collection)) await buffer.flush();

    const known = await index.known(sync.spaceId, collection);
    const changes = reconcile(listing, isHint ? { ...known, emptyInSync: null } : known, sync.id);
    if (changes === null) return [];
    if (changes.isSuspicious) {
      warn(collection, 'suddenly shows nothing; what it held stays until a second sync agrees');
    }
    const { absent, present } = await probe(changes.vanished);
    const wasListed = known.listedInSync === sync.id || removing.has(collection);
    const commit: CollectionCommit = { changes, absent, removals: 'apply' };
    removing.delete(collection);
    if (changes.disappeared.length > 0 || absent.length > 0) removing.set(collection, commit);
    else await buffer.add(commit);

    const children = [...listing.collections.map((child) => child.path), ...present];
    return childrenToVisit(children, isHint || wasListed ? known : null);
  };

  /** All that are not too deep; without those `known` already where only new ones matter. */
  const childrenToVisit = (children: readonly ResourcePath[], known: KnownCollection | null) => {
    const reachable = children.filter((child) => {
      const isTooDeep = depthOf(child) > deps.maxDepth;
      if (isTooDeep) warn(child, `deeper than ${deps.maxDepth} collections (crawl.maxDepth); not listed`);
      return !isTooDeep;
    });
    if (known === null) return reachable;
    const before = new Set(known.collections);
    return reachable.filter((child) => !before.has(child));
  };

  /** Asks for each vanished child itself: a parent that doesn't show it is no proof. */
  const probe = async (vanished: readonly ResourcePath[]) => {
    const absent: ResourcePath[] = [];
    const present: ResourcePath[] = [];
    for (const child of vanished) {
      if (deps.isExcluded(child)) {
        absent.push(child);
        continue;
      }
      const { presence, detail, requests } = await store.probe(child, signal);
      counts.requests += requests;
      if (presence === 'absent') absent.push(child);
      else if (presence === 'present') present.push(child);
      else warn(child, `not listed by its parent, but not proven to be gone either: ${detail}`);
    }
    return { absent, present };
  };

  const refuse = (listing: Listing): readonly ResourcePath[] => {
    const { collection, verdict } = listing;
    if (verdict.complete) return [];
    if (verdict.failure === 'unauthorized') {
      stop(verdict.detail, true);
      return [];
    }
    const isGone = verdict.failure === 'not-found' || verdict.failure === 'no-collection';
    if (isGone && isHint && collection !== ROOT) return [parentOf(collection)];

    const isOutage = verdict.failure === 'unreachable' || verdict.failure === 'timeout';
    outagesInARow = isOutage ? outagesInARow + 1 : 0;
    const isHopeless = collection === ROOT || outagesInARow >= OUTAGES_IN_A_ROW || (isOutage && isHint);
    if (isHopeless) stop(verdict.detail);
    else warn(collection, verdict.detail);
    return [];
  };

  const tallyRemovals = async (): Promise<RemovalTally> => {
    let removals = 0;
    let agreed = 0;
    for (const { changes, absent } of removing.values()) {
      removals += changes.disappeared.length;
      agreed += changes.disappeared.filter(
        ({ absentInSync }) => absentInSync !== null && absentInSync !== sync.id,
      ).length;
      for (const collection of absent) {
        const subtree = await index.subtree(lease, collection);
        removals += subtree.images;
        agreed += subtree.agreed;
      }
    }
    return {
      shown: claimed.shownImages,
      removals,
      agreed: isHint ? 0 : agreed,
      isRootEmpty,
      isAccepted: claimed.isRemovalAccepted,
    };
  };

  const conclude = async (): Promise<SyncOutcome> => {
    const tally = await tallyRemovals();
    const hold = isHeld(tally);
    for (const commit of removing.values()) {
      await buffer.add({ ...commit, removals: hold ? 'hold' : 'apply' });
    }
    await buffer.flush();
    if (hold) {
      const sooner = isRootEmpty
        ? 'an administrator accepts it'
        : 'the next sync agrees or an administrator accepts it';
      warnings.unshift(
        `held: ${tally.removals} of ${tally.shown} images are gone from the storage; none is removed until ${sooner}`,
      );
    }
    return {
      status: 'PROCESSED',
      counts,
      errors: [],
      warnings,
      isUnauthorized: false,
      heldRemovals: hold ? tally.removals : null,
    };
  };

  const renew = async () => {
    try {
      await buffer.flush();
      isLost ||= !(await log.progress(lease, counts, deps.leaseMs));
      if (isLost) giveUp.abort();
    } catch (error) {
      if (isConflict(error)) isLost = true;
      else renewalFailure ??= error;
      giveUp.abort();
    }
  };

  const run = async (): Promise<SyncOutcome | null> => {
    const heartbeat = setInterval(() => void renew(), PROGRESS_MS);
    try {
      await walk.done;
      if (!signal.aborted) return await conclude();
    } catch (error) {
      if (isConflict(error)) isLost = true;
      else if (!isAbort(error, signal)) throw error;
    } finally {
      clearInterval(heartbeat);
    }
    if (renewalFailure !== null) throw renewalFailure;
    if (isLost) return null;
    await buffer.flush();
    if (halt === null) {
      await log.progress(lease, counts, deps.leaseMs); // whoever resumes it counts on from here
      return null;
    }
    return { status: 'ERROR', counts, warnings, heldRemovals: null, ...halt };
  };

  const walk = startWalk({
    from: isHint ? sync.targets : [ROOT],
    concurrency: deps.concurrency,
    visit,
    signal,
  });

  return {
    outcome: run(),
    revisit: (collections) =>
      collections.every((collection) => {
        revisited.add(collection);
        return walk.revisit(collection);
      }),
  };
}

/** The lease went to somebody else, or the sync was cancelled. */
function isConflict(error: unknown): boolean {
  return error instanceof OvadexError && error.code === 'conflict';
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
