import { LRUCache } from 'lru-cache';
import type { Principal } from '../domain/model/token.js';
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
  /** Takes down that a token was used, when it is looked at: nearly each minute while it is in use. */
  readonly noteUse?: (tokenId: number) => void;
}): (token: string, stamp: number) => Promise<Principal | null> {
  const { verify, clock, noteUse } = deps;
  const remembered = new LRUCache<string, Remembered>({ max: MAX_TOKENS });
  const ask = async (token: string, stamp: number) => {
    const from = clock();
    const principal = await verify(token);
    if (principal === null) {
      remembered.delete(token);
      return null;
    }
    const until = Math.min(from + LOOKED_AT_EVERY_MS, principal.expiresAt ?? Number.POSITIVE_INFINITY);
    remembered.set(token, { principal, stamp, from, until });
    if (principal.tokenId !== undefined) noteUse?.(principal.tokenId);
    return principal;
  };
  return async (token, stamp) => {
    const entry = remembered.get(token);
    const now = clock();
    const isFresh = entry?.stamp === stamp && now >= entry.from && now < entry.until;
    return isFresh ? entry.principal : ask(token, stamp);
  };
}

interface Remembered {
  readonly principal: Principal;
  readonly stamp: number;
  readonly from: number;
  /** The first moment at which it is looked at again, in ms since the epoch. */
  readonly until: number;
}
