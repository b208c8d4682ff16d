import { randomUUID } from 'node:crypto';
import { orderOf } from '../../../src/domain/lists/list-grammar.js';
import { matchesSync, SYNC_LIST, syncKeyOf } from '../../../src/domain/lists/sync-list.js';
import { continuedBy } from '../../../src/domain/model/left-off.js';
import { type Evidence, isSubtreeBelieved, type OriginEvidence } from '../../../src/domain/model/markers.js';
import { NO_COUNTS, type Sync, type SyncCounts, type SyncRequest } from '../../../src/domain/model/sync.js';
import { afterSync } from '../../../src/domain/policy/space-condition.js';
import { retryPutOff } from '../../../src/domain/policy/space-decisions.js';
import { compareClaims, isLeaseFree, mayRun, standingOf } from '../../../src/domain/policy/sync-claim.js';
import { fileRequest, followUpOf, requireFileable } from '../../../src/domain/policy/sync-filing.js';
import { forgottenOf, retentionAfter } from '../../../src/domain/policy/sync-retention.js';
import type { ClaimedSync, Lease, SyncLog } from '../../../src/domain/ports/sync-log.js';
import { naivePage } from '../naive-page.js';
import { noteInHour } from './history.js';
import { decide, holdsLease, type Memory, type MemorySpace, shownImages } from './state.js';

const NOBODY = { joinedAt: null, joinedBy: null };

export function createMemorySyncLog(memory: Memory): SyncLog {
  const update = (sync: Sync, changed: Partial<Sync>): Sync => write(memory, sync, changed, memory.clock());
  const heldSync = (lease: Lease) => {
    const space = memory.spaces.get(lease.spaceId);
    const sync = memory.syncs.get(lease.syncId);
    return holdsLease(space, lease) && sync !== undefined ? { space, sync } : null;
  };

  const log: SyncLog = {
    request: async (request) => {
      const space = memory.spaces.get(request.spaceId);
      const isConfigured = space?.isConfigured === true;
      requireFileable(request, isConfigured ? { ...space.record, user: space.user } : null);
      return fileSync(memory, space as MemorySpace, request, memory.clock()).sync;
    },

    claim: async ({ owner, leaseMs, syncId, skip = [] }) => {
      const now = memory.clock();
      const candidates = [...memory.syncs.unfinished()].filter((sync) => {
        const space = memory.spaces.get(sync.spaceId);
        if (space === undefined || skip.includes(space.id)) return false;
        if (syncId !== undefined && sync.id !== syncId) return false;
        return isLeaseFree(space.lease?.until ?? null, now, leaseMs) && mayRun(sync, space.record);
      });
      const next = candidates.sort(compareClaims)[0];
      const space = next && memory.spaces.get(next.spaceId);
      if (next === undefined || space === undefined) return null;
      const lease = { syncId: next.id, spaceId: space.id, owner };
      space.lease = { ...lease, until: now + leaseMs, resumedAt: next.status === 'IN_PROGRESS' ? now : null };
      return {
        sync: update(next, {
          status: 'IN_PROGRESS',
          startedAt: next.startedAt ?? now,
          expected: next.expected ?? lastOfItsMode(memory, next),
        }),
        lease,
        isResumed: next.status === 'IN_PROGRESS',
        leftOff: continuedBy(space.record.leftOff, next.mode),
        shownImages: shownImages(space).length,
        isRemovalAccepted: space.record.isRemovalAccepted,
        isRelocated: space.record.isRelocated,
        fingerprint: space.record.fingerprint,
        isRestored: space.record.isRestored,
        ...standingOf(space.record),
        isSubtreeBelieved: isSubtreeBelieved(space.record.evidence, originEvidence(memory, space)),
      };
    },

    claimUpTo: async (atMost, options) => {
      const claimed: ClaimedSync[] = [];
      while (claimed.length < atMost) {
        const next = await log.claim(options);
        if (next === null) break;
        claimed.push(next);
      }
      return claimed;
    },

    progress: async (lease, { counts, waiting }, leaseMs) => {
      const held = heldSync(lease);
      if (held?.sync.status !== 'IN_PROGRESS') return false;
      update(held.sync, { counts: most(held.sync.counts, counts), waiting });
      held.space.lease = { ...lease, until: memory.clock() + leaseMs, resumedAt: held.space.lease?.resumedAt ?? null };
      return true;
    },

    finish: async (lease, outcome) => {
      const held = heldSync(lease);
      if (held === null) {
        const isEndedSo = memory.syncs.get(lease.syncId)?.status === outcome.status;
        return isEndedSo ? (memory.spaces.get(lease.spaceId)?.record.retryAt ?? null) : null;
      }
      const { space, sync } = held;
      space.lease = null;
      if (sync.status !== 'IN_PROGRESS') return null;
      const { status, errors, warnings } = outcome;
      const counts = most(sync.counts, outcome.counts);
      const now = memory.clock();
      update(sync, { status, counts, waiting: 0, errors, warnings, endedAt: now });
      const marked = [...space.images.values()].filter(({ absentInSync }) => absentInSync !== null).length;
      space.record = afterSync(space.record, sync, outcome, marked, now);
      noteInHour(memory, { status, counts }, now);
      for (const id of forgottenOf(memory.syncs.ofSpace(space.id), retentionAfter(sync.trigger)))
        memory.syncs.delete(id);
      const { joinedAt, joinedBy } = memory.joined.get(sync.id) ?? NOBODY;
      memory.joined.delete(sync.id);
      const followUp = followUpOf({ spaceId: space.id, joinedAt, joinedBy }, status, space.record);
      if (followUp !== null) fileSync(memory, space, followUp, now);
      return space.record.retryAt;
    },

    release: async (lease) => {
      const space = memory.spaces.get(lease.spaceId);
      if (holdsLease(space, lease)) space.lease = null;
    },

    releaseUnknown: async (owner, known) => {
      for (const [id, space] of memory.spaces) {
        if (space.lease?.owner === owner && !known.includes(id)) space.lease = null;
      }
    },

    cancel: async (id) => {
      const sync = memory.syncs.get(id);
      if (sync === undefined || sync.endedAt !== null) return false;
      update(sync, { status: 'CANCELLED', endedAt: memory.clock() });
      decide(memory, sync.spaceId, retryPutOff);
      return true;
    },

    find: async (id) => memory.syncs.get(id) ?? null,

    list: async ({ user, statuses, limit }) =>
      [...memory.syncs.values()]
        .filter((sync) => user === undefined || sync.user === user)
        .filter((sync) => statuses === undefined || statuses.includes(sync.status))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),

    page: async (query) => {
      const matching = [...memory.syncs.values()].filter((sync) => matchesSync(query, sync));
      const { rows, place } = naivePage(matching, orderOf(SYNC_LIST, query.sort), syncKeyOf, query.page);
      return { syncs: rows, place };
    },
  };
  return log;
}

