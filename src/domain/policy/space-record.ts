import { type ChangeRate, UNKNOWN_RATE } from '../freshness/change-rate.js';
import type { LeftOff } from '../model/left-off.js';
import { type MarkerEvidence, NO_EVIDENCE } from '../model/markers.js';
import { NO_SEARCH, type SearchEvidence } from '../model/search.js';
import type { SpaceTrouble } from '../model/space.js';

/** When a space is due, in ms since the epoch; null if not planned. */
export interface SpacePlan {
  /** When its incremental sync is due. */
  readonly dueAt: number | null;
  readonly fullDueAt: number | null;
  readonly pollDueAt: number | null;
  /** When a suspended space is retried automatically; null also once that is filed. */
  readonly retryAt: number | null;
}

/**
 * What the index notes on a space beside its content. Functions of this folder decide how it changes; an adapter only
 * reads it and writes it back in one transaction. Times are ms since the epoch.
 */
export interface SpaceRecord extends SpacePlan {
  /** Trouble of the last sync, or null. */
  readonly trouble: SpaceTrouble | null;
  /** A hint noted the trouble, so that of another hint takes its place; only a sync of the whole space clears it. */
  readonly isTroubleOfHint: boolean;
  /** How many times in a row its storage has refused the credentials. */
  readonly refusals: number;
  /** Images whose removal is held, or null. */
  readonly heldRemovals: number | null;
  readonly heldReasons: readonly string[];
  readonly isRemovalAccepted: boolean;
  readonly isRemovalRefused: boolean;
  /** The URL was changed, and no sync since has found everything in order. */
  readonly isRelocated: boolean;
  /** As in `ClaimedSync`, like the next member. */
  readonly fingerprint: string | null;
  readonly isRestored: boolean;
  readonly lastSyncAt: number | null;
  readonly lastSuccessAt: number | null;
  readonly leftOff: LeftOff | null;
  readonly evidence: MarkerEvidence;
  readonly search: SearchEvidence;
  /**
   * Requests of its last incremental sync that changed nothing; null before there is one under the present evidence.
   * Whether polls are of use depends on it, so no single large change ends them.
   */
  readonly unchangedRequests: number | null;
  /** How often it changes, as far as looks have told. */
  readonly rate: ChangeRate;
  /** Requests of a look at it with the changes that it usually finds, at least 1; null before the first. */
  readonly lookCost: number | null;
}

/** Nothing is wrong with a space, and its credentials get another chance. */
export const NO_TROUBLE = { trouble: null, isTroubleOfHint: false, refusals: 0, retryAt: null } as const;
/** No removal is held, so there is no decision on one. */
export const NO_OPINION = {
  heldRemovals: null,
  heldReasons: [],
  isRemovalAccepted: false,
  isRemovalRefused: false,
} as const;

/** Returns the record of a space that is new at `now`; it is due at once. */
export function newRecord(now: number): SpaceRecord {
  return {
    ...NO_TROUBLE,
    ...NO_OPINION,
    isRelocated: false,
    fingerprint: null,
    isRestored: false,
    lastSyncAt: null,
    lastSuccessAt: null,
    leftOff: null,
    evidence: NO_EVIDENCE,
    search: NO_SEARCH,
    unchangedRequests: null,
    rate: UNKNOWN_RATE,
    lookCost: null,
    dueAt: now,
    fullDueAt: null,
    pollDueAt: null,
  };
}

/** Whether its storage refused the credentials, so that it is left alone until it is retried or resumed. */
export function isSuspended({ trouble }: Pick<SpaceRecord, 'trouble'>): boolean {
  return trouble?.kind === 'unauthorized';
}
