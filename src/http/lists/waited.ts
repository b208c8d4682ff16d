import { preferredWait } from '../../domain/lists/wait.js';
import type { Space } from '../../domain/model/space.js';
import type { HttpContext } from '../reply/context.js';
import type { Waits } from './waits.js';

/** For how many seconds this request would rather wait than learn that nothing has changed; 0: not at all. */
export function waitOf(c: HttpContext): number {
  const prefer = c.req.header('prefer');
  return prefer === undefined || c.req.method !== 'GET' ? 0 : preferredWait(prefer);
}

/**
 * Waits until the user's list may be another one than that of this space. Returns headers that say so; null if the client
 * has to be answered at once. The time spent on the answer begins anew.
 */
export async function waited(
  c: HttpContext,
  waits: Waits,
  user: string,
  space: Space | null,
): Promise<Readonly<Record<string, string>> | null> {
  const seconds = waitOf(c);
  const other = waits.forOther(user, space, seconds, (gone) => void c.env?.outgoing?.once('close', gone));
  if (other === null) return null;
  await other;
  c.set('startedAt', performance.now());
  return { 'Preference-Applied': `wait=${seconds}` };
}
