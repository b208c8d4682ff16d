import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { retryAt } from '../../domain/hosts/suspension.js';
import { OvadexError } from '../../domain/model/errors.js';
import { continuedBy, type LeftOff, leftOffAfter } from '../../domain/model/left-off.js';
import { learn } from '../../domain/model/markers.js';
import { suspendedMessage } from '../../domain/model/space.js';
import type { SyncMode, SyncOutcome, SyncStanding } from '../../domain/model/sync.js';
import type { ClaimedSync, Clock, Lease, SyncFilter, SyncLog, SyncRequest } from '../../domain/ports.js';
import { attempt } from '../file/run-query.js';
import { createSyncList } from '../read/sync-list.js';
import { syncFromRow } from '../read/sync-rows.js';
import { conditionAfter } from './space-condition.js';
import { prepareStatements } from './sync-log-statements.js';
import { createSyncQueue } from './sync-queue.js';

/**
 * A lease that ends later than this many lease times from now was given before
 * the clock jumped back: a live owner has renewed its own since then.
 */
const BELIEVABLE_LEASES = 10;

/** A cancelled try counts as one of many: nobody wants the next one within the hour. */
const LATER = 2;

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
      throw new OvadexError('conflict', suspendedMessage(space.user, space.retryAt));
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

    const { id, spaceId, status, shownImages, isRemovalAccepted, isRelocated, leftOff, ...rest } = next;
    const { names, subtree, mismatches, namesProofs, subtreeProofs } = rest;
    statements.start.run(now, now, id);
    statements.takeLease.run(owner, id, now + leaseMs, spaceId);
    const row = statements.find.get(id);
    if (row === undefined) throw new OvadexError('internal', `sync ${id} was claimed and is not there`);
    const sync = syncFromRow(row);
    return {
      sync,
      lease: { syncId: id, spaceId, owner },
      isResumed: status === 'IN_PROGRESS',
      leftOff: continuedBy(leftOffFrom(leftOff), sync.mode),
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

  const noteCondition = (spaceId: number, mode: SyncMode, outcome: SyncOutcome, now: number): number | null => {
    const before = statements.condition.get(spaceId);
    if (before === undefined || outcome.status === 'CANCELLED') return null;
    const markedImages = statements.countMarked.get(spaceId) ?? 0;
    const after = conditionAfter(before, mode, outcome, markedImages, now);
    statements.noteCondition.run({ ...after, spaceId });
    return after.retryAt;
  };

  const noteLeftOff = (spaceId: number, sync: { id: number; mode: SyncMode }, outcome: SyncOutcome) => {
    const after = leftOffAfter(leftOffFrom(statements.leftOff.get(spaceId) ?? null), sync, outcome);
    statements.noteLeftOff.run(after === null ? null : JSON.stringify(after), spaceId);
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

  const finish = db.transaction((lease: Lease, outcome: SyncOutcome): number | null => {
    if (!isHeld(lease)) return null;
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
    if (ended === undefined) return null; // cancelled while it ran
    const retryAt = noteCondition(lease.spaceId, ended.mode, outcome, now);
    noteLeftOff(lease.spaceId, { id: lease.syncId, mode: ended.mode }, outcome);
    noteEvidence(lease.spaceId, ended.mode, outcome);
    const isAsked = ended.trigger === 'request' || ended.trigger === 'command';
    const kept = isAsked ? KEPT_SYNCS.asked : KEPT_SYNCS.automatic;
    statements.forgetSyncs.run({ space: lease.spaceId, isAsked: isAsked ? 1 : 0, kept });
    return retryAt;
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
        const spaceId = statements.cancel.get(now, now, id);
        if (spaceId !== undefined) statements.putRetryOff.run(retryAt(LATER, now), spaceId);
        return spaceId !== undefined;
      }),
    find: (id) => attempt(() => queue.find(id)),
    list: (filter) => attempt(() => list(filter).map(syncFromRow)),
    page: (query) => attempt(() => page(query)),
  };
}

function leftOffFrom(text: string | null): LeftOff | null {
  return text === null ? null : (JSON.parse(text) as LeftOff);
}
