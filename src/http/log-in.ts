import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../domain/ports.js';
import type { SessionToken } from '../domain/token.js';
import { answer } from './answer.js';
import { readBasic } from './basic.js';
import { createClientAddress, networkOf } from './client-address.js';
import type { Handle, HttpContext } from './context.js';
import { timestamp } from './envelope.js';
import { readJson } from './json-body.js';
import { type Problem, refuse } from './problem.js';
import { createRateLimit, type RateLimit, type Standing, secondsUntil } from './rate-limit.js';

export interface LogInDeps {
  /** Whether a password is good; asks the storage. */
  readonly logIn: (user: string, password: string) => Promise<'good' | 'refused' | 'unavailable'>;
  readonly issueToken: (user: string) => Promise<SessionToken>;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Enough for somebody who tries the passwords that he has; at this rate a guess of a million takes six years. */
const TRIES = 5;
/** Long enough to make that so, short enough to sit it out. */
const WINDOW_MS = 15 * 60_000;
/** Each is some 200 bytes: twenty megabytes at most, and more addresses than guess at one place. */
const MAX_KEYS = 50_000;
/** A storage that is restarted is back by then. */
const RETRY_AFTER_SECONDS = 30;

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="ovadex", charset="UTF-8"' };

/**
 * Gives a token for a user name and a password. Tries are counted by user and by
 * address, before anybody is asked, so that many at once are no way around; one that
 * succeeds is taken back, since it was no guess.
 */
export function createLogInHandler(deps: LogInDeps): Handle {
  const { clock } = deps;
  const limits = { limit: TRIES, windowMs: WINDOW_MS, maxKeys: MAX_KEYS, clock };
  const byAddress = createRateLimit(limits);
  const byUser = createRateLimit(limits);
  const addressOf = createClientAddress(deps.trustedProxies);

  return async (c) => {
    const address = addressOf(c);
    const network = networkOf(address);
    const credentials = readBasic(c.req.header('authorization'));
    // Its hash, since a name may be as long as a request's head.
    const userKey = hash('sha256', credentials?.user ?? '', 'base64');
    const headers = () => limitHeaders(tighter(byAddress.standing(network), byUser.standing(userKey)));
    const refuseWith = (problem: Problem) => refuse(c, { ...problem, headers: { ...headers(), ...problem.headers } });

    const { logInSchema } = await import('./definitions-account.js'); // see `operations.ts`
    const body = await readJson(c, logInSchema, { ifEmpty: {} });
    if ('problem' in body) return refuseWith(body.problem);
    if (credentials === null) {
      return refuseWith({ status: 401, detail: 'a user name and a password are needed (Basic)', headers: CHALLENGE });
    }
    const exceeded = takeFrom([byAddress, network], [byUser, userKey]);
    if (exceeded !== null) return refuseWith(tooMany(exceeded, clock));

    const { user, password } = credentials;
    const result = await deps.logIn(user, password);
    if (result === 'good') {
      byAddress.giveBack(network);
      byUser.giveBack(userKey);
      c.set('user', user);
      return answerToken(c, user, await deps.issueToken(user), headers());
    }
    if (result === 'refused') {
      // Without the name: people type passwords there.
      deps.logger.info({ requestId: c.get('requestId'), address }, 'a log-in was refused');
      return refuseWith({ status: 401, detail: 'the user name or the password is wrong', headers: CHALLENGE });
    }
    return refuseWith({
      status: 503,
      detail: 'the storage that knows the passwords gives no answer; please try again',
      headers: { 'Retry-After': `${RETRY_AFTER_SECONDS}` },
    });
  };
}

/** Counts one in each, in this order, up to the first that is used up; answers that one's standing. */
function takeFrom(...limits: readonly (readonly [RateLimit, string])[]): Standing | null {
  for (const [limit, key] of limits) if (limit.take(key) === null) return limit.standing(key);
  return null;
}

/** The one that ends first, as far as the client goes. */
function tighter(a: Standing, b: Standing): Standing {
  if (a.remaining !== b.remaining) return a.remaining < b.remaining ? a : b;
  return a.resetAt > b.resetAt ? a : b;
}

function limitHeaders({ limit, remaining, resetAt }: Standing): Record<string, string> {
  return {
    'X-RateLimit-Limit': `${limit}`,
    'X-RateLimit-Remaining': `${remaining}`,
    'X-RateLimit-Reset': `${Math.ceil(resetAt / 1000)}`,
  };
}

function tooMany({ limit, resetAt }: Standing, clock: Clock): Problem {
  const seconds = secondsUntil(resetAt, clock);
  return {
    status: 429,
    detail: `${limit} tries have failed; the next one is possible in ${seconds} s`,
    headers: { 'Retry-After': `${seconds}` },
  };
}

function answerToken(
  c: HttpContext,
  user: string,
  { token, expiresAt, lifetimeMs }: SessionToken,
  headers: Record<string, string>,
): Response {
  const until = timestamp(expiresAt);
  const body = {
    token,
    type: 'ACCESS',
    duration: lifetimeMs / 1000,
    exp: expiresAt / 1000,
    exp_date: until,
    valid_until: until,
    user,
  };
  return answer(c, 200, JSON.stringify(body), { ...headers, 'Cache-Control': 'no-store' });
}
