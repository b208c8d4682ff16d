import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import type { Sync } from '../../../src/domain/model/sync.js';
import { covers, widen } from '../../../src/domain/model/sync-scope.js';
import type { SpaceRegistry } from '../../../src/domain/ports.js';
import { configuredSpaces, earlier, isShown, isSuspended, type Memory, type MemorySpace, toSpace } from './state.js';
import { activeSync, fileSync } from './syncs.js';

export function createMemoryRegistry(memory: Memory): SpaceRegistry {
  return {
    configure: async (settings, rules, now) => {
      const wanted = new Map(settings.map(({ user, url }) => [user, url]));
      for (const space of memory.spaces.values()) {
        const url = wanted.get(space.user);
        wanted.delete(space.user);
        if (url === undefined) leaveOut(memory, space);
        else if (!space.isConfigured || space.url !== url) takeUp(memory, space, url, now);
        if (url !== undefined && space.rules !== rules) forgetMarkers(space);
        if (url !== undefined) space.rules = rules;
      }
      for (const [user, url] of wanted) add(memory, user, url, rules, now);
      return configuredSpaces(memory).map(toSpace);
    },

    schedule: async (round, dueAt) => {
      for (const space of configuredSpaces(memory)) {
        const at = dueAt.get(space.user) ?? null;
        const isPolled = space.evidence.subtree === 'seen' && space.trouble === null && space.heldRemovals === null;
        if (round === 'full') space.fullDueAt = earlier(space.fullDueAt, at);
        else if (round === 'poll') space.pollDueAt = isPolled ? earlier(space.pollDueAt, at) : space.pollDueAt;
        else space.dueAt = earlier(space.dueAt, at);
      }
    },

    fileDue: async (now) => {
      const filed: Sync[] = [];
      const takenIn: string[] = [];
      for (const space of configuredSpaces(memory)) {
        const isDue = (at: number | null) => at !== null && at <= now;
        const isFull = isDue(space.fullDueAt);
        const isDueByPlan = isFull || isDue(space.dueAt) || isDue(space.pollDueAt);
        if (!(isSuspended(space) ? isDue(space.retryAt) : isDueByPlan)) continue;
        space.retryAt = null;
        space.dueAt = null;
        space.pollDueAt = null;
        if (isFull) space.fullDueAt = null;

        const scope = { mode: isFull ? ('full' as const) : ('incremental' as const), targets: [] };
        const waiting = activeSync(memory, space.id, 'PENDING');
        const running = activeSync(memory, space.id, 'IN_PROGRESS');
        if (waiting !== undefined) {
          memory.syncs.set(waiting.id, { ...waiting, ...widen(waiting, scope), updatedAt: now });
          takenIn.push(space.user);
        } else if (running === undefined || !covers(running, scope)) {
          filed.push(fileSync(memory, space, { ...scope, spaceId: space.id, trigger: 'schedule', requestedBy: null }));
        } else {
          takenIn.push(space.user);
        }
      }
      return { filed, takenIn };
    },

    acceptRemovals: async (spaceId) => {
      const space = memory.spaces.get(spaceId);
      if (space === undefined || space.heldRemovals === null) return;
      space.isRemovalAccepted = true;
      space.isRemovalRefused = false;
      space.dueAt = earlier(space.dueAt, memory.clock());
    },

    refuseRemovals: async (spaceId) => {
      const space = memory.spaces.get(spaceId);
      if (space === undefined || space.heldRemovals === null) return;
      space.isRemovalRefused = true;
      space.isRemovalAccepted = false;
    },

    retry: async (spaceId, at) => {
      const space = memory.spaces.get(spaceId);
      if (space !== undefined && isSuspended(space)) space.retryAt = at;
    },

    resume: async (spaceId) => {
      const space = memory.spaces.get(spaceId);
      if (space?.trouble?.kind !== 'unauthorized') return;
      endSuspension(space);
      space.dueAt = earlier(space.dueAt, memory.clock());
    },
  };
}

function add(memory: Memory, user: string, url: string, rules: string, now: number): void {
  const id = memory.spaces.size + 1;
  memory.spaces.set(id, {
    id,
    user,
    url,
    revision: 0,
    changedAt: null,
    addedAt: now,
    lastSuccessAt: null,
    lastSyncAt: null,
    trouble: null,
    heldRemovals: null,
    heldReasons: [],
    isRemovalRefused: false,
    evidence: NO_EVIDENCE,
    rules,
    isConfigured: true,
    isRemovalAccepted: false,
    isRelocated: false,
    refusals: 0,
    retryAt: null,
    leftOff: null,
    isTroubleOfHint: false,
    dueAt: now,
    fullDueAt: null,
    pollDueAt: null,
    lease: null,
    images: new Map(),
    collections: new Map(),
  });
}

function leaveOut(memory: Memory, space: MemorySpace): void {
  space.isConfigured = false;
  cancelAll(memory, space.id);
}

function takeUp(memory: Memory, space: MemorySpace, url: string, now: number): void {
  space.isConfigured = true;
  space.dueAt = earlier(space.dueAt, now);
  endSuspension(space);
  if (space.url === url) return;
  // Another storage: nothing that was noted of the former one proves anything about it.
  space.url = url;
  space.heldRemovals = null;
  space.heldReasons = [];
  space.isRemovalAccepted = false;
  space.isRemovalRefused = false;
  space.isRelocated = [...space.images.values()].some(isShown);
  for (const image of space.images.values()) image.absentInSync = null;
  forgetMarkers(space);
  for (const collection of space.collections.values()) {
    const forgotten = {
      modifiedAt: null,
      listedAt: null,
      isContradicted: false,
      absentInSync: null,
      absentInFull: null,
    };
    Object.assign(collection, forgotten);
  }
  space.evidence = NO_EVIDENCE;
  space.pollDueAt = null;
  cancelAll(memory, space.id);
}

function endSuspension(space: MemorySpace): void {
  space.trouble = null;
  space.refusals = 0;
  space.retryAt = null;
}

function forgetMarkers(space: MemorySpace): void {
  space.leftOff = null;
  for (const collection of space.collections.values()) {
    Object.assign(collection, { marker: null, isSettled: false, isProven: false, isMount: false, emptyInSync: null });
  }
}

function cancelAll(memory: Memory, spaceId: number): void {
  const now = memory.clock();
  for (const status of ['PENDING', 'IN_PROGRESS'] as const) {
    for (let sync = activeSync(memory, spaceId, status); sync; sync = activeSync(memory, spaceId, status)) {
      memory.syncs.set(sync.id, { ...sync, status: 'CANCELLED', endedAt: now, updatedAt: now });
    }
  }
}