/** Returns the larger of each count: a run may know of less than was counted along with what it has changed. */
function most(a: SyncCounts, b: SyncCounts): SyncCounts {
  const counts = { ...a };
  for (const name of Object.keys(counts) as (keyof SyncCounts)[]) counts[name] = Math.max(a[name], b[name]);
  return counts;
}

/** What all configured spaces on the storage of one have shown. */
function originEvidence(memory: Memory, { url }: MemorySpace): OriginEvidence {
  const { origin } = new URL(url);
  const spaces = [...memory.spaces.values()];
  const count = (wanted: Evidence) =>
    spaces.filter(
      (each) => each.isConfigured && each.record.evidence.subtree === wanted && new URL(each.url).origin === origin,
    ).length;
  return { seen: count('seen'), refuted: count('refuted') };
}

function write(memory: Memory, sync: Sync, changed: Partial<Sync>, now: number): Sync {
  const updated = { ...sync, ...changed, updatedAt: now };
  memory.syncs.put(updated);
  return updated;
}

/** The sync that answers a request, and whether it was filed for it. */
export function fileSync(
  memory: Memory,
  space: MemorySpace,
  request: SyncRequest,
  now: number,
): { sync: Sync; isNew: boolean } {
  const active = (status: Sync['status']) =>
    memory.syncs.ofSpace(space.id).findLast((sync) => sync.status === status) ?? null;
  const waiting = active('PENDING');
  const running = active('IN_PROGRESS');
  const { until: leaseUntil = null, resumedAt = null } = space.lease ?? {};
  const joinedAt = (running === null ? undefined : memory.joined.get(running.id))?.joinedAt ?? null;
  const begun = running === null ? null : { sync: running, leaseUntil, resumedAt, joinedAt };
  const filing = fileRequest(request, waiting, begun, now);
  if (filing.by === 'running' && running !== null) {
    if (filing.isNoted) memory.joined.set(running.id, { joinedAt: now, joinedBy: request.requestedBy });
    return { sync: running, isNew: false };
  }
  if (filing.by === 'waiting' && waiting !== null) {
    return { sync: write(memory, waiting, filing.sync, now), isNew: false };
  }
  if (filing.by !== 'new') throw new Error('a request is answered by a sync that is not there');
  const times = { createdAt: now, updatedAt: now, startedAt: null, endedAt: null };
  const nothing = { counts: NO_COUNTS, waiting: 0, expected: null, errors: [], warnings: [] };
  const { id: spaceId, user } = space;
  const base = { id: ++memory.lastSyncId, taskId: randomUUID(), spaceId, user, status: 'PENDING' } as const;
  const sync: Sync = { ...base, ...filing.sync, ...times, ...nothing };
  memory.syncs.put(sync);
  return { sync, isNew: true };
}

function lastOfItsMode(memory: Memory, { spaceId, mode }: Sync): number | null {
  const last = memory.syncs.ofSpace(spaceId).findLast((sync) => sync.mode === mode && sync.status === 'PROCESSED');
  return last === undefined ? null : last.counts.collections + last.counts.failures;
}
