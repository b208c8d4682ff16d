import type { Space } from '../model/space.js';

/** Most proxies end a request that has been without an answer for this long, or are easily told not to. */
export const MOST_WAIT_SECONDS = 60;

/**
 * Returns for how many seconds a client would rather wait than learn that nothing has changed: `wait` of a Prefer header
 * (RFC 7240 4.3), at most MOST_WAIT_SECONDS; 0 without one, or with one that is no number. The first one counts.
 */
export function preferredWait(prefer: string | undefined): number {
  const [, seconds = '0'] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?(?=$|[,;\s])/i.exec(prefer ?? '') ?? [];
  return Math.min(Number(seconds), MOST_WAIT_SECONDS);
}

/** Tells lists of a user apart: what a list shows is another one, or its state, if this is. */
export function signOf(space: Pick<Space, 'id' | 'revision' | 'trouble' | 'heldRemovals'> | null): string {
  if (space === null) return '';
  return `${space.id} ${space.revision} ${space.trouble?.kind ?? ''} ${space.heldRemovals === null ? '' : 'held'}`;
}
