import type { LeftOff } from '../model/left-off.js';
import { type MarkerEvidence, NO_EVIDENCE } from '../model/markers.js';
import type { SpaceTrouble } from '../model/space.js';

/** When a space is due, in ms since the epoch; null: not planned. */
export interface SpacePlan {
  /** Its incremental sync. */
  readonly dueAt: number | null;
  readonly fullDueAt: number | null;
  readonly pollDueAt: number | null;
  /** When a suspended space is tried by itself; null also if that is filed. */
  readonly retryAt: number | null;
}

/**
 * What the index notes of a space beside its content. Functions of this room decide how it changes; an adapter only
 * reads it and writes it back in one transaction. Times are ms since the epoch.
 */
export interface SpaceRecord extends SpacePlan {
  /** Trouble of the last sync, or null. */
  readonly trouble: SpaceTrouble | null;
  /** A hint noted the trouble, so a hint may clear it. */
  readonly isTroubleOfHint: boolean;
  /** How often its storage has refused the credentials in a row. */
  readonly refusals: number;
  /** Images whose removal is held, or null. */
  readonly heldRemovals: number | null;
  readonly heldReasons: readonly string[];
  readonly isRemovalAccepted: boolean;
  readonly isRemovalRefused: boolean;
  /** The URL was changed, and no sync since has found all in order. */
  readonly isRelocated: boolean;
  readonly lastSyncAt: number | null;
  readonly lastSuccessAt: number | null;
  readonly leftOff: LeftOff | null;
  readonly evidence: MarkerEvidence;
}

/** Nothing is wrong with a space, and its credentials have another chance. */
export const NO_TROUBLE = { trouble: null, isTroubleOfHint: false, refusals: 0, retryAt: null } as const;
/** No removal is held, so nobody has an opinion of one. */
export const NO_OPINION = {
  heldRemovals: null,
  heldReasons: [],
  isRemovalAccepted: false,
  isRemovalRefused: false,
} as const;

/** The record of a space that is new at `now`: it is due at once. */
export function newRecord(now: number): SpaceRecord {
  return {
    ...NO_TROUBLE,
    ...NO_OPINION,
    isRelocated: false,
    lastSyncAt: null,
    lastSuccessAt: null,
    leftOff: null,
    evidence: NO_EVIDENCE,
    dueAt: now,
    fullDueAt: null,
    pollDueAt: null,
  };
}

/** Its storage refused the credentials, so it is left alone until it is retried or resumed. */
export function isSuspended({ trouble }: Pick<SpaceRecord, 'trouble'>): boolean {
  return trouble?.kind === 'unauthorized';
}
