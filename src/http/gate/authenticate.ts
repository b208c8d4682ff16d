import type { Principal, TokenScope } from '../../domain/model/token.js';
import type { Changes } from '../../domain/ports/image-catalogue.js';
import type { CallerHandle, Handle, HttpContext } from '../reply/context.js';
import { refuse } from '../reply/problem.js';
import { hasSeveral, readBasic } from './basic.js';
import { refuseUnauthenticated, refuseWithoutScope } from './challenge.js';
import type { RequestLimit } from './request-limit.js';

/**
 * Returns the owner of a token, by the index under this stamp of `Changes` or a later one; null if it is not accepted.
 */
export type VerifyToken = (token: string, stamp: number) => Promise<Principal | null>;

/** The content of an Authorization header. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  /** No credentials, or an unsupported scheme. */
  | { readonly kind: 'none' }
  /** More than one, of which each reader might choose another. */
  | { readonly kind: 'several' };

const NONE: Credentials = { kind: 'none' };

export interface AuthenticateDeps {
  readonly verify: VerifyToken;
  readonly changes: Changes;
  /** null: requests are not limited. */
  readonly limit: RequestLimit | null;
}

/**
 * Lets through only requests with a valid token, which also has `scope` if one is given. `onRefused` is called for the
 * others.
 */
export function requireToken(
  deps: AuthenticateDeps,
  scope?: TokenScope,
  onRefused?: (c: HttpContext, status: 401 | 403) => void,
): (handle: CallerHandle) => Handle {
  const { verify, changes, limit } = deps;

  const refuse401 = (c: HttpContext, detail: string, error?: 'invalid_token') => {
    onRefused?.(c, 401);
    return refuseUnauthenticated(c, detail, error);
  };

  return (handle) => async (c) => {
    const credentials = credentialsFrom(c.req.header('authorization'));
    if (credentials.kind === 'several') {
      return refuse(c, { status: 400, detail: 'the request has more than one Authorization; exactly one is allowed' });
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
    const limited = limit === null ? undefined : (c.env?.resumed ?? limit(caller));
    if (limited !== undefined) {
      if ('limitHeaders' in limited) c.set('limitHeaders', limited.limitHeaders);
      else if ('problem' in limited) return refuse(c, limited.problem);
      else c.set('limitHeaders', limited.headers);
    }
    if (scope !== undefined && !caller.scopes.includes(scope)) {
      onRefused?.(c, 403);
      return refuseWithoutScope(c, scope);
    }
    // With a limit, each request has to be examined to be counted.
    if (limit === null && caller.known !== undefined) c.set('callerReplay', { stamp, ...caller.known });
    return handle(c, caller);
  };
}

/**
 * Returns the token of an Authorization header: Bearer, or in Basic the password of any user name. With an empty
 * password it is the user name, although proxies write that into their logs.
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
