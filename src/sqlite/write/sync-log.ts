import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { countedInHour, hourOf } from '../../domain/diagnosis/history.js';
import { OvadexError } from '../../domain/model/errors.js';
import { continuedBy } from '../../domain/model/left-off.js';
import { isSubtreeBelieved, type OriginEvidence } from '../../domain/model/markers.js';
import type { SyncOutcome, SyncRequest, SyncStanding } from '../../domain/model/sync.js';
import { afterSync } from '../../domain/policy/space-condition.js';
import { retryPutOff } from '../../domain/policy/space-decisions.js';
import type { SpaceRecord } from '../../domain/policy/space-record.js';
import { disbelievedAfter, standingOf } from '../../domain/policy/sync-claim.js';
import { followUpOf, requireFileable } from '../../domain/policy/sync-filing.js';
import { retentionAfter } from '../../domain/policy/sync-retention.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ClaimedSync, Lease, SyncFilter, SyncLog } from '../../domain/ports/sync-log.js';
import { attempt } from '../file/run-query.js';
import { createSyncList } from '../read/sync-list.js';
import { syncFromRow } from '../read/sync-rows.js';
import { createSpaceRecords } from './space-record.js';
import { createSyncFiler } from './sync-filer.js';
import { prepareStatements } from './sync-log-statements.js';

/** Creates the queue and the history of syncs. Rejects with OvadexError `index`. */
export function createSyncLog(db: Database, clock: Clock = Date.now, newTaskId: () => string = randomUUID): SyncLog {
  const filer = createSyncFiler(db, newTaskId);
  const statements = prepareStatements(db);
  const records = createSpaceRecords(db);
  const page = createSyncList(db);

  const request = db.transaction((wanted: SyncRequest) => {
    const user = statements.userOf.get(wanted.spaceId);
    const record = records.read(wanted.spaceId);
    requireFileable(wanted, user === undefined || record === null ? null : { ...record, user });
    return filer.file(wanted, clock()).sync;
  });

  /** Read only where it can matter: most spaces of a Nextcloud soon have evidence of their own. */
  const originEvidence = (spaceId: number, { evidence }: Pick<SpaceRecord, 'evidence'>): OriginEvidence => {
    const none = { seen: 0, refuted: 0 };
    return evidence.subtree === 'none' ? (statements.originEvidence.get({ spaceId }) ?? none) : none;
  };

  const claimNow = (options: Parameters<SyncLog['claim']>[0]): ClaimedSync | null => {
    const { owner, leaseMs, syncId, skip = [] } = options;
    const now = clock();
    const free = { now, disbelievedAfter: disbelievedAfter(now, leaseMs), skip: JSON.stringify(skip) };
    const next =
      syncId === undefined
        ? (statements.nextOrphan.get(free) ?? statements.nextWaiting.get(free))
        : statements.claimable.get({ ...free, syncId });
    if (next === undefined) return null;

    const { id, spaceId, status, shownImages } = next;
    statements.start.run({ now, id });
    statements.takeLease.run(owner, id, now + leaseMs, spaceId);
    const sync = filer.find(id);
    const record = records.read(spaceId);
    if (sync === null || record === null)
      throw new OvadexError('internal', `sync ${id} was claimed but can't be found`);
    return {
      sync,
      lease: { syncId: id, spaceId, owner },
      isResumed: status === 'IN_PROGRESS',
      leftOff: continuedBy(record.leftOff, sync.mode),
      shownImages,
      isRemovalAccepted: record.isRemovalAccepted,
      isRelocated: record.isRelocated,
      fingerprint: record.fingerprint,
      isRestored: record.isRestored,
      ...standingOf(record),
      isSubtreeBelieved: isSubtreeBelieved(record.evidence, originEvidence(spaceId, record)),
    };
  };
  const claim = db.transaction(claimNow);
  const claimUpTo = db.transaction((atMost: number, options: Parameters<SyncLog['claimUpTo']>[1]) => {
    const claimed: ClaimedSync[] = [];
    while (claimed.length < atMost) {
      const next = claimNow(options);
      if (next === null) break;
      claimed.push(next);
    }
    return claimed;
  });

  const isHeld = ({ spaceId, owner, syncId }: Lease) => statements.isHeld.get(spaceId, owner, syncId) !== undefined;

  const progress = db.transaction((lease: Lease, { counts, waiting }: SyncStanding, leaseMs: number): boolean => {
    if (!isHeld(lease)) return false;
    const now = clock();
    if (statements.noteProgress.run({ ...counts, waiting, id: lease.syncId, now }).changes === 0) return false;
    statements.takeLease.run(lease.owner, lease.syncId, now + leaseMs, lease.spaceId);
    return true;
  });

  const finish = db.transaction((lease: Lease, outcome: SyncOutcome): number | null => {
    if (!isHeld(lease)) return statements.retryAfter.get(lease.syncId, outcome.status) ?? null;
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
    const before = records.read(lease.spaceId);
    if (before === null) return null;
    const sync = { id: lease.syncId, mode: ended.mode };
    const after = afterSync(before, sync, outcome, statements.countMarked.get(lease.spaceId) ?? 0, now);
    records.write(lease.spaceId, after);
    const counted = countedInHour(outcome.status, ended);
    if (counted !== null) statements.noteInHour.run({ ...counted, hour: hourOf(now) });
    const { triggers, kept } = retentionAfter(ended.trigger);
    statements.forgetSyncs.run({ space: lease.spaceId, triggers: JSON.stringify(triggers), kept });
    const followUp = followUpOf({ ...ended, spaceId: lease.spaceId }, outcome.status, after);
    if (followUp !== null) filer.file(followUp, now);
    return after.retryAt;
  });

  const cancel = db.transaction((id: number): boolean => {
    const now = clock();
    const spaceId = statements.cancel.get(now, now, id);
    if (spaceId !== undefined) records.decide(spaceId, retryPutOff, now);
    return spaceId !== undefined;
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
    claimUpTo: (atMost, options) => attempt(() => claimUpTo.immediate(atMost, options)),
    progress: (lease, standing, leaseMs) => attempt(() => progress.immediate(lease, standing, leaseMs)),
    finish: (lease, outcome) => attempt(() => finish.immediate(lease, outcome)),
    release: (lease) => attempt(() => void statements.releaseLease.run(lease.spaceId, lease.owner, lease.syncId)),
    releaseUnknown: (owner, known) => attempt(() => void statements.releaseUnknown.run(owner, JSON.stringify(known))),
    cancel: (id) => attempt(() => cancel.immediate(id)),
    find: (id) => attempt(() => filer.find(id)),
    list: (filter) => attempt(() => list(filter).map(syncFromRow)),
    page: (query) => attempt(() => page(query)),
  };
}
