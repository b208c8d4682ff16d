import type { JWTHeaderParameters, JWTPayload } from 'jose';

/** The `typ` of an access token (RFC 9068 2.1); many issuers only say that it is a JWT, or nothing. */
const ACCESS_TYPE = 'at+jwt';
const HEAD_TYPES: ReadonlySet<string> = new Set([ACCESS_TYPE, 'jwt']);
/** Types of other tokens in the body, by Keycloak; the first two also by Cognito, as `token_use`. */
const OTHER_USES: ReadonlySet<string> = new Set(['id', 'refresh', 'offline', 'logout']);
/** Claims that OpenID Connect puts only into ID tokens (Core 3.1.3.6, 3.3.2.11) and log-out tokens. */
const OF_ID_TOKENS = ['nonce', 'at_hash', 'c_hash'] as const;
const OF_EVENTS = 'events';

/**
 * Whether a token with a valid signature is meant for an API at all (RFC 8725 3.11). Otherwise an ID token, which any
 * web page of the same issuer has, or a log-out notice would grant its user's access.
 */
export function isAccessToken(head: Pick<JWTHeaderParameters, 'typ'>, payload: JWTPayload): boolean {
  const type = wordOf(head.typ).replace(/^application\//, '');
  if (type !== '' && !HEAD_TYPES.has(type)) return false;
  const uses = [payload['typ'], payload['token_use']].map(wordOf);
  if (uses.some((use) => OTHER_USES.has(use)) || OF_EVENTS in payload) return false;
  // Older Keycloaks put a nonce into access tokens, too, but mark them as such.
  const saysSo = type === ACCESS_TYPE || uses.includes('bearer') || uses.includes('access');
  return saysSo || !OF_ID_TOKENS.some((claim) => claim in payload);
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}
