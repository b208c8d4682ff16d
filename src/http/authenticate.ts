import type { Clock, ImageCatalogue } from '../domain/ports.js';
import { hasExpired, type Principal, type TokenScope } from '../domain/token.js';
import { readBasic } from './basic.js';
import type { CallerHandle, Handle } from './context.js';
import { refuse } from './problem.js';
import type { RequestLimit } from './request-limit.js';
import { type Soon, whenThere } from './soon.js';

/** Who comes with a token; `version` as in `ImageCatalogue`. */
export type VerifyToken = (token: string, version: number) => Soon<Principal | null>;

const CHALLENGE = 'Bearer realm="ovadex"';

/**
 * Lets only requests with a good token through, and with `scope` only those of
 * a token that has it. The challenges are those of RFC 6750, section 3: no error
 * code where no usable credentials came, `invalid_token`, `insufficient_scope`.
 */
export function requireToken(
  deps: {
    readonly verify: VerifyToken;
    readonly catalogue: Pick<ImageCatalogue, 'version'>;
    /** null: as many requests as come. */
    readonly limit: RequestLimit | null;
    readonly clock: Clock;
  },
  scope?: TokenScope,
): (handle: CallerHandle) => Handle {
  const { verify, catalogue, limit, clock } = deps;
  return (handle) => (c) => {
    const token = tokenFrom(c.req.header('authorization'));
    if (token === null) {
      const detail = 'an access token is needed: as a Bearer token, or as a Basic user name with an empty password';
      return refuse(c, { status: 401, detail, headers: { 'WWW-Authenticate': CHALLENGE } });
    }
    // Read once for the whole request: what is found to be true under it was so after the request came.
    const version = catalogue.version();
    c.set('version', version);
    return whenThere(verify(token, version), (caller) => {
      if (caller === null) {
        const headers = { 'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"` };
        return refuse(c, { status: 401, detail: 'the access token is unknown, expired or revoked', headers });
      }
      c.set('user', caller.user);
      const limited = limit?.(token);
      if (limited !== undefined) {
        if ('problem' in limited) return refuse(c, limited.problem);
        c.set('limitHeaders', limited.headers);
      }
      if (scope !== undefined && !caller.scopes.includes(scope)) {
        const headers = { 'WWW-Authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${scope}"` };
        return refuse(c, { status: 403, detail: `the access token does not have the scope "${scope}"`, headers });
      }
      // Requests that are counted are each looked at.
      if (limit === null) c.set('callerHolds', () => catalogue.version() === version && !hasExpired(caller, clock()));
      return handle(c, caller);
    });
  };
}

/** The token of an Authorization header, or null where it has none in a form that is known. */
export function tokenFrom(authorization: string | undefined): string | null {
  const [, scheme = '', credentials = ''] = /^([^ ]+) +(.+)$/.exec(authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return credentials;
    case 'basic':
      return tokenFromBasic(authorization);
    default:
      return null;
  }
}

/** A password makes it somebody's account, which is good for a token only. */
function tokenFromBasic(authorization: string | undefined): string | null {
  const { user = '', password } = readBasic(authorization) ?? {};
  return user !== '' && password === '' ? user : null;
}
