import { UNKNOWN_RATE } from '../freshness/change-rate.js';
import { retryAfterLogIn, retryAt } from '../hosts/suspension.js';
import { NO_EVIDENCE } from '../model/markers.js';
import { NO_SEARCH, uncompared } from '../model/search.js';
import { earlier } from './space-plan.js';
import { isSuspended, NO_OPINION, NO_TROUBLE, type SpaceRecord } from './space-record.js';

/** Changes a record; returns null if it stays as it is. */
export type SpaceDecision = (before: SpaceRecord, now: number) => SpaceRecord | null;

/**
 * Takes up a space that comes back or moves: it is due at once, and its credentials get another chance. Its trouble is
 * cleared without a look at what could not be listed, so a search alone may not pass that over.
 */
export function takenUp(before: SpaceRecord, now: number): SpaceRecord {
  const isUnlisted = before.trouble !== null && !isSuspended(before);
  const search = isUnlisted ? uncompared(before.search) : before.search;
  return { ...before, ...NO_TROUBLE, search, dueAt: earlier(before.dueAt, now) };
}

/** Returns the record of a space on another storage: nothing that was noted of the former one proves anything about it. */
export function relocated(before: SpaceRecord, shownImages: number): SpaceRecord {
  return {
    ...before,
    ...NO_OPINION,
    isRelocated: shownImages > 0,
    fingerprint: null,
    isRestored: false,
    leftOff: null,
    evidence: NO_EVIDENCE,
    search: NO_SEARCH,
    unchangedRequests: null,
    rate: UNKNOWN_RATE,
    lookCost: null,
    pollDueAt: null,
  };
}

/** Ends a suspension; the space is due at once. */
export const resumed: SpaceDecision = (before, now) => (isSuspended(before) ? takenUp(before, now) : null);

/** Sets when a suspended space is retried automatically. */
export function retriedAt(at: number): SpaceDecision {
  return (before) => (isSuspended(before) ? { ...before, retryAt: at } : null);
}

/** Brings the retry of a suspended space forward once its user has logged in at its storage. */
export const retriedAfterLogIn: SpaceDecision = (before, now) => {
  if (!isSuspended(before) || before.trouble === null) return null;
  const at = retryAfterLogIn(before.refusals, before.trouble.at, before.retryAt, now);
  return at === null ? null : { ...before, retryAt: at };
};

/** A cancelled retry counts as a later one, since the next should not come within the hour. */
const LATER = 2;

/** Plans the next retry of a suspended space whose last one was cancelled. */
export const retryPutOff: SpaceDecision = (before, now) =>
  isSuspended(before) && before.retryAt === null ? { ...before, retryAt: retryAt(LATER, now) } : null;

/** Allows a held removal at the next sync, which is due at once. */
export const removalsAccepted: SpaceDecision = (before, now) =>
  before.heldRemovals === null
    ? null
    : { ...before, isRemovalAccepted: true, isRemovalRefused: false, dueAt: earlier(before.dueAt, now) };

/** Keeps what a held removal would remove. */
export const removalsRefused: SpaceDecision = (before) =>
  before.heldRemovals === null ? null : { ...before, isRemovalAccepted: false, isRemovalRefused: true };
