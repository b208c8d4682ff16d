import type { IncomingMessage, ServerResponse } from 'node:http';
import { preferredWait } from '../../domain/lists/wait.js';
import type { Space } from '../../domain/model/space.js';
import type { Waits } from '../lists/waits.js';
import type { Aside, HandleAgain, HttpContext } from '../reply/context.js';
import { type HeaderRecord, PUT_ASIDE } from '../reply/reply.js';

/** For how many seconds this request would rather wait than learn that nothing has changed; 0: not at all. */
export function waitOf(c: HttpContext): number {
  const prefer = c.req.header('prefer');
  return prefer === undefined || c.req.method !== 'GET' ? 0 : preferredWait(prefer);
}

/** Calls back once the client has gone. */
export function whenGone(outgoing: ServerResponse | undefined, gone: () => void): void {
  if (outgoing?.destroyed) gone();
  else outgoing?.once('close', gone);
}

/**
 * Puts a request aside until the user's list may be another one than that of this space; then it is handled again from its
 * beginning, so that its token is examined once more. Returns null if it has to be answered without a wait: too many
 * wait already, or it came over no socket. `until`: when the passing of time will make the list another one, in ms since the
 * epoch. `isUnasked` as for `Waits.forOther`.
 */
export function putAside(
  c: HttpContext,
  waits: Waits,
  user: string,
  space: Space | null,
  until: number,
  isUnasked = false,
): Response | null {
  const { incoming, outgoing, again } = c.env ?? {};
  if (incoming === undefined || outgoing === undefined || again === undefined) return null;
  const about = { user, space, seconds: waitOf(c), limitHeaders: c.get('limitHeaders'), isUnasked };
  const aside = putting(waits, again, about);
  if (!aside(incoming, outgoing)) return null;
  const replay = c.get('callerReplay');
  if (replay !== undefined)
    c.set('aside', { replay: { ...replay, until: Math.min(replay.until, until) }, wait: aside });
  return PUT_ASIDE;
}

/** Functions of their own: all closures of one function keep alive what any of them needs, here the whole context. */
function putting(
  waits: Waits,
  again: HandleAgain,
  about: {
    readonly user: string;
    readonly space: Space | null;
    readonly seconds: number;
    readonly limitHeaders: HeaderRecord | undefined;
    readonly isUnasked: boolean;
  },
): Aside['wait'] {
  const { user, space, seconds, limitHeaders, isUnasked } = about;
  return (incoming, outgoing) => {
    const wake = waking(waits, again, incoming, outgoing, limitHeaders);
    return waits.forOther(user, space, seconds, wake, (gone) => whenGone(outgoing, gone), isUnasked);
  };
}

function waking(
  waits: Waits,
  again: HandleAgain,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  limitHeaders: HeaderRecord | undefined,
): () => void {
  return () => again(incoming, outgoing, { limitHeaders, isCut: waits.isEnded() });
}

/** Headers of a request that has been put aside; null for one that has not. At a stop its wait was cut short. */
export function headersOfWait(c: HttpContext): HeaderRecord | null {
  const resumed = c.env?.resumed;
  if (resumed === undefined) return null;
  return resumed.isCut ? {} : { 'Preference-Applied': `wait=${waitOf(c)}` };
}
