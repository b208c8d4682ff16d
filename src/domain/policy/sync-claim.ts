import type { Sync } from '../model/sync.js';
import { isSuspended, type SpaceRecord } from './space-record.js';

/**
 * A lease that ends later than this many lease times from now was given before the clock jumped back: a live owner has
 * renewed its lease since then.
 */
const BELIEVABLE_LEASES = 10;

/** Returns the time beyond which the end of a lease is not believed, in ms since the epoch. */
export function disbelievedAfter(now: number, leaseMs: number): number {
  return now + BELIEVABLE_LEASES * leaseMs;
}

/**
 * Whether a lease that ends at `until` may be taken: it was given back (null), has expired, or is from before the clock
 * jumped back.
 */
export function isLeaseFree(until: number | null, now: number, leaseMs: number): boolean {
  return until === null || until <= now || until > disbelievedAfter(now, leaseMs);
}

/**
 * Whether a sync may start or continue. Asking a storage that refuses the credentials locks accounts, so only an
 * administrator's command may insist, and the automatic retry, whose time was cleared when it was filed.
 */
export function mayRun(
  { status, trigger }: Pick<Sync, 'status' | 'trigger'>,
  space: Pick<SpaceRecord, 'trouble' | 'retryAt'>,
): boolean {
  if (status === 'IN_PROGRESS') return true;
  return status === 'PENDING' && (!isSuspended(space) || trigger === 'command' || space.retryAt === null);
}

/**
 * Compares syncs by the order in which they run: first what a dead process left behind, then what somebody waits for,
 * then the schedule; each in the order of filing.
 */
export function compareClaims(a: QueuedSync, b: QueuedSync): number {
  return placeOf(a) - placeOf(b) || a.id - b.id;
}

type QueuedSync = Pick<Sync, 'id' | 'status' | 'trigger'>;

function placeOf({ status, trigger }: QueuedSync): number {
  if (status === 'IN_PROGRESS') return 0;
  return trigger === 'schedule' ? 2 : 1;
}

/** What a claimed sync is told of its space's record. */
export function standingOf(record: SpaceRecord): Pick<SpaceRecord, 'evidence' | 'search' | 'isRemovalRefused'> & {
  readonly isNew: boolean;
  readonly isInOrder: boolean;
} {
  const { evidence, search, isRemovalRefused, lastSyncAt, trouble, heldRemovals } = record;
  const isInOrder = trouble === null && heldRemovals === null;
  return { evidence, search, isRemovalRefused, isNew: lastSyncAt === null, isInOrder };
}
