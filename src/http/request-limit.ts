import { hash } from 'node:crypto';
import type { Clock } from '../domain/ports.js';
import type { HeaderRecord } from './answer.js';
import type { Problem } from './problem.js';
import { createRateLimit, secondsUntil } from './rate-limit.js';

/** How many requests a token is good for in a window of time. */
export interface RequestLimitSettings {
  readonly requests: number;
  /** Whole seconds. */
  readonly windowMs: number;
}

/** Counts a request of this token: headers for its answer, or the problem that is its answer. */
export type RequestLimit = (token: string) => { readonly headers: HeaderRecord } | { readonly problem: Problem };

/** More tokens than are in use in any window; each is some 200 bytes. */
const MAX_TOKENS = 20_000;

/**
 * Limits the requests of each token, and says how it stands in `RateLimit-Policy` and `RateLimit` as
 * draft-ietf-httpapi-ratelimit-headers-10 has them: `q` requests in `w` seconds, `r` left for `t` seconds.
 */
export function createRequestLimit({ requests, windowMs }: RequestLimitSettings, clock: Clock): RequestLimit {
  const limit = createRateLimit({ limit: requests, windowMs, maxKeys: MAX_TOKENS, clock });
  const policy = `"token";q=${requests};w=${windowMs / 1000}`;
  return (token) => {
    // Its hash: a token is a secret, and some are long.
    const key = hash('sha256', token, 'base64');
    const taken = limit.take(key);
    const { remaining, resetAt } = taken ?? limit.standing(key);
    const seconds = secondsUntil(resetAt, clock);
    const headers = { 'RateLimit-Policy': policy, RateLimit: `"token";r=${remaining};t=${seconds}` };
    if (taken !== null) return { headers };
    const detail = `a token is good for ${requests} requests in ${windowMs / 1000} s; the next one is possible in ${seconds} s`;
    return { problem: { status: 429, detail, headers: { ...headers, 'Retry-After': `${seconds}` } } };
  };
}
