import { LRUCache } from 'lru-cache';
import { hasExpired, type Principal } from '../domain/model/token.js';
import type { Clock } from '../domain/ports.js';

/** Verifying a signature takes some 0.1 ms; a key withdrawn by its issuer may be accepted this much longer. */
const LOOKED_AT_EVERY_MS = 60_000;
/** More than are in use at a time; an entry takes a few hundred bytes. */
const MAX_TOKENS = 10_000;

/**
 * Remembers the user of a token until it expires or the index is written (`stamp` of `Changes`), so that a
 * revoked token is refused at the next request; for a minute at most, since an issuer's keys are not in the index.
 * Refusals are not remembered, since nothing is gained by refusing fast.
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
