import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';
import type { IssuerSettings, IssuerSignInSettings } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';
import type { IssuerSignIn } from '../domain/ports/issuer-sign-in.js';
import { identityOf } from './claims.js';
import { loadJose } from './load-jose.js';
import type { ProcessTokens } from './process-tokens.js';

type Library = typeof import('openid-client');

export interface IssuerSignInDeps {
  /** Where the issuer sends browsers back to. */
  readonly redirectUrl: string;
  readonly tokens: Pick<ProcessTokens, 'issue'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A day at work; the issuer is not asked again before, so that somebody who is locked out there keeps this long. */
const LIFETIME_MS = 8 * 3_600_000;
/** Somebody is waiting. */
const TIMEOUT_SECONDS = 10;

/**
 * Signs people in by OpenID Connect (Core 1.0, 3.1): authorization code flow with PKCE, state, nonce, and the issuer's
 * name in its answer if it says that it tells it (RFC 9207). Who it is, the ID token says, whose signature is checked.
 */
export function createIssuerSignIn(
  settings: IssuerSettings & { readonly signIn: IssuerSignInSettings },
  { redirectUrl, tokens, clock, logger }: IssuerSignInDeps,
): IssuerSignIn {
  const { issuer, algorithms, leewayMs, signIn } = settings;

  const discover = async (client: Library) => {
    const metadata = {
      [client.clockTolerance]: leewayMs / 1000,
      ...(algorithms.length === 1 ? { id_token_signed_response_alg: algorithms[0] } : {}),
    };
    const { clientId, clientSecret } = signIn;
    const authentication = clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret);
    // Only addresses of this machine come without TLS; the configuration refuses others.
    const execute = [
      client.enableNonRepudiationChecks,
      ...(new URL(issuer).protocol === 'http:' ? [client.allowInsecureRequests] : []),
    ];
    return await client.discovery(new URL(issuer), clientId, metadata, authentication, {
      execute,
      timeout: TIMEOUT_SECONDS,
    });
  };

  let discovered: ReturnType<typeof discover> | undefined;
  /** Loads the library for whoever signs in first, and asks the issuer until it has once answered. */
  const opened = async () => {
    const client = await import('openid-client');
    discovered ??= discover(client);
    try {
      return { client, config: await discovered };
    } catch (error) {
      discovered = undefined;
      throw unavailable(error);
    }
  };

  const unavailable = (error: unknown) => {
    logger.warn({ err: error, issuer }, 'a sign-in at an issuer has failed');
    return new OvadexError('unavailable', `${signIn.label} does not answer as it should; please try again`, {
      cause: error,
    });
  };

  const refused = (why: string, error?: unknown) => {
    logger.warn({ err: error, issuer }, `a sign-in at an issuer was refused: ${why}`);
    return new OvadexError('unauthenticated', why, { cause: error });
  };

  return {
    label: signIn.label,
    async begin() {
      const { client, config } = await opened();
      const [state, nonce, codeVerifier] = [
        client.randomState(),
        client.randomNonce(),
        client.randomPKCECodeVerifier(),
      ];
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUrl,
        scope: signIn.scopes.join(' '),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, state, nonce, codeVerifier };
    },
    async finish(query, { state, nonce, codeVerifier }) {
      const { client, config } = await opened();
      const { decodeProtectedHeader } = await loadJose();
      const checks = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      };
      const granted = await client
        .authorizationCodeGrant(config, new URL(`${redirectUrl}?${query}`), checks)
        .catch((error: unknown) => {
          const why = whyRefused(error, signIn.label);
          throw why === null ? unavailable(error) : refused(why, error);
        });
      const { alg } = decodeProtectedHeader(granted.id_token ?? '');
      if (!algorithms.some((allowed) => allowed === alg)) {
        throw refused(`${signIn.label} signs by ${alg}, which is not configured; ask your administrator`);
      }
      const identity = identityOf(granted.claims() ?? {}, settings);
      if (identity === null) {
        throw refused(
          `${signIn.label} does not say who you are (claim "${settings.userClaim}"); ask your administrator`,
        );
      }
      return tokens.issue({ ...identity, expiresAt: clock() + LIFETIME_MS });
    },
  };
}

/** Codes of errors of the library that mean: an answer came, and is not to be trusted. */
const DISTRUSTED: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_BODY_ERROR',
]);

/** Returns why nobody was let in; null if that is for want of an answer. The log has what exactly was wrong. */
function whyRefused(error: unknown, label: string): string | null {
  const code = error instanceof Error && 'code' in error ? `${error.code}` : '';
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') {
    const isOwnChoice = error instanceof Error && 'error' in error && error.error === 'access_denied';
    return isOwnChoice ? 'the sign-in was cancelled' : `${label} has refused the sign-in`;
  }
  if (!DISTRUSTED.has(code)) return null;
  return `the answer of ${label} is not to be trusted, or was used before; please sign in again`;
}
