import { OvadexError } from '../domain/errors.js';
import { heldWarning } from '../domain/held.js';
import type { Listing } from '../domain/listing.js';
import { type MarkerFindings, NO_FINDINGS } from '../domain/markers.js';
import { depthOf, parentOf, type ResourcePath, ROOT } from '../domain/path.js';
import type { ClaimedSync, CollectionCommit, ImageIndex, RemoteStore, SyncLog } from '../domain/ports.js';
import { type KnownCollection, reconcile } from '../domain/reconcile.js';
import { MAX_WARNINGS, type SyncOutcome, type SyncStanding } from '../domain/sync.js';
import { createCommitBuffer } from './commit-buffer.js';
import { createMarkerWatch } from './marker-watch.js';
import { createMounts, outermost } from './mounts.js';
import { createOutages } from './outages.js';
import { probeVanished } from './probe-vanished.js';
import { createProofs } from './proofs.js';
import { createPruner } from './pruner.js';
import { createRemovals } from './removals.js';
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
  readonly onProgress?: ((standing: SyncStanding) => void) | undefined;
}

export interface RunningSync {
  /** How it ended; null where it was given up: aborted, cancelled, or its lease lost. */
  readonly outcome: Promise<SyncOutcome | null>;
  /** Lists these collections next, also if they were listed already; false once it is too late for that. */
  revisit(collections: readonly ResourcePath[]): boolean;
}

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
  const isHint = sync.mode === 'hint';
  const counts = { ...sync.counts };
  const warnings: string[] = [];
  const revisited = new Set<ResourcePath>();
  const referred = new Set<ResourcePath>(); // to its parent, once: that may go on showing what is gone
  const mounts = createMounts();
  const pruner = createPruner({ claimed, store, index, mounts });
  const proofs = createProofs(mounts);
  const watch = createMarkerWatch({ store, mounts, evidence: claimed.evidence });
  const removals = createRemovals(claimed, index);
  const outages = createOutages(store, isHint);
  const giveUp = new AbortController();
  const signal = AbortSignal.any([deps.signal, giveUp.signal]);
  let halt: Pick<SyncOutcome, 'errors' | 'isUnauthorized'> | null = null;
  let isRootEmpty = false;
  let isLost = false;
  let renewalFailure: unknown = null;
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
  const warn = (collection: ResourcePath, message: string) => {
    counts.failures += 1;
    proofs.spoil(collection);
    if (warnings.length < MAX_WARNINGS) warnings.push(`/${collection}: ${message}`);
  };

  const stop = (message: string, isUnauthorized = false) => {
    halt ??= { errors: [message], isUnauthorized };
    giveUp.abort();
  };

  const visit = async (collection: ResourcePath): Promise<readonly ResourcePath[]> => {
    mountsKnown ??= recallMounts();
    await mountsKnown;
    const next = (await visitListed(collection)) ?? (await visitUnchangedRoot(collection));
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

  /** Goes on behind a collection that an earlier run of this sync has listed; null where none has. */
  const visitListed = async (collection: ResourcePath) => {
    if (!claimed.isResumed || revisited.has(collection)) return null;
    const known = await index.known(sync.spaceId, collection);
    if (known.listedInSync !== sync.id) return null;
    if (known.isSettled) proofs.note(collection);
    else proofs.spoil(collection);
    return known.toVisit ?? known.children.map(({ path }) => path);
  };

  /** Whether the root's marker alone proves all of the space unchanged: then only its mounts are left; else null. */
  const visitUnchangedRoot = async (collection: ResourcePath) => {
    if (collection !== ROOT || revisited.has(ROOT)) return null;
    const root = await pruner.askRoot(signal);
    if (root === null) return null;
    counts.requests += root.probe.requests;
    // A second request with credentials that were refused may be the one that locks the account.
    if (root.probe.failure === 'unauthorized') stop(root.probe.detail, true);
    return root.isUnchanged ? root.mounts : null;
  };

  const take = async (listing: Listing): Promise<readonly ResourcePath[]> => {
    const { collection } = listing;
    outages.noteAnswer();
    counts.collections += 1;
    counts.images += listing.images.length;
    if (collection === ROOT) isRootEmpty = listing.memberCount === 0;
    // What an earlier visit of this collection found must be known before this one is compared with it.
    if (revisited.has(collection)) await buffer.flush();

    const known = await index.known(sync.spaceId, collection);
    // A hint may follow the first look within a second, so it never counts as a second opinion on what is gone.
    const changes = reconcile(listing, isHint ? { ...known, emptyInSync: null } : known, sync.id);
    if (changes === null) return [];
    if (changes.isSuspicious) {
      warn(collection, 'suddenly shows nothing; what it held stays until a second sync agrees');
    }
    const planned = await pruner.toVisit(listing, known);
    watch.observe(listing, known, changes);
    const { absent, present, unproven, requests } = await probeVanished(changes.vanished, { ...deps, signal });
    counts.requests += requests;
    for (const { collection: child, detail } of unproven) {
      warn(child, `not listed by its parent, but not proven to be gone either: ${detail}`);
    }
    const isAgain = known.listedInSync === sync.id || removals.has(collection);
    const toVisit = reachable([...planned, ...present], isHint || isAgain ? known : null);
    // Behind a collection that is listed again all may still be ahead of the walk.
    const isAll = isAgain || toVisit.length === listing.collections.length + present.length;
    const commit: CollectionCommit = { changes, absent, removals: 'apply', toVisit: isAll ? null : toVisit };
    if (!removals.take(commit)) await buffer.add(commit);
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
      stop(verdict.detail, true);
      return [];
    }
    const isGone = verdict.failure === 'not-found' || verdict.failure === 'no-collection';
    if (isGone && isHint && collection !== ROOT && !referred.has(collection)) {
      referred.add(collection);
      // Whatever an earlier run of this sync saw of the parent, this is news.
      revisited.add(parentOf(collection));
      return [parentOf(collection)];
    }

    const { isDown, requests } =
      collection === ROOT ? { isDown: true, requests: 0 } : await outages.isDown(verdict.failure, signal);
    counts.requests += requests;
    if (isDown) stop(verdict.detail);
    else warn(collection, verdict.detail);
    return [];
  };

  const conclude = async (): Promise<SyncOutcome> => {
    const { tally, isHeld } = await removals.weigh(isRootEmpty);
    for (const commit of removals.waiting()) {
      if (isHeld) proofs.spoil(commit.changes.collection);
      await buffer.add({ ...commit, removals: isHeld ? 'hold' : 'apply' });
    }
    await buffer.flush();
    if (isHeld) warnings.unshift(heldWarning(tally));
    return {
      status: 'PROCESSED',
      counts,
      errors: [],
      warnings,
      isUnauthorized: false,
      heldRemovals: isHeld ? tally.removals : null,
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

  const renew = async () => {
    try {
      await buffer.flush();
      isLost ||= !(await log.progress(lease, standing(), deps.leaseMs));
      if (isLost) giveUp.abort();
    } catch (error) {
      if (isConflict(error)) isLost = true;
      else renewalFailure ??= error;
      giveUp.abort();
    }
  };

  /** Of a run that is given up; false where the sync was cancelled meanwhile or is somebody else's by now. */
  const flushRest = async () => {
    try {
      await buffer.flush();
      return true;
    } catch (error) {
      if (!isConflict(error)) throw error;
      return false;
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
    if (isLost || !(await flushRest())) return null;
    if (halt === null) {
      await log.progress(lease, standing(), deps.leaseMs); // whoever resumes it counts on from here
      return null;
    }
    return { status: 'ERROR', counts, warnings, heldRemovals: null, findings: NO_FINDINGS, ...halt };
  };

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

/** The lease went to somebody else, or the sync was cancelled. */
function isConflict(error: unknown): boolean {
  return error instanceof OvadexError && error.code === 'conflict';
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
