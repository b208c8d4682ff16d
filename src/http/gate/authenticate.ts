import type { Principal, TokenScope } from '../../domain/model/token.js';
import type { Changes, Clock } from '../../domain/ports.js';
import type { CallerHandle, Handle, HttpContext } from '../reply/context.js';
import { refuse } from '../reply/problem.js';
import { hasSeveral, readBasic } from './basic.js';
import { refuseUnauthenticated, refuseWithoutScope } from './challenge.js';
import type { RequestLimit } from './request-limit.js';

/** Says who comes with a token, by the index under this stamp of `Changes` or a later one; null if nobody may. */
export type VerifyToken = (token: string, stamp: number) => Promise<Principal | null>;

/** A request that comes again unchanged is looked at that often, so that its token's last use is known to the minute. */
const LOOKED_AT_EVERY_MS = 60_000;

/** What an Authorization header brings. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  /** None, or a scheme that is unknown here. */
  | { readonly kind: 'none' }
  /** More than one, of which each reader would choose another. */
  | { readonly kind: 'several' };

const NONE: Credentials = { kind: 'none' };

export interface AuthenticateDeps {
  readonly verify: VerifyToken;
  readonly changes: Changes;
  /** null: as many requests as come. */
  readonly limit: RequestLimit | null;
  readonly clock: Clock;
}

/**
 * Lets only requests with a good token through, and with `scope` only those of
 * a token that has it. `onRefused` hears of the others.
 */
export function requireToken(
  deps: AuthenticateDeps,
  scope?: TokenScope,
  onRefused?: (c: HttpContext, status: 401 | 403) => void,
): (handle: CallerHandle) => Handle {
  const { verify, changes, limit, clock } = deps;

  const refuse401 = (c: HttpContext, detail: string, error?: 'invalid_token') => {
    onRefused?.(c, 401);
    return refuseUnauthenticated(c, detail, error);
  };

  return (handle) => async (c) => {
    const credentials = credentialsFrom(c.req.header('authorization'));
    if (credentials.kind === 'several') {
      return refuse(c, { status: 400, detail: 'more than one Authorization came; exactly one is allowed' });
    }
    if (credentials.kind === 'none') {
      return refuse401(c, 'an access token is needed: as a Bearer token, or as the password of any Basic user name');
    }
    const stamp = changes.current();
    c.set('stamp', stamp);
    const caller = await verify(credentials.token, stamp);
    if (caller === null) {
      return refuse401(c, 'the access token is unknown, expired, disabled or revoked', 'invalid_token');
    }
    c.set('user', caller.user);
    const limited = limit?.(caller);
    if (limited !== undefined) {
      if ('problem' in limited) return refuse(c, limited.problem);
      c.set('limitHeaders', limited.headers);
    }
    if (scope !== undefined && !caller.scopes.includes(scope)) {
      onRefused?.(c, 403);
      return refuseWithoutScope(c, scope);
    }
    // Requests that are counted are each looked at.
    if (limit === null) {
      const from = clock();
      const until = Math.min(from + LOOKED_AT_EVERY_MS, caller.expiresAt ?? Number.POSITIVE_INFINITY);
      c.set('callerReplay', { stamp, from, until });
    }
    return handle(c, caller);
  };
}

/**
 * The token of an Authorization header: Bearer, or in Basic the password of any user name or, with an empty
 * password, the user name, which proxies write into their logs.
 */
export function credentialsFrom(authorization: string | undefined): Credentials {
  const [, scheme = '', text = ''] = /^([^ ]+) +(.+)$/.exec(authorization ?? '') ?? [];
  if (text.includes(',') && hasSeveral(authorization)) return { kind: 'several' };
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: 'token', token: text };
    case 'basic': {
      const { user = '', password = '' } = readBasic(authorization) ?? {};
      const token = password === '' ? user : password;
      return token === '' ? NONE : { kind: 'token', token };
    }
    default:
      return NONE;
  }
}
