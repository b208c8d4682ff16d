import { OvadexError } from '../model/errors.js';
import { suspendedMessage } from '../model/space.js';
import type { Sync, SyncMode, SyncOutcome, SyncRequest, SyncTrigger } from '../model/sync.js';
import { isSuspended, type SpaceRecord } from './space-record.js';

/** How much of its space a sync covers. */
export type SyncScope = Pick<Sync, 'mode' | 'targets'>;

/** Listing more collections than this one by one costs about as much as an incremental sync. */
export const MAX_TARGETS = 100;

const RANK: Record<SyncMode, number> = { hint: 0, incremental: 1, full: 2 };

/** Returns the smallest scope that does what both do; only hints have targets. */
export function widen(a: SyncScope, b: SyncScope): SyncScope {
  const wider = RANK[a.mode] >= RANK[b.mode] ? a : b;
  if (wider.mode !== 'hint') return { mode: wider.mode, targets: [] };
  const targets = [...new Set([...a.targets, ...b.targets])];
  return targets.length > MAX_TARGETS ? { mode: 'incremental', targets: [] } : { mode: 'hint', targets };
}

/** Whether `a` does everything that `b` asks for. */
export function covers(a: SyncScope, b: SyncScope): boolean {
  if (a.mode === 'hint' && b.mode === 'hint') return b.targets.every((target) => a.targets.includes(target));
  return RANK[a.mode] >= RANK[b.mode];
}

/** All triggers, the least urgent first: a waiting sync takes the most urgent trigger of all who wait for it. */
const URGENCY: readonly SyncTrigger[] = ['schedule', 'hint', 'request', 'command'];

/** What a filed sync does; the rest follows from when and for which space it is filed. */
export type FiledSync = Pick<Sync, 'mode' | 'targets' | 'trigger' | 'requestedBy'>;

/**
 * How a request is answered: by a new sync, by the waiting one, changed to this, or by the running one as it is, at which
 * it may have to be noted.
 */
export type Filing =
  | { readonly by: 'new'; readonly sync: FiledSync }
  | { readonly by: 'waiting'; readonly id: number; readonly sync: FiledSync }
  | { readonly by: 'running'; readonly id: number; readonly isNoted: boolean };

/** A sync that was begun and has not ended, and how its space is held. Times are in ms since the epoch. */
export interface BegunSync {
  readonly sync: Sync;
  /** When the lease of its space ends; null or in the past: its process is no more, or has left it to another. */
  readonly leaseUntil: number | null;
  /** When it was last taken up from another process, or from an earlier run of the same; null if it never was. */
  readonly resumedAt: number | null;
  /** When it first answered a client's request; null if it never did. */
  readonly joinedAt: number | null;
}

/** What is noted at a sync that has answered a client's request while it ran. */
export interface JoinedSync {
  readonly spaceId: number;
  /** As in `BegunSync`. */
  readonly joinedAt: number | null;
  /** Who requested it then, the first of them. */
  readonly joinedBy: string | null;
}

/**
 * Decides at this time how a request is answered. At most one sync of a space waits, and it includes whatever is requested
 * next.
 */
export function fileRequest(request: SyncRequest, waiting: Sync | null, begun: BegunSync | null, now: number): Filing {
  const { trigger, requestedBy } = request;
  if (waiting !== null) {
    const isMoreUrgent = URGENCY.indexOf(trigger) > URGENCY.indexOf(waiting.trigger);
    return {
      by: 'waiting',
      id: waiting.id,
      sync: {
        ...widen(waiting, request),
        trigger: isMoreUrgent ? trigger : waiting.trigger,
        requestedBy: waiting.requestedBy ?? requestedBy,
      },
    };
  }
  if (begun !== null && isSatisfiedBy(begun, request, now)) {
    return { by: 'running', id: begun.sync.id, isNoted: trigger === 'request' && begun.joinedAt === null };
  }
  return { by: 'new', sync: { ...widen(request, request), trigger, requestedBy } };
}

/**
 * Whether a sync that was begun answers a request. It may have passed what is requested, so hints and commands wait for a
 * sync of their own. The schedule need not, as it comes again; nor need a client, for whom another sync follows, see
 * `followUpOf`. But one that was left behind has passed, perhaps hours ago, most of what there is; the client is told of one
 * that will look at everything from then on.
 */
function isSatisfiedBy({ sync, leaseUntil, resumedAt }: BegunSync, request: SyncRequest, now: number): boolean {
  if (!covers(sync, request)) return false;
  const isInOneGo = leaseUntil !== null && leaseUntil > now && resumedAt === null;
  return request.trigger === 'schedule' || (request.trigger === 'request' && isInOneGo);
}

/**
 * Returns what is filed as a sync ends that has answered a client's request; null if nothing is. It may have passed what the
 * client had changed, at any time of its run, and whether it failed or not. Nothing follows one that was cancelled, as the
 * request was with it, nor is a storage asked again that has refused the credentials. `space` is as the sync has left it.
 */
export function followUpOf(
  { spaceId, joinedAt, joinedBy }: JoinedSync,
  status: SyncOutcome['status'],
  space: Pick<SpaceRecord, 'trouble'>,
): SyncRequest | null {
  if (joinedAt === null || status === 'CANCELLED' || isSuspended(space)) return null;
  return { spaceId, mode: 'incremental', trigger: 'request', requestedBy: joinedBy, targets: [] };
}

/**
 * Throws OvadexError `not-found` for a space that isn't configured (null), and `conflict` for a client's request to a
 * suspended one: each attempt with refused credentials may bring a lock-out nearer.
 */
export function requireFileable(
  { spaceId, trigger }: SyncRequest,
  space: (Pick<SpaceRecord, 'trouble' | 'retryAt'> & { readonly user: string }) | null,
): void {
  if (space === null) throw new OvadexError('not-found', `there is no space ${spaceId}`);
  if (trigger !== 'request' || !isSuspended(space)) return;
  throw new OvadexError('conflict', suspendedMessage(space.user, space.retryAt));
}
