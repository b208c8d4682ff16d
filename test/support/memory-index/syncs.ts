import { randomUUID } from 'node:crypto';
import { retryAt } from '../../../src/domain/hosts/suspension.js';
import { orderOf } from '../../../src/domain/lists/list-grammar.js';
import { matchesSync, SYNC_LIST, syncKeyOf } from '../../../src/domain/lists/sync-list.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { continuedBy, leftOffAfter } from '../../../src/domain/model/left-off.js';
import { learn } from '../../../src/domain/model/markers.js';
import { type SpaceTrouble, suspendedMessage } from '../../../src/domain/model/space.js';
import { MAX_HELD_REASONS, NO_COUNTS, type Sync, type SyncOutcome } from '../../../src/domain/model/sync.js';
import { covers, widen } from '../../../src/domain/model/sync-scope.js';
import type { Lease, SyncLog, SyncRequest } from '../../../src/domain/ports.js';
import { naivePage } from '../naive-page.js';
import { holdsLease, isShown, isSuspended, type Memory, type MemorySpace } from './state.js';

export function createMemorySyncLog(memory: Memory): SyncLog {
  const update = (sync: Sync, changed: Partial<Sync>): Sync => {
    const updated = { ...sync, updatedAt: memory.clock(), ...changed };
    memory.syncs.set(sync.id, updated);
    return updated;
  };
  const heldSync = (lease: Lease) => {
    const space = memory.spaces.get(lease.spaceId);
    const sync = memory.syncs.get(lease.syncId);
    return holdsLease(space, lease) && sync !== undefined ? { space, sync } : null;
  };

  return {
    request: async (request) => {
      const space = memory.spaces.get(request.spaceId);
      if (space?.isConfigured !== true) throw new OvadexError('not-found', `there is no space ${request.spaceId}`);
      if (request.trigger === 'request' && space.trouble?.kind === 'unauthorized') {
        throw new OvadexError('conflict', suspendedMessage(space.user, space.retryAt));
      }
      const waiting = activeSync(memory, space.id, 'PENDING');
      if (waiting !== undefined) {
        const isMoreUrgent = URGENCY.indexOf(request.trigger) > URGENCY.indexOf(waiting.trigger);
        return update(waiting, {
          ...widen(waiting, request),
          trigger: isMoreUrgent ? request.trigger : waiting.trigger,
          requestedBy: waiting.requestedBy ?? request.requestedBy,
        });
      }
      const running = activeSync(memory, space.id, 'IN_PROGRESS');
      if (running !== undefined && request.trigger === 'request' && covers(running, request)) return running;
      return fileSync(memory, space, request);
    },

    claim: async ({ owner, leaseMs, syncId, skip = [] }) => {
      const now = memory.clock();
      const candidates = [...memory.syncs.values()].filter((sync) => {
        const space = memory.spaces.get(sync.spaceId);
        if (space === undefined || skip.includes(space.id)) return false;
        if (syncId !== undefined && sync.id !== syncId) return false;
        const isAwaited = isSuspended(space) && space.retryAt !== null;
        if (sync.status === 'PENDING' && sync.trigger !== 'command' && isAwaited) return false;
        const isFree = space.lease === null || space.lease.until <= now || space.lease.until > now + 10 * leaseMs;
        return isFree && (sync.status === 'PENDING' || sync.status === 'IN_PROGRESS');
      });
      const place = (sync: Sync) => (sync.status === 'IN_PROGRESS' ? 0 : sync.trigger === 'schedule' ? 2 : 1);
      const next = candidates.sort((a, b) => place(a) - place(b) || a.id - b.id)[0];
      const space = next && memory.spaces.get(next.spaceId);
      if (next === undefined || space === undefined) return null;
      const lease = { syncId: next.id, spaceId: space.id, owner };
      space.lease = { ...lease, until: now + leaseMs };
      return {
        sync: update(next, {
          status: 'IN_PROGRESS',
          startedAt: next.startedAt ?? now,
          expected: next.expected ?? lastOfItsMode(memory, next),
        }),
        lease,
        isResumed: next.status === 'IN_PROGRESS',
        leftOff: continuedBy(space.leftOff, next.mode),
        shownImages: [...space.images.values()].filter(isShown).length,
        isRemovalAccepted: space.isRemovalAccepted,
        isRelocated: space.isRelocated,
        evidence: space.evidence,
      };
    },

    progress: async (lease, { counts, waiting }, leaseMs) => {
      const held = heldSync(lease);
      if (held?.sync.status !== 'IN_PROGRESS') return false;
      update(held.sync, { counts: { ...counts }, waiting });
      held.space.lease = { ...lease, until: memory.clock() + leaseMs };
      return true;
    },

    finish: async (lease, outcome) => {
      const held = heldSync(lease);
      if (held === null) return null;
      held.space.lease = null;
      if (held.sync.status !== 'IN_PROGRESS') return null;
      const { status, errors, warnings } = outcome;
      const counts = { ...outcome.counts };
      const ended = update(held.sync, { status, counts, waiting: 0, errors, warnings, endedAt: memory.clock() });
      if (outcome.findings.names !== null || outcome.findings.subtree !== null) {
        const before = held.space.evidence;
        held.space.evidence = learn(before, outcome.findings, ended.mode === 'full');
        const isLearned = before.subtree !== 'seen' && held.space.evidence.subtree === 'seen';
        if (isLearned) held.space.pollDueAt = memory.clock();
      }
      noteCondition(held.space, ended, outcome, memory.clock());
      held.space.leftOff = leftOffAfter(held.space.leftOff, ended, outcome);
      return held.space.retryAt;
    },

    release: async (lease) => {
      const space = memory.spaces.get(lease.spaceId);
      if (holdsLease(space, lease)) space.lease = null;
    },

    cancel: async (id) => {
      const sync = memory.syncs.get(id);
      if (sync === undefined || sync.endedAt !== null) return false;
      update(sync, { status: 'CANCELLED', endedAt: memory.clock() });
      const space = memory.spaces.get(sync.spaceId);
      if (space !== undefined && isSuspended(space)) space.retryAt ??= retryAt(2, memory.clock());
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
}

/** The least urgent first. */
const URGENCY = ['schedule', 'hint', 'request', 'command'];

export function activeSync(memory: Memory, spaceId: number, status: 'PENDING' | 'IN_PROGRESS'): Sync | undefined {
  return [...memory.syncs.values()].findLast((sync) => sync.spaceId === spaceId && sync.status === status);
}

export function fileSync(memory: Memory, space: MemorySpace, request: SyncRequest): Sync {
  const now = memory.clock();
  const sync: Sync = {
    ...widen(request, request),
    id: memory.syncs.size + 1,
    taskId: randomUUID(),
    spaceId: space.id,
    user: space.user,
    trigger: request.trigger,
    requestedBy: request.requestedBy,
    status: 'PENDING',
    createdAt: now,
    updatedAt: now,
    startedAt: null,
    endedAt: null,
    counts: NO_COUNTS,
    waiting: 0,
    expected: null,
    errors: [],
    warnings: [],
  };
  memory.syncs.set(sync.id, sync);
  return sync;
}

function lastOfItsMode(memory: Memory, { spaceId, mode }: Sync): number | null {
  const last = [...memory.syncs.values()].findLast(
    (sync) => sync.spaceId === spaceId && sync.mode === mode && sync.status === 'PROCESSED',
  );
  return last === undefined ? null : last.counts.collections + last.counts.failures;
}

function noteCondition(space: MemorySpace, sync: Sync, outcome: SyncOutcome, now: number): void {
  if (outcome.status === 'CANCELLED') return;
  const isHint = sync.mode === 'hint';
  const trouble = troubleOf(outcome, now);
  const isForeign = isHint && space.trouble !== null && !space.isTroubleOfHint;
  if (!isForeign || trouble?.kind === 'unauthorized') {
    space.trouble = trouble;
    space.isTroubleOfHint = isHint && trouble?.kind !== 'unauthorized';
  }
  if (outcome.isUnauthorized) space.refusals += 1;
  if (!isSuspended(space)) {
    space.retryAt = null;
    if (outcome.status === 'PROCESSED') space.refusals = 0;
  } else if (outcome.isUnauthorized) space.retryAt = retryAt(space.refusals, now);
  else space.retryAt ??= retryAt(space.refusals, now);
  if (outcome.status !== 'PROCESSED') return;
  const marked = [...space.images.values()].filter(({ absentInSync }) => absentInSync !== null).length;
  space.heldRemovals = Math.max(outcome.heldRemovals ?? 0, marked) || null;
  if (space.heldRemovals === null) {
    space.isRemovalAccepted = false;
    space.isRemovalRefused = false;
    space.heldReasons = [];
  } else if (outcome.heldRemovals !== null) {
    const before = isHint ? space.heldReasons : [];
    space.heldReasons = [...new Set([...before, ...outcome.heldReasons])].slice(0, MAX_HELD_REASONS);
  }
  if (isHint) return;
  if (outcome.counts.failures === 0 && space.heldRemovals === null) space.isRelocated = false;
  space.lastSyncAt = now;
  if (outcome.counts.failures === 0 && outcome.warnings.length === 0) space.lastSuccessAt = now;
}

function troubleOf(outcome: SyncOutcome, at: number): SpaceTrouble | null {
  const { failures } = outcome.counts;
  if (outcome.status === 'ERROR') {
    const kind = outcome.isUnauthorized ? 'unauthorized' : 'failed';
    return { kind, message: outcome.errors[0] ?? 'the sync failed without saying why', at };
  }
  if (failures === 0) return null;
  return { kind: 'incomplete', message: outcome.warnings[0] ?? `${failures} collections could not be listed`, at };
}
