import { LRUCache } from 'lru-cache';
import { hasExpired, type Principal } from '../domain/model/token.js';
import type { StaleServing } from '../domain/policy/stale-serving.js';
import type { Clock } from '../domain/ports/clock.js';

/**
 * A key withdrawn by its issuer may be accepted this much longer, and a token's last use is known to this. Verifying a
 * signature takes some 0.1 ms.
 */
const EXAMINED_EVERY_MS = 60_000;
/**
 * More than are in use at a time; an entry takes a few hundred bytes. As `maxSize`: by `max` memory for all would be
 * allocated at once.
 */
const MAX_TOKENS = 10_000;

/**
 * Remembers the user of a token until it expires or the index is written (`stamp` of `Changes`), so that a revoked
 * token is refused at the next request; for a minute at most, since an issuer's keys are not in the index. The user's
 * `known` says how long. Refusals are not remembered, since nothing is gained by refusing fast. While the index is away, a
 * token that was good under a recent stamp still is, until it expires, unless one was revoked since then: `stale` says both.
 */
export function rememberPrincipals(deps: {
  readonly verify: (token: string) => Promise<Principal | null>;
  readonly clock: Clock;
  /** Notes that a token was used, when it is examined: each minute while it is in use. */
  readonly noteUse?: (tokenId: number) => void;
  readonly stale?: Pick<StaleServing, 'mayTrust' | 'briefly'> | null;
}): (token: string, stamp: number) => Promise<Principal | null> {
  const { verify, clock, noteUse, stale = null } = deps;
  const remembered = new LRUCache<string, Remembered>({ maxSize: MAX_TOKENS, sizeCalculation: () => 1 });
  const ask = async (token: string, stamp: number) => {
    const from = clock();
    const found = await verify(token);
    if (found === null) {
      remembered.delete(token);
      return null;
    }
    const until = Math.min(from + EXAMINED_EVERY_MS, found.expiresAt ?? Number.POSITIVE_INFINITY);
    const principal = { ...found, known: { from, until } };
    remembered.set(token, { principal, stamp });
    if (principal.tokenId !== undefined) noteUse?.(principal.tokenId);
    return principal;
  };
  return async (token, stamp) => {
    const entry = remembered.get(token);
    const now = clock();
    const isKnown = entry?.stamp === stamp && now >= entry.principal.known.from && now < entry.principal.known.until;
    if (isKnown) return entry.principal;
    if (entry === undefined || stale === null) return ask(token, stamp);
    try {
      return await stale.briefly(() => ask(token, stamp));
    } catch (error) {
      // `known` is left out: each request has to be examined.
      const { known, ...principal } = entry.principal;
      if (hasExpired(principal, now) || now < known.from || !stale.mayTrust(error, entry.stamp)) throw error;
      return principal;
    }
  };
}

interface Remembered {
  readonly principal: Principal & Required<Pick<Principal, 'known'>>;
  readonly stamp: number;
}
