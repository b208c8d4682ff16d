import {
  countedInHour,
  type HourRecord,
  hourOf,
  hoursToDrop,
  NO_SYNCS,
} from '../../../src/domain/diagnosis/history.js';
import { compareCodePoints } from '../../../src/domain/lists/order.js';
import { type SpaceState, stateOf } from '../../../src/domain/model/space.js';
import type { SyncOutcome } from '../../../src/domain/model/sync.js';
import type { IndexHistory } from '../../../src/domain/ports/index-history.js';
import { configuredSpaces, type Memory, shownImages, toSpace } from './state.js';

export function createMemoryHistory(memory: Memory): IndexHistory {
  const inOrder = () => [...memory.hours.values()].sort((a, b) => a.hour - b.hour);
  return {
    async count(now, signal) {
      if (signal.aborted) return;
      const spaces = configuredSpaces(memory);
      const images = spaces.flatMap(shownImages);
      const bytes = images.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
      change(memory, now, () => ({ stock: { spaces: spaces.length, images: images.length, bytes } }));
      for (const hour of hoursToDrop(inOrder(), now)) memory.hours.delete(hour);
    },
    hours: async () => inOrder(),
    async troubled(atMost) {
      const usersIn = (state: SpaceState) =>
        configuredSpaces(memory)
          .map(toSpace)
          .filter((space) => stateOf(space, 0, Number.MAX_SAFE_INTEGER) === state)
          .map(({ user }) => user)
          .sort(compareCodePoints)
          .slice(0, atMost);
      return { held: usersIn('held'), suspended: usersIn('suspended'), failing: usersIn('failing') };
    },
  };
}

/** Adds the end of a sync to its hour. */
export function noteInHour(memory: Memory, outcome: Pick<SyncOutcome, 'status' | 'counts'>, now: number): void {
  const added = countedInHour(outcome.status, outcome.counts);
  if (added === null) return;
  change(memory, now, (hour) => ({
    syncs: hour.syncs + added.syncs,
    failed: hour.failed + added.failed,
    added: hour.added + added.added,
    removed: hour.removed + added.removed,
  }));
}

function change(memory: Memory, now: number, changed: (before: HourRecord) => Partial<HourRecord>): void {
  const hour = hourOf(now);
  const before = memory.hours.get(hour) ?? { ...NO_SYNCS, hour, stock: null };
  memory.hours.set(hour, { ...before, ...changed(before) });
}
