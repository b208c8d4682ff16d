import type { MarkerFindings } from './markers.js';
import type { ResourcePath } from './path.js';
import type { SearchFindings } from './search.js';

/**
 * `full` lists every collection, `incremental` may skip what is proven
 * unchanged, `hint` lists just the named collections (and new ones below them).
 */
export type SyncMode = 'full' | 'incremental' | 'hint';

export type SyncTrigger = 'schedule' | 'request' | 'hint' | 'command';

/** The status in the words of the wire contract. */
export type SyncStatus = 'PENDING' | 'IN_PROGRESS' | 'PROCESSED' | 'ERROR' | 'CANCELLED';

/**
 * What a sync has done, in all of its runs. What it has changed is counted along with each change, and so exactly once,
 * however its runs end. The work is counted as it is done: a run that is broken off may have listed what the next one lists
 * again, and if its process is killed, up to a second of it is missing.
 */
export interface SyncCounts {
  /** Collections listed completely. */
  readonly collections: number;
  /** Collections that could not be listed. */
  readonly failures: number;
  /** Images seen. */
  readonly images: number;
  readonly requests: number;
  readonly added: number;
  readonly altered: number;
  readonly removed: number;
}

export const NO_COUNTS: SyncCounts = {
  collections: 0,
  failures: 0,
  images: 0,
  requests: 0,
  added: 0,
  altered: 0,
  removed: 0,
};

/** How far a sync has come. */
export interface SyncStanding {
  readonly counts: SyncCounts;
  /** Collections that are known but not listed yet. */
  readonly waiting: number;
}

/** How far a sync has come that has done nothing. */
export const NO_STANDING: SyncStanding = { counts: NO_COUNTS, waiting: 0 };

/** One run over a space: waiting, running or ended. Times are ms since the epoch. */
export interface Sync extends SyncStanding {
  readonly id: number;
  /** A UUID, for clients that follow a task. */
  readonly taskId: string;
  readonly spaceId: number;
  readonly user: string;
  readonly mode: SyncMode;
  readonly trigger: SyncTrigger;
  /** The user who requested it, or null for the schedule and hints. */
  readonly requestedBy: string | null;
  /** The collections of a `hint`; empty otherwise. */
  readonly targets: readonly ResourcePath[];
  readonly status: SyncStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Collections that the space's last sync of the same mode had dealt with when this one started; null if there was none. */
  readonly expected: number | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** A sync to be queued, for a person or the schedule. */
export interface SyncRequest {
  readonly spaceId: number;
  readonly mode: SyncMode;
  readonly trigger: SyncTrigger;
  readonly requestedBy: string | null;
  readonly targets: readonly ResourcePath[];
}

/** How a sync ended. */
export interface SyncOutcome {
  readonly status: 'PROCESSED' | 'ERROR' | 'CANCELLED';
  readonly counts: SyncCounts;
  /** Why the whole sync failed; empty unless ERROR. */
  readonly errors: readonly string[];
  /** Collections left as they were and held removals, `MAX_WARNINGS` at most. */
  readonly warnings: readonly string[];
  readonly isUnauthorized: boolean;
  /** The storage had too much to do: the next sync begins with what this one left unlisted. */
  readonly isLeftOff?: boolean;
  /** Images whose removal is held, or null. */
  readonly heldRemovals: number | null;
  /** Why the removal is held, for the administrator who decides, `MAX_HELD_REASONS` at most; empty if none is held. */
  readonly heldReasons: readonly string[];
  readonly findings: MarkerFindings;
  /** Not set if nothing was searched, nor passed by because of an earlier search. */
  readonly search?: SearchFindings;
  /** The storage's fingerprint, as in `Listing`; null or not set if the sync did not see one. */
  readonly fingerprint?: string | null;
}

/** A sync names this many warnings one by one and counts the others, so that a row stays readable. */
export const MAX_WARNINGS = 50;

/** A missing disk may take several folders with it; a dozen lines tell enough. */
export const MAX_HELD_REASONS = 12;

/** How fast a running sync is and how much of it is left, as far as that is known. */
export interface Pace {
  /** Collections per second since its start; null before there are any. */
  readonly perSecond: number | null;
  /** Seconds to its end at that pace; null if it is not known how much is left. */
  readonly secondsLeft: number | null;
}

/**
 * Estimates the pace. What is left are the collections that wait or, if they are more, those that the last sync of the
 * same mode had beyond: a walk finds most of its collections on the way.
 */
export function paceOf({ counts, waiting, expected, startedAt }: Omit<Sync, 'status'>, now: number): Pace {
  const done = counts.collections + counts.failures;
  const elapsedMs = startedAt === null ? 0 : now - startedAt;
  if (done === 0 || elapsedMs <= 0) return { perSecond: null, secondsLeft: null };
  const perSecond = (done * 1000) / elapsedMs;
  if (expected === null) return { perSecond, secondsLeft: null };
  return { perSecond, secondsLeft: Math.max(waiting, expected - done) / perSecond };
}
