import { hash } from 'node:crypto';
import type { Principal } from '../../domain/model/token.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Problem } from '../reply/problem.js';
import type { HeaderRecord } from '../reply/reply.js';
import { createRateLimit, secondsUntil } from './rate-limit.js';

/** The number of requests that a user may make in a window of time. */
export interface RequestLimitSettings {
  readonly requests: number;
  /** In ms, a multiple of 1,000. */
  readonly windowMs: number;
}

/** Counts a request of this caller; returns headers for its answer, or the problem to answer with. */
export type RequestLimit = (
  caller: Pick<Principal, 'user' | 'issuer'>,
) => { readonly headers: HeaderRecord } | { readonly problem: Problem };

/** More users than appear in any window, at some 200 bytes each. */
const MAX_USERS = 20_000;

/**
 * Limits the requests of each user, who doesn't get more by logging in again, and reports the state in
 * `RateLimit-Policy` and `RateLimit` as of draft-ietf-httpapi-ratelimit-headers-10: `q` requests in `w` seconds, `r`
 * left for `t` seconds.
 */
export function createRequestLimit({ requests, windowMs }: RequestLimitSettings, clock: Clock): RequestLimit {
  const limit = createRateLimit({ limit: requests, windowMs, maxKeys: MAX_USERS, clock });
  const policy = `"user";q=${requests};w=${windowMs / 1000}`;
  return ({ user, issuer = '' }) => {
    // A hash, since issuers' user names may be long.
    const key = hash('sha256', `${issuer}\n${user}`, 'base64');
    const taken = limit.take(key);
    const { remaining, resetAt } = taken ?? limit.allowance(key);
    const seconds = secondsUntil(resetAt, clock);
    const headers = { 'RateLimit-Policy': policy, RateLimit: `"user";r=${remaining};t=${seconds}` };
    if (taken !== null) return { headers };
    const detail = `a user may make ${requests} requests in ${windowMs / 1000} s; the next one is possible in ${seconds} s`;
    return { problem: { status: 429, detail, headers: { ...headers, 'Retry-After': `${seconds}` } } };
  };
}
