import type { AtAGlance } from '../domain/diagnosis/at-a-glance.js';
import { HOUR_MS } from '../domain/diagnosis/history.js';
import { SPACE_STATES } from '../domain/lists/space-states.js';
import type { SpaceState } from '../domain/model/space.js';
import { timestamp } from './timestamp.js';

/** All spaces at a glance, as JSON. */
export interface OverviewJson {
  readonly as_of: string;
  readonly spaces_by_state: Readonly<Record<SpaceState, number>>;
  readonly images: number;
  readonly collections: number;
  /** As counted within the hour `size_as_of`; null before the first count. */
  readonly size: number | null;
  readonly size_as_of: string | null;
  readonly oldest: { readonly user: string; readonly synced_on: string } | null;
  readonly waiting_syncs: number;
  readonly running_syncs: number;
  readonly attention: AttentionJson;
  readonly storage_requests: StorageRequestsJson;
  readonly hours: readonly HourJson[];
  readonly history: readonly StockJson[];
}

/** What needs a person, with the first few names of each. */
export interface AttentionJson {
  readonly held: TroubledJson;
  readonly suspended: TroubledJson;
  readonly failing: TroubledJson;
  readonly webhooks: readonly { readonly name: string; readonly dead_spaces: number }[];
}

interface TroubledJson {
  readonly count: number;
  readonly users: readonly string[];
}

export interface StorageRequestsJson {
  readonly outcomes: Readonly<Record<string, number>>;
  /** Those that took no longer than this; `up_to_seconds` null: longer than all others. */
  readonly latency: readonly { readonly up_to_seconds: number | null; readonly count: number }[];
  readonly total_seconds: number;
}

export interface HourJson {
  /** The beginning of the hour. */
  readonly hour: string;
  readonly syncs: number;
  readonly failed: number;
  readonly added: number;
  readonly deleted: number;
}

export interface StockJson {
  readonly hour: string;
  readonly spaces: number;
  readonly images: number;
  readonly size: number;
}

export function overviewToJson(glance: AtAGlance): OverviewJson {
  const { states, bytes, oldest, troubled, requestSeconds } = glance;
  const inState = (state: SpaceState) => states.get(state) ?? 0;
  const { bounds, counts, sum } = requestSeconds;
  return {
    as_of: timestamp(glance.at),
    spaces_by_state: Object.fromEntries(SPACE_STATES.map((state) => [state, inState(state)])) as Record<
      SpaceState,
      number
    >,
    images: glance.images,
    collections: glance.collections,
    size: bytes?.total ?? null,
    size_as_of: bytes === null ? null : hourToJson(bytes.hour),
    oldest: oldest && { user: oldest.user, synced_on: timestamp(oldest.successAt) },
    waiting_syncs: glance.waitingSyncs,
    running_syncs: glance.runningSyncs,
    attention: {
      held: { count: inState('held'), users: troubled.held },
      suspended: { count: inState('suspended'), users: troubled.suspended },
      failing: { count: inState('failing'), users: troubled.failing },
      webhooks: glance.deadWebhooks.map(({ name, spaces }) => ({ name, dead_spaces: spaces })),
    },
    storage_requests: {
      outcomes: Object.fromEntries(glance.requests),
      latency: counts.map((count, at) => ({ up_to_seconds: bounds[at] ?? null, count })),
      total_seconds: Math.round(sum * 1_000) / 1_000,
    },
    hours: glance.hours.map(({ hour, syncs, failed, added, removed }) => {
      return { hour: hourToJson(hour), syncs, failed, added, deleted: removed };
    }),
    history: glance.history.map(({ hour, spaces, images, bytes: size }) => {
      return { hour: hourToJson(hour), spaces, images, size };
    }),
  };
}

function hourToJson(hour: number): string {
  return timestamp(hour * HOUR_MS);
}
