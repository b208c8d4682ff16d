import type { Listing } from '../../domain/model/listing.js';
import { type MarkerFindings, NO_FINDINGS } from '../../domain/model/markers.js';
import { depthOf, parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import { MAX_WARNINGS, type SyncOutcome, type SyncStanding } from '../../domain/model/sync.js';
import type { ClaimedSync, CollectionCommit, ImageIndex, RemoteStore, Sleep, SyncLog } from '../../domain/ports.js';
import { type KnownCollection, reconcile } from '../../domain/reconcile/reconcile.js';
import { isUnmarkedEmptyRoot, UNMARKED_ROOT_MESSAGE } from '../../domain/reconcile/unmarked-root.js';
import { createCommitBuffer } from './commit-buffer.js';
import { compareKnown } from './compare-known.js';
import { createCorroboration } from './corroborate.js';
import { watchCredentials } from './credential-watch.js';
import { isConflict, keepLease } from './keep-lease.js';
import { createMarkerWatch } from './marker-learning.js';
import { createMounts, outermost } from './mounts.js';
import { createOutages } from './outage-detector.js';
import { createPassage } from './passage.js';
import { createRemovals } from './pending-removals.js';
import { createProofs } from './proven-subtrees.js';
import { createPruner } from './pruner.js';
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
  readonly sleep: Sleep;
  /** Ends the run at a commit; it is resumed by whoever claims the sync next. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((standing: SyncStanding) => void) | undefined;
}

export interface RunningSync {
  /** How it ended; null where it was given up: aborted, cancelled, or its lease lost. */
  readonly outcome: Promise<SyncOutcome | null>;
  /** Lists these collections next, also if they were listed already; false once it is too late for that. */
  revisit(collections: readonly ResourcePath[]): boolean;
}

/**
 * Runs a claimed sync: lists the collections, reconciles each with the index and
 * commits what only adds at once. What would remove waits until the walk has
 * ended, since only the sum of all removals tells whether they can be believed.
 */
