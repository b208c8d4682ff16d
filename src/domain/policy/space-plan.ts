import { isSuspended, type SpacePlan, type SpaceRecord } from './space-record.js';

/**
 * The kinds of scheduled syncs: a `poll` is an incremental sync of a space whose markers prove whole subtrees, a `look`
 * one of any space at a time of its own.
 */
export type Round = 'full' | 'incremental' | 'poll' | 'look';

/** Returns the earlier of two times, either of which may be null. */
export function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Returns when a space is due next: a suspended one only at its own time, whatever was planned. */
export function nextSyncAt(space: SpacePlan & Pick<SpaceRecord, 'trouble'>): number | null {
  if (isSuspended(space)) return space.retryAt;
  return earlier(earlier(space.dueAt, space.fullDueAt), space.pollDueAt);
}

/**
 * A poll that takes more requests is left to the schedule, which comes a fifteenth as often by default: 1,000 members of
 * a mount with 150 collections would ask a storage 150,000 times a minute. Up to here they are the way to a file that
 * changes, or a small mount.
 */
export const MOST_REQUESTS_OF_A_POLL = 20;

/**
 * Whether a poll can be of use: only if markers were seen to prove all of the space, looking at it costs little while
 * nothing changes, and it is not in trouble.
 */
export function mayBePolled({
  evidence,
  unchangedRequests,
  trouble,
  heldRemovals,
}: Pick<SpaceRecord, 'evidence' | 'unchangedRequests' | 'trouble' | 'heldRemovals'>): boolean {
  const isCheap = (unchangedRequests ?? 0) <= MOST_REQUESTS_OF_A_POLL;
  return evidence.subtree === 'seen' && isCheap && trouble === null && heldRemovals === null;
}

/** Whether looks beside the schedule can be of use: not to a space that was never synced or waits for something. */
export function mayBeLookedAt({
  trouble,
  heldRemovals,
  lastSuccessAt,
}: Pick<SpaceRecord, 'trouble' | 'heldRemovals' | 'lastSuccessAt'>): boolean {
  return trouble === null && heldRemovals === null && lastSuccessAt !== null;
}

/** Returns the plan after a round was set to `at`; an earlier time that is already set stays, except for a look. */
export function scheduled(before: SpaceRecord, round: Round, at: number): SpaceRecord {
  switch (round) {
    case 'full':
      return { ...before, fullDueAt: earlier(before.fullDueAt, at) };
    case 'incremental':
      return { ...before, dueAt: earlier(before.dueAt, at) };
    case 'poll':
      return mayBePolled(before) ? { ...before, pollDueAt: earlier(before.pollDueAt, at) } : before;
    case 'look':
      return mayBeLookedAt(before) ? { ...before, pollDueAt: at } : before;
  }
}

/** Returns the mode of the sync that a due space gets: a full one does what the others would. */
export function dueMode({ fullDueAt }: Pick<SpacePlan, 'fullDueAt'>, now: number): 'full' | 'incremental' {
  return fullDueAt !== null && fullDueAt <= now ? 'full' : 'incremental';
}

/** Returns the plan once a due sync was filed: everything that it does has to be planned again. */
export function filedPlan({ fullDueAt }: Pick<SpacePlan, 'fullDueAt'>, mode: 'full' | 'incremental'): SpacePlan {
  return { dueAt: null, fullDueAt: mode === 'full' ? null : fullDueAt, pollDueAt: null, retryAt: null };
}
