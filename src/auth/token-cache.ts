import { LRUCache } from 'lru-cache';
import { hasExpired, type Principal } from '../domain/model/token.js';
import type { Clock } from '../domain/ports.js';

/** A signature takes some 0.1 ms to check; a key that its issuer withdrew is refused so much later. */
const LOOKED_AT_EVERY_MS = 60_000;
/** Tokens in use at a time, with room to spare; an entry takes some hundred bytes. */
const MAX_TOKENS = 10_000;

/**
 * Remembers who came with a token while nobody has written to the index (`stamp` as in `Changes`), so a
 * revoked one is refused at the next request, and until it expires; for a minute at most, since an issuer's keys are not in the
 * index. Refusals are not remembered: nobody guesses for speed.
 */
export function rememberPrincipals(deps: {
  readonly verify: (token: string) => Promise<Principal | null>;
  readonly clock: Clock;
}): (token: string, stamp: number) => Promise<Principal | null> {
  const { verify, clock } = deps;
  const remembered = new LRUCache<
    string,
    { readonly principal: Principal; readonly stamp: number; readonly at: number }
  >({
    max: MAX_TOKENS,
  });
  const ask = async (token: string, stamp: number) => {
    const at = clock();
    const principal = await verify(token);
    if (principal === null) remembered.delete(token);
    else remembered.set(token, { principal, stamp, at });
    return principal;
  };
  return async (token, stamp) => {
    const entry = remembered.get(token);
    const now = clock();
    const isFresh = entry?.stamp === stamp && Math.abs(now - entry.at) < LOOKED_AT_EVERY_MS;
    if (isFresh && !hasExpired(entry.principal, now)) return entry.principal;
    return ask(token, stamp);
  };
}
