import type { IncomingMessage, ServerResponse } from 'node:http';
import { preferredWait } from '../../domain/lists/wait.js';
import type { Space } from '../../domain/model/space.js';
import type { Waits } from '../lists/waits.js';
import type { HandleAgain, HttpContext } from '../reply/context.js';
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
 * wait already, or it came over no socket.
 */
export function putAside(c: HttpContext, waits: Waits, user: string, space: Space | null): Response | null {
  const { incoming, outgoing, again } = c.env ?? {};
  if (incoming === undefined || outgoing === undefined || again === undefined) return null;
  const wake = waking(again, incoming, outgoing, c.get('limitHeaders'));
  const isAside = waits.forOther(user, space, waitOf(c), wake, (gone) => whenGone(outgoing, gone));
  return isAside ? PUT_ASIDE : null;
}

/** A function of its own: all closures of one function keep alive what any of them needs, here the whole context. */
function waking(
  again: HandleAgain,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  limitHeaders: HeaderRecord | undefined,
): () => void {
  return () => again(incoming, outgoing, { limitHeaders });
}

/** Headers of a request that has been put aside; null for one that has not. At a stop its wait was cut short. */
export function headersOfWait(c: HttpContext, waits: Waits | null): HeaderRecord | null {
  if (c.env?.resumed === undefined) return null;
  return waits === null || waits.isEnded() ? {} : { 'Preference-Applied': `wait=${waitOf(c)}` };
}