export function startSync(deps: SyncSpaceDeps): RunningSync {
  const { claimed, index, log } = deps;
  const store = watchCredentials(deps.store);
  const { sync, lease } = claimed;
  const isHint = sync.mode === 'hint';
  const reconciling = {
    id: sync.id,
    isHint,
    isFull: sync.mode === 'full',
    doDatesMove: claimed.evidence.names === 'seen',
    isAccepted: claimed.isRemovalAccepted,
    isExcluded: deps.isExcluded,
  };
  const counts = { ...sync.counts };
  const warnings: string[] = [];
  const revisited = new Set<ResourcePath>();
  /** To its parent, once, and why: that may go on showing what is gone. */
  const referred = new Map<ResourcePath, string | null>();
  const giveUp = new AbortController();
  const signal = AbortSignal.any([deps.signal, giveUp.signal]);
  const mounts = createMounts();
  const pruner = createPruner({ claimed, store, index, mounts });
  const proofs = createProofs(mounts);
  const watch = createMarkerWatch({
    store,
    mounts,
    evidence: claimed.evidence,
    isFull: reconciling.isFull,
    sleep: deps.sleep,
  });
  const removals = createRemovals(claimed, index, deps.isExcluded);
  const corroborate = createCorroboration({ store, index, lease, sync: reconciling, signal });
  const outages = createOutages(store, isHint);
  let halt: Pick<SyncOutcome, 'errors' | 'isUnauthorized' | 'isLeftOff'> | null = null;
  let mountsKnown: Promise<void> | null = null;

  const buffer = createCommitBuffer(index, lease, (committed) => {
    counts.added += committed.added;
    counts.altered += committed.altered;
    counts.removed += committed.removed;
  });
  const standing = () => ({ counts, waiting: walk.waiting() });

  /** A hint may name what no other sync would ever look at again. */
  const isInReach = (collection: ResourcePath) => depthOf(collection) <= deps.maxDepth;

  /** Notes a collection that stays as it was. */
  const leave = (collection: ResourcePath) => {
    counts.failures += 1;
    proofs.spoil(collection);
  };
  const warn = (collection: ResourcePath, message: string) => {
    leave(collection);
    if (warnings.length < MAX_WARNINGS) warnings.push(`/${collection}: ${message}`);
  };

  const stop = (message: string, { isUnauthorized = false, isLeftOff = false } = {}) => {
    halt ??= { errors: [message], isUnauthorized, isLeftOff };
    giveUp.abort();
  };

  const visit = async (collection: ResourcePath): Promise<readonly ResourcePath[]> => {
    mountsKnown ??= recallMounts();
    await mountsKnown;
    const behind = revisited.has(collection) ? null : await passage.visit(collection);
    const next = behind ?? (await visitUnchangedRoot(collection));
    if (next !== null) return next;
    const listing = await store.list(collection, signal);
    counts.requests += listing.requests;
    const children = listing.verdict.complete ? await take(listing) : await refuse(listing);
    deps.onProgress?.(standing());
    return children;
  };

  const recallMounts = async () => {
    for (const mount of outermost(await index.mountsBelow(sync.spaceId, ROOT))) mounts.add(mount);
  };

  /** Whether the root's marker alone proves all of the space unchanged: then only its mounts are left; else null. */
  const visitUnchangedRoot = async (collection: ResourcePath) => {
    if (collection !== ROOT || revisited.has(ROOT)) return null;
    const root = await pruner.askRoot(signal);
    if (root === null) return null;
    counts.requests += root.probe.requests;
    // A second request with credentials that were refused may be the one that locks the account.
    if (root.probe.failure === 'unauthorized') stop(root.probe.detail, { isUnauthorized: true });
    return root.isUnchanged ? root.mounts : null;
  };

  const take = async (listing: Listing): Promise<readonly ResourcePath[]> => {
    const { collection } = listing;
    outages.noteAnswer();
    counts.collections += 1;
    counts.images += listing.images.length;
    if (collection === ROOT && claimed.shownImages === 0 && isUnmarkedEmptyRoot(listing)) {
      stop(`the storage ${UNMARKED_ROOT_MESSAGE}`);
      return [];
    }
    // What an earlier visit of this collection found must be known before this one is compared with it.
    if (revisited.has(collection)) await buffer.flush();

    const known = await index.known(sync.spaceId, collection);
    const changes = reconcile(listing, known, await compareKnown(index, sync.spaceId, listing), reconciling);
    if (changes === null) return [];
    const planned = await pruner.toVisit(listing, known);
    const { absent, present, unproven, doubt, left, requests } = await corroborate(listing, known, changes);
    counts.requests += requests;
    for (const { collection: child, message } of left) {
      if (message === null) leave(child);
      else warn(child, message);
    }
    if (!doubt.isHeld) watch.observe(listing, known, changes, absent);
    const isAgain = known.listedInSync === sync.id || removals.has(collection) || passage.isPassed(collection);
    const toVisit = reachable([...planned, ...present], isHint || isAgain ? known : null);
    for (const { path } of listing.collections) {
      const detail = referred.get(path) ?? null;
      if (detail === null || toVisit.includes(path)) continue;
      referred.set(path, null);
      warn(path, detail);
      await index.distrust(lease, path);
    }
    // Behind a collection that is listed again all may still be ahead of the walk.
    const isAll = isAgain || toVisit.length === listing.collections.length + present.length;
    const commit: CollectionCommit = {
      changes,
      absent,
      unproven,
      present,
      removals: 'apply',
      toVisit: isAll ? null : toVisit,
    };
    if (!removals.take(commit, doubt)) await buffer.add(commit);
    // Below one that is listed again nothing was, so its new marker says nothing about that.
    if (listing.mayPropagate && changes.isSettled && present.length === 0 && !isAgain) proofs.note(collection);
    else proofs.spoil(collection);
    return toVisit;
  };

  /** All that are not too deep; without those `known` already where only new ones matter. */
  const reachable = (collections: readonly ResourcePath[], known: KnownCollection | null) => {
    const before = new Set(known?.children.map(({ path }) => path));
    return collections.filter((collection) => {
      const isTooDeep = !isInReach(collection);
      if (isTooDeep) warn(collection, `deeper than ${deps.maxDepth} collections (crawl.maxDepth); not listed`);
      return !isTooDeep && !before.has(collection);
    });
  };

  const refuse = async (listing: Listing): Promise<readonly ResourcePath[]> => {
    const { collection, verdict } = listing;
    if (verdict.complete) return [];
    if (verdict.failure === 'unauthorized') {
      stop(verdict.detail, { isUnauthorized: true });
      return [];
    }
    const isGone = verdict.failure === 'not-found' || verdict.failure === 'no-collection';
    const isFollowed = isHint || passage.isPassed(parentOf(collection));
    if (isGone && isFollowed && collection !== ROOT && !referred.has(collection)) {
      referred.set(collection, verdict.detail);
      // Whatever an earlier run of this sync saw of the parent, this is news.
      revisited.add(parentOf(collection));
      return [parentOf(collection)];
    }

    const isBusy = verdict.failure === 'busy';
    if (isBusy && passage.endEarly(collection)) return [];
    const { isDown, requests } =
      collection === ROOT ? { isDown: true, requests: 0 } : await outages.isDown(verdict.failure, signal);
    counts.requests += requests;
    await index.distrust(lease, collection);
    if (isDown) stop(verdict.detail, { isLeftOff: isBusy });
    else warn(collection, verdict.detail);
    return [];
  };

  const conclude = async (): Promise<SyncOutcome> => {
    await buffer.flush();
    const { commits, held, reasons } = await removals.conclude(counts.added);
    for (const commit of commits) {
      if (commit.removals === 'hold') proofs.spoil(commit.changes.collection);
      await buffer.add(commit);
    }
    await buffer.flush();
    warnings.unshift(...(held > 0 ? reasons.map((reason) => `held: ${reason}`) : reasons));
    return {
      status: 'PROCESSED',
      counts,
      errors: [],
      warnings: warnings.slice(0, MAX_WARNINGS),
      isUnauthorized: false,
      heldRemovals: held > 0 ? held : null,
      heldReasons: held > 0 ? reasons : [],
      findings: await concludeMarkers(),
    };
  };

  const concludeMarkers = async (): Promise<MarkerFindings> => {
    const { findings, requests } = await watch.conclude(signal);
    counts.requests += requests;
    const proven = proofs.proven();
    if (!isHint && proven.length > 0) await index.prove(lease, proven);
    return findings;
  };

  const run = async (): Promise<SyncOutcome | null> => {
    const keeping = keepLease({ claimed, log, leaseMs: deps.leaseMs, flush: buffer.flush, standing, onLost: giveUp });
    try {
      await walk.done;
      if (!signal.aborted) return await conclude();
    } catch (error) {
      if (isConflict(error)) keeping.lose();
      else if (!isAbort(error, signal)) throw error;
    } finally {
      keeping.stop();
    }
    if (!(await keeping.flushRest())) return null;
    if (halt === null) {
      await log.progress(lease, standing(), deps.leaseMs); // whoever resumes it counts on from here
      return null;
    }
    return { status: 'ERROR', counts, warnings, heldRemovals: null, heldReasons: [], findings: NO_FINDINGS, ...halt };
  };

  const passage = createPassage({ claimed, index, proofs, visitLast: (collection) => walk.visitLast(collection) });
  const walk = startWalk({
    from: isHint ? sync.targets.filter(isInReach) : [ROOT],
    concurrency: deps.concurrency,
    visit,
    signal,
  });

  return {
    outcome: run(),
    revisit: (collections) =>
      collections.filter(isInReach).every((collection) => {
        revisited.add(collection);
        referred.delete(collection);
        return walk.revisit(collection);
      }),
  };
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
