import type { JWTHeaderParameters, JWTPayload } from 'jose';

/** What the head of an access token may call it (RFC 9068 2.1); many issuers say only that it is a JWT, or nothing. */
const ACCESS_TYPE = 'at+jwt';
const HEAD_TYPES: ReadonlySet<string> = new Set([ACCESS_TYPE, 'jwt']);
/** What Keycloak says in the body of its others; the first two also Cognito, as `token_use`. */
const OTHER_USES: ReadonlySet<string> = new Set(['id', 'refresh', 'offline', 'logout']);
/** What OpenID Connect puts into ID tokens only (Core 3.1.3.6, 3.3.2.11), and into log-out tokens. */
const OF_ID_TOKENS = ['nonce', 'at_hash', 'c_hash'] as const;
const OF_EVENTS = 'events';

/**
 * Whether a token with a good signature is meant for an API at all (RFC 8725 3.11). Else an ID token, which any web page of the
 * same issuer has, or a notice of a log-out would open what its user may.
 */
export function isAccessToken(head: Pick<JWTHeaderParameters, 'typ'>, payload: JWTPayload): boolean {
  const type = wordOf(head.typ).replace(/^application\//, '');
  if (type !== '' && !HEAD_TYPES.has(type)) return false;
  const uses = [payload['typ'], payload['token_use']].map(wordOf);
  if (uses.some((use) => OTHER_USES.has(use)) || OF_EVENTS in payload) return false;
  // Older Keycloaks have a nonce in access tokens, too, and say that they are those.
  const saysSo = type === ACCESS_TYPE || uses.includes('bearer') || uses.includes('access');
  return saysSo || !OF_ID_TOKENS.some((claim) => claim in payload);
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}
