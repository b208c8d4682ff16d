import { OvadexError } from '../model/errors.js';
import { suspendedMessage } from '../model/space.js';
import type { Sync, SyncRequest, SyncTrigger } from '../model/sync.js';
import { covers, widen } from '../model/sync-scope.js';
import { isSuspended, type SpaceRecord } from './space-record.js';

/** The least urgent first: a waiting sync takes the trigger of whoever waits for it hardest. */
const URGENCY: readonly SyncTrigger[] = ['schedule', 'hint', 'request', 'command'];

/** What a filed sync is about; the rest follows from when and where it is filed. */
export type FiledSync = Pick<Sync, 'mode' | 'targets' | 'trigger' | 'requestedBy'>;

/** How a request is answered: by a new sync, by the one that waits, changed to this, or by the running one as it is. */
export type Filing =
  | { readonly by: 'new'; readonly sync: FiledSync }
  | { readonly by: 'waiting'; readonly id: number; readonly sync: FiledSync }
  | { readonly by: 'running'; readonly id: number };

/** At most one sync of a space waits: it takes in whatever is asked for next. */
export function fileRequest(request: SyncRequest, waiting: Sync | null, running: Sync | null): Filing {
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
  if (running !== null && isSatisfiedBy(running, request)) return { by: 'running', id: running.id };
  return { by: 'new', sync: { ...widen(request, request), trigger, requestedBy } };
}

/**
 * A sync under way may have passed what a hint or a command is about, so these
 * wait for one of their own; the schedule and a client's request don't mind.
 */
function isSatisfiedBy(running: Sync, request: SyncRequest): boolean {
  return (request.trigger === 'request' || request.trigger === 'schedule') && covers(running, request);
}

/**
 * Throws OvadexError `not-found` for a space that isn't configured (null), and `conflict` for a client's request to a
 * suspended one: each try with refused credentials may bring a lock-out nearer.
 */
export function requireFileable(
  { spaceId, trigger }: SyncRequest,
  space: (Pick<SpaceRecord, 'trouble' | 'retryAt'> & { readonly user: string }) | null,
): void {
  if (space === null) throw new OvadexError('not-found', `there is no space ${spaceId}`);
  if (trigger !== 'request' || !isSuspended(space)) return;
  throw new OvadexError('conflict', suspendedMessage(space.user, space.retryAt));
}
