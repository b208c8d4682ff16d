import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { OvadexError } from '../domain/errors.js';
import { learn } from '../domain/markers.js';
import type { ClaimedSync, Clock, Lease, SyncFilter, SyncLog, SyncRequest } from '../domain/ports.js';
import { suspendedMessage } from '../domain/space.js';
import type { SyncMode, SyncOutcome, SyncStanding } from '../domain/sync.js';
import { attempt } from './attempt.js';
import { conditionAfter } from './space-condition.js';
import { createSyncList } from './sync-list.js';
import { prepareStatements } from './sync-log-statements.js';
import { createSyncQueue } from './sync-queue.js';
import { syncFromRow } from './sync-rows.js';

/**
 * A lease that ends later than this many lease times from now was given before
 * the clock jumped back: a live owner has renewed its own since then.
 */
const BELIEVABLE_LEASES = 10;

/** Ended syncs kept for each space: about a day of a 15-minute schedule, and what people asked for much longer. */
const KEPT_SYNCS = { automatic: 100, asked: 1_000 } as const;

/** The queue and the history of syncs. Rejects with OvadexError `index`. */
export function createSyncLog(db: Database, clock: Clock = Date.now, newTaskId: () => string = randomUUID): SyncLog {
  const queue = createSyncQueue(db, newTaskId);
  const statements = prepareStatements(db);
  const page = createSyncList(db);

  const request = db.transaction((wanted: SyncRequest) => {
    const space = statements.space.get(wanted.spaceId);
    if (space === undefined) throw new OvadexError('not-found', `there is no space ${wanted.spaceId}`);
    if (wanted.trigger === 'request' && space.isSuspended === 1) {
      throw new OvadexError('conflict', suspendedMessage(space.user));
    }
    return queue.file(wanted, clock()).sync;
  });

  const claim = db.transaction((options: Parameters<SyncLog['claim']>[0]): ClaimedSync | null => {
    const { owner, leaseMs, syncId, skip = [] } = options;
    const now = clock();
    const free = { now, disbelievedAfter: now + BELIEVABLE_LEASES * leaseMs, skip: JSON.stringify(skip) };
    const next =
      syncId === undefined
        ? (statements.nextOrphan.get(free) ?? statements.nextWaiting.get(free))
        : statements.claimable.get({ ...free, syncId });
    if (next === undefined) return null;

    const { id, spaceId, status, shownImages, isRemovalAccepted, isRelocated, ...rest } = next;
    const { names, subtree, mismatches, namesProofs, subtreeProofs } = rest;
    statements.start.run(now, now, id);
    statements.takeLease.run(owner, id, now + leaseMs, spaceId);
    const row = statements.find.get(id);
    if (row === undefined) throw new OvadexError('internal', `sync ${id} was claimed and is not there`);
    return {
      sync: syncFromRow(row),
      lease: { syncId: id, spaceId, owner },
      isResumed: status === 'IN_PROGRESS',
      shownImages,
      isRemovalAccepted: isRemovalAccepted === 1,
      isRelocated: isRelocated === 1,
      evidence: { names, subtree, mismatches, namesProofs, subtreeProofs },
    };
  });

  const isHeld = ({ spaceId, owner, syncId }: Lease) => statements.isHeld.get(spaceId, owner, syncId) !== undefined;

  const progress = db.transaction((lease: Lease, { counts, waiting }: SyncStanding, leaseMs: number): boolean => {
    if (!isHeld(lease)) return false;
    const now = clock();
    if (statements.noteProgress.run({ ...counts, waiting, id: lease.syncId, now }).changes === 0) return false;
    statements.takeLease.run(lease.owner, lease.syncId, now + leaseMs, lease.spaceId);
    return true;
  });

  const noteCondition = (spaceId: number, mode: SyncMode, outcome: SyncOutcome, now: number) => {
    const before = statements.condition.get(spaceId);
    if (before === undefined || outcome.status === 'CANCELLED') return;
    const markedImages = statements.countMarked.get(spaceId) ?? 0;
    statements.noteCondition.run({ ...conditionAfter(before, mode, outcome, markedImages, now), spaceId });
  };

  const noteEvidence = (spaceId: number, mode: SyncMode, { findings }: SyncOutcome) => {
    if (findings.names === null && findings.subtree === null) return;
    const before = statements.evidence.get(spaceId);
    if (before === undefined) return;
    const after = learn(before, findings, mode === 'full');
    // The first poll comes at once, and plans the next.
    const pollDueAt = before.subtree !== 'seen' && after.subtree === 'seen' ? clock() : null;
    statements.noteEvidence.run({ ...after, pollDueAt, spaceId });
  };

  const finish = db.transaction((lease: Lease, outcome: SyncOutcome): void => {
    if (!isHeld(lease)) return;
    statements.dropLease.run(lease.spaceId);
    const now = clock();
    const ended = statements.end.get({
      ...outcome.counts,
      id: lease.syncId,
      status: outcome.status,
      errors: JSON.stringify(outcome.errors),
      warnings: JSON.stringify(outcome.warnings),
      now,
    });
    if (ended === undefined) return; // cancelled while it ran
    noteCondition(lease.spaceId, ended.mode, outcome, now);
    noteEvidence(lease.spaceId, ended.mode, outcome);
    const isAsked = ended.trigger === 'request' || ended.trigger === 'command';
    const kept = isAsked ? KEPT_SYNCS.asked : KEPT_SYNCS.automatic;
    statements.forgetSyncs.run({ space: lease.spaceId, isAsked: isAsked ? 1 : 0, kept });
  });

  const list = ({ user, statuses, limit }: SyncFilter) => {
    if (user !== undefined) {
      const wanted = statuses === undefined ? null : JSON.stringify(statuses);
      return statements.listOfUser.all({ user, statuses: wanted, limit });
    }
    if (statuses === undefined) return statements.listAll.all(limit);
    return [...new Set(statuses)]
      .flatMap((status) => statements.listByStatus.all(status, limit))
      .sort((a, b) => b.id - a.id)
      .slice(0, limit);
  };

  return {
    request: (wanted) => attempt(() => request.immediate(wanted)),
    claim: (options) => attempt(() => claim.immediate(options)),
    progress: (lease, standing, leaseMs) => attempt(() => progress.immediate(lease, standing, leaseMs)),
    finish: (lease, outcome) => attempt(() => finish.immediate(lease, outcome)),
    release: (lease) => attempt(() => void statements.releaseLease.run(lease.spaceId, lease.owner, lease.syncId)),
    cancel: (id) =>
      attempt(() => {
        const now = clock();
        return statements.cancel.run(now, now, id).changes > 0;
      }),
    find: (id) => attempt(() => queue.find(id)),
    list: (filter) => attempt(() => list(filter).map(syncFromRow)),
    page: (query) => attempt(() => page(query)),
  };
}
