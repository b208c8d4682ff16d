import type { Sync } from '../../../src/domain/model/sync.js';
import { afterChange, changeOf, type Voided } from '../../../src/domain/policy/configured-spaces.js';
import {
  removalsAccepted,
  removalsRefused,
  resumed,
  retriedAfterLogIn,
  retriedAt,
} from '../../../src/domain/policy/space-decisions.js';
import {
  dueMode,
  filedPlan,
  mayBeLookedAt,
  mayBePolled,
  nextSyncAt,
  scheduled,
} from '../../../src/domain/policy/space-plan.js';
import { newRecord } from '../../../src/domain/policy/space-record.js';
import type { SpaceRegistry } from '../../../src/domain/ports/space-registry.js';
import { configuredSpaces, decide, type Memory, type MemorySpace, shownImages, toSpace } from './state.js';
import { fileSync } from './syncs.js';

export function createMemoryRegistry(memory: Memory): SpaceRegistry {
  return {
    configure: async (settings, rules, now) => {
      const wanted = new Map(settings.map((each) => [each.user, each]));
      for (const space of memory.spaces.values()) {
        const settingsOfIt = wanted.get(space.user) ?? null;
        wanted.delete(space.user);
        const change = changeOf(space, settingsOfIt, rules);
        space.record = afterChange(space.record, change, shownImages(space).length, now);
        for (const voided of change.voids) forget[voided](space);
        if (change.endsSyncs) cancelAll(memory, space.id);
        space.isConfigured = settingsOfIt !== null;
        if (settingsOfIt !== null) Object.assign(space, { url: settingsOfIt.url, rules });
      }
      for (const { user, url } of wanted.values()) add(memory, user, url, rules, now);
      return configuredSpaces(memory).map(toSpace);
    },

    schedule: async (round, dueAt) => {
      for (const space of configuredSpaces(memory)) {
        const at = dueAt.get(space.user);
        if (at !== undefined) space.record = scheduled(space.record, round, at);
      }
    },

    looks: async (wanted) =>
      configuredSpaces(memory).flatMap(({ user, record }) => {
        const { rate, lookCost, lastSuccessAt, pollDueAt } = record;
        if (lastSuccessAt === null || !mayBeLookedAt(record) || (wanted !== null && wanted !== user)) return [];
        return [{ user, rate, cost: lookCost ?? 1, lastSuccessAt, pollDueAt, isPolled: mayBePolled(record) }];
      }),

    fileDue: async (now) => {
      const filed: Sync[] = [];
      const takenIn: string[] = [];
      const due: { readonly space: MemorySpace; readonly at: number }[] = [];
      for (const space of memory.spaces.values()) {
        const at = space.isConfigured ? nextSyncAt(space.record) : null;
        if (at !== null && at <= now) due.push({ space, at });
      }
      for (const { space } of due.sort((a, b) => a.at - b.at || a.space.id - b.space.id)) {
        const mode = dueMode(space.record, now);
        const request = { spaceId: space.id, mode, trigger: 'schedule', requestedBy: null, targets: [] } as const;
        const { sync, isNew } = fileSync(memory, space, request, now);
        if (isNew) filed.push(sync);
        else takenIn.push(space.user);
        space.record = { ...space.record, ...filedPlan(space.record, mode) };
      }
      return { filed, takenIn };
    },

    acceptRemovals: async (spaceId) => decide(memory, spaceId, removalsAccepted),
    refuseRemovals: async (spaceId) => decide(memory, spaceId, removalsRefused),
    retry: async (spaceId, at) => decide(memory, spaceId, retriedAt(at)),
    retryAfterLogIn: async (spaceId) => decide(memory, spaceId, retriedAfterLogIn),
    resume: async (spaceId) => decide(memory, spaceId, resumed),
  };
}

function add(memory: Memory, user: string, url: string, rules: string, now: number): void {
  const id = memory.spaces.size + 1;
  memory.spaces.set(id, {
    id,
    user,
    url,
    rules,
    addedAt: now,
    readBytes: 0,
    isConfigured: true,
    revision: 0,
    changedAt: null,
    forgottenIn: 0,
    mayBeUnread: true,
    record: newRecord(now),
    lease: null,
    images: new Map(),
    collections: new Map(),
  });
}

const forget: Record<Voided, (space: MemorySpace) => void> = {
  markers({ collections }) {
    for (const collection of collections.values()) {
      Object.assign(collection, { marker: null, isSettled: false, isProven: false, isMount: false, isJoined: false });
    }
  },
  listings({ collections, images }) {
    for (const image of images.values()) image.absentInSync = null;
    const dates = { modifiedAt: null, listedAt: null, emptyInSync: null, isContradicted: false };
    for (const collection of collections.values()) {
      Object.assign(collection, { ...dates, absentInSync: null, absentInFull: null });
    }
  },
};

function cancelAll(memory: Memory, spaceId: number): void {
  const now = memory.clock();
  for (const sync of memory.syncs.ofSpace(spaceId)) {
    if (sync.endedAt !== null) continue;
    memory.syncs.put({ ...sync, status: 'CANCELLED', endedAt: now, updatedAt: now });
  }
}
