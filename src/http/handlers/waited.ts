import { preferredWait } from '../../domain/lists/wait.js';
import type { Space } from '../../domain/model/space.js';
import { refuseUnauthenticated } from '../gate/challenge.js';
import { isStillCaller, type StillCallerDeps } from '../gate/still-caller.js';
import type { Waits } from '../lists/waits.js';
import type { HttpContext } from '../reply/context.js';

/** For how many seconds this request would rather wait than learn that nothing has changed; 0: not at all. */
export function waitOf(c: HttpContext): number {
  const prefer = c.req.header('prefer');
  return prefer === undefined || c.req.method !== 'GET' ? 0 : preferredWait(prefer);
}

/** Calls back once the client has gone. */
export function whenGone(c: HttpContext, gone: () => void): void {
  const { outgoing } = c.env ?? {};
  if (outgoing?.destroyed) gone();
  else outgoing?.once('close', gone);
}

/**
 * Waits until the user's list may be another one than that of this space. Returns headers that say so; null if the client
 * has to be answered without a wait, which at a stop has been cut short, and a refusal if its token is no longer accepted.
 * The time spent on the answer begins anew.
 */
export async function waited(
  c: HttpContext,
  deps: StillCallerDeps & { readonly waits: Waits },
  user: string,
  space: Space | null,
): Promise<Readonly<Record<string, string>> | Response | null> {
  const seconds = waitOf(c);
  const other = deps.waits.forOther(user, space, seconds, (gone) => whenGone(c, gone));
  if (other === null) return null;
  await other;
  c.set('startedAt', performance.now());
  if (!(await isStillCaller(c, user, deps))) {
    return refuseUnauthenticated(c, 'the access token has expired, or was disabled or revoked', 'invalid_token');
  }
  if (deps.waits.isEnded()) return null;
  return { 'Preference-Applied': `wait=${seconds}` };
}
