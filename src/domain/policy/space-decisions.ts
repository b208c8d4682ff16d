import { retryAt } from '../hosts/suspension.js';
import { NO_EVIDENCE } from '../model/markers.js';
import { earlier } from './space-plan.js';
import { isSuspended, NO_OPINION, NO_TROUBLE, type SpaceRecord } from './space-record.js';

/** A change of a record; null: it stays as it is. */
export type SpaceDecision = (before: SpaceRecord, now: number) => SpaceRecord | null;

/** A space that comes back, or moves, is due at once and has another chance with its credentials. */
export function takenUp(before: SpaceRecord, now: number): SpaceRecord {
  return { ...before, ...NO_TROUBLE, dueAt: earlier(before.dueAt, now) };
}

/** Another storage: nothing that was noted of the former one proves anything about it. */
export function relocated(before: SpaceRecord, shownImages: number): SpaceRecord {
  return {
    ...before,
    ...NO_OPINION,
    isRelocated: shownImages > 0,
    leftOff: null,
    evidence: NO_EVIDENCE,
    pollDueAt: null,
  };
}

/** Ends a suspension; the space is due at once. */
export const resumed: SpaceDecision = (before, now) => (isSuspended(before) ? takenUp(before, now) : null);

/** Sets when a suspended space is tried by itself. */
export function retriedAt(at: number): SpaceDecision {
  return (before) => (isSuspended(before) ? { ...before, retryAt: at } : null);
}

/** A cancelled try counts as one of many: nobody wants the next one within the hour. */
const LATER = 2;

/** After a sync was cancelled: a suspended space whose own try that was waits for the next. */
export const retryPutOff: SpaceDecision = (before, now) =>
  isSuspended(before) && before.retryAt === null ? { ...before, retryAt: retryAt(LATER, now) } : null;

/** Lets a held removal through at the next sync, which is due at once. */
export const removalsAccepted: SpaceDecision = (before, now) =>
  before.heldRemovals === null
    ? null
    : { ...before, isRemovalAccepted: true, isRemovalRefused: false, dueAt: earlier(before.dueAt, now) };

/** Keeps what a held removal would take away. */
export const removalsRefused: SpaceDecision = (before) =>
  before.heldRemovals === null ? null : { ...before, isRemovalAccepted: false, isRemovalRefused: true };
