import { NO_FINDINGS } from '../../domain/model/markers.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { SyncOutcome, SyncStanding } from '../../domain/model/sync.js';
import type { Sleep } from '../../domain/ports/clock.js';
import type { ImageIndex } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync, SyncRuns } from '../../domain/ports/sync-log.js';
import type { ReconcilingSync } from '../../domain/reconcile/reconcile.js';
import { createSearching } from '../search/searching.js';
import { createCommitBuffer } from './commit-buffer.js';
import { concludeSync } from './conclude.js';
import { createCorroboration } from './corroborate.js';
import { watchCredentials } from './credential-watch.js';
import { leavingOutTooLong } from './fitting-store.js';
import { isConflict, keepLease } from './keep-lease.js';
import { createMarkerWatch } from './marker-learning.js';
import { createMounts } from './mounts.js';
import { createOutages } from './outage-detector.js';
import { createPassage } from './passage.js';
import { createRemovals } from './pending-removals.js';
import { createProofs } from './proven-subtrees.js';
import { createPruner } from './pruner.js';
import { createReach } from './reach.js';
import { createReferrals } from './referrals.js';
import { createRestoreWatch } from './restore-watch.js';
import { createNotes } from './run-notes.js';
import { createPhase } from './run-phase.js';
import { createTaking } from './take-listing.js';
import { createVisitor } from './visit.js';
import { startWalk } from './walk.js';

export interface SyncSpaceDeps {
  readonly claimed: ClaimedSync;
  readonly store: RemoteStore;
  readonly index: ImageIndex;
  readonly log: SyncRuns;
  /** Number of collections listed at a time. */
  readonly concurrency: number;
  /** Collections deeper than this are not listed, as a loop of links has no other end. */
  readonly maxDepth: number;
  /** See `Reach`; by default 1,000,000. */
  readonly mostCollections?: number;
  /** Whether the storage's own search may be used. */
  readonly isSearchAllowed: boolean;
  readonly isExcluded: (collection: ResourcePath) => boolean;
  readonly leaseMs: number;
  readonly sleep: Sleep;
  /** Ends the run at a commit; the next process to claim the sync resumes it. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((standing: SyncStanding) => void) | undefined;
}

export interface RunningSync {
  /** The outcome; null if the run was given up: aborted, cancelled, or its lease lost. */
  readonly outcome: Promise<SyncOutcome | null>;
  /** How far it has come, also once it has ended or failed. */
  standing(): SyncStanding;
  /** Lists these collections next, even if they were listed already; false if it is too late for that. */
  revisit(collections: readonly ResourcePath[]): boolean;
}

/**
 * Runs a claimed sync: lists the collections, reconciles each with the index and at once commits what only adds.
 * Removals wait until the walk has ended, since only the sum of all removals tells whether they can be believed.
 */
export function startSync(deps: SyncSpaceDeps): RunningSync {
  const { claimed, index, log, leaseMs, isExcluded } = deps;
  const { sync, lease } = claimed;
  const isHint = sync.mode === 'hint';
  const isFull = sync.mode === 'full';
  const reconciling: ReconcilingSync = {
    id: sync.id,
    isHint,
    isFull,
    doDatesMove: claimed.evidence.names === 'seen',
    isAccepted: claimed.isRemovalAccepted,
    isExcluded,
  };
  const restores = createRestoreWatch(leavingOutTooLong(watchCredentials(deps.store), index.mostKeyBytes), claimed);
  const { store } = restores;
  const phase = createPhase(deps.signal);
  const { signal } = phase;
  const mounts = createMounts();
  const proofs = createProofs(mounts);
  const notes = createNotes(sync.counts, proofs);
  const buffer = createCommitBuffer(index, lease, notes.count);
  const watch = createMarkerWatch({ store, mounts, evidence: claimed.evidence, isFull, sleep: deps.sleep });
  const removals = createRemovals(claimed, index, isExcluded);
  const reach = createReach(deps.maxDepth, deps.mostCollections);
  const searching = createSearching({
    claimed,
    isAllowed: deps.isSearchAllowed,
    store,
    index,
    isInReach: reach.has,
    isExcluded,
    visitLast: (collection) => walk.visitLast(collection),
    count: notes.count,
    warn: notes.warn,
    signal,
  });
  const referrals = createReferrals();
  const standing = () => ({ counts: notes.counts, waiting: walk.waiting() });

  const shared = {
    claimed,
    restores,
    store,
    index,
    reconciling,
    phase,
    mounts,
    proofs,
    notes,
    buffer,
    watch,
    removals,
    reach,
  };
  const parts = {
    ...shared,
    searching,
    pruner: createPruner({ claimed, store, index, mounts }),
    passage: createPassage({ claimed, index, proofs, visitLast: (collection) => walk.visitLast(collection) }),
    referrals,
    corroborate: createCorroboration({ store, index, lease, referrals, sync: reconciling, signal }),
    outages: createOutages(store, isHint),
    onListed: () => deps.onProgress?.(standing()),
  };
  const visitor = createVisitor({ ...parts, take: createTaking(parts) });

  const run = async (): Promise<SyncOutcome | null> => {
    const letGo = keepLease({ claimed, log, leaseMs, flush: buffer.flush, standing, phase });
    try {
      await walk.done;
      if (phase.ending() === null) return await concludeSync({ ...parts, signal });
    } catch (error) {
      if (isConflict(error)) phase.end({ kind: 'lost' });
      else if (!isAbort(error, signal)) throw error;
    } finally {
      await letGo();
    }
    return await giveUp();
  };

  /** Commits what was found so far, if the run may still write. Returns null unless the sync failed because of that. */
  const giveUp = async (): Promise<SyncOutcome | null> => {
    const ending = phase.ending();
    if (ending?.kind === 'failed') throw ending.error;
    if (ending?.kind === 'lost' || !(await isWritten(buffer.flush()))) return null;
    if (ending?.kind === 'halted') {
      const { counts, warnings } = notes;
      const nothingHeld = { heldRemovals: null, heldReasons: [], findings: NO_FINDINGS };
      return { status: 'ERROR', counts, warnings, ...nothingHeld, ...ending.why };
    }
    await log.progress(lease, standing(), leaseMs); // the resumed run counts on from here
    return null;
  };

  const walk = startWalk({
    // A hint may name what no other sync would ever list again.
    from: isHint ? sync.targets.filter(reach.has) : [ROOT],
    concurrency: deps.concurrency,
    visit: visitor.visit,
    signal,
  });

  return {
    outcome: run().finally(phase.release),
    standing,
    revisit: (collections) =>
      collections.filter(reach.has).every((collection) => {
        visitor.renew(collection);
        return walk.revisit(collection);
      }),
  };
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

/** Returns false if the run may write nothing more. */
async function isWritten(commit: Promise<void>): Promise<boolean> {
  try {
    await commit;
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}
