import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';
import type { IssuerSettings } from '../domain/model/token.js';
import type { Clock } from '../domain/ports.js';
import { fetchJson } from './fetch-json.js';
import { loadJose } from './load-jose.js';

/** The public keys of an issuer, as it last gave them. */
export interface IssuerKeys {
  /**
   * The key that a token's head names. Rejects with a JOSEError where there is none, and with OvadexError
   * `unavailable` where the issuer has never given any.
   */
  readonly find: JWTVerifyGetKey;
  /** Asks the issuer now; keeps what it has where that fails, and never rejects. */
  refresh(): Promise<void>;
}

/** A key that its issuer withdrew is refused after that; two requests in ten minutes are nothing to an issuer. */
const MAX_AGE_MS = 600_000;
/** Tokens with keys that nobody knows can't make more requests than this. Issuers show a key well before they use it. */
const COOL_DOWN_MS = 30_000;

/**
 * Asks the issuer when its keys are old or a token names another one, and goes on with the last good
 * ones for as long as it doesn't answer.
 */
export function createIssuerKeys(
  { issuer, jwksUrl }: Pick<IssuerSettings, 'issuer' | 'jwksUrl'>,
  deps: { readonly fetch: typeof fetch; readonly clock: Clock; readonly logger: Logger },
): IssuerKeys {
  const { clock, logger } = deps;
  let keys: JWTVerifyGetKey | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | null = null;

  const load = async () => {
    askedAt = clock();
    try {
      const url = jwksUrl ?? (await discoverJwksUrl(issuer, deps.fetch));
      const found = (await fetchJson(url, deps.fetch)) as JSONWebKeySet;
      keys = (await loadJose()).createLocalJWKSet(found);
      fetchedAt = askedAt;
    } catch (error) {
      // Whatever came instead of keys: the last good ones stand.
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ issuer, reason, hasKeys: keys !== null }, 'an issuer of tokens did not give its keys');
    }
  };
  const latest = () => keys;
  const refresh = () => {
    refreshing ??= load().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };
  /** Waits for what is on its way, or asks unless that was just done; a clock that was put back doesn't stop it. */
  const refreshNow = async () => {
    const isJustAsked = Math.abs(clock() - askedAt) < COOL_DOWN_MS;
    if (refreshing !== null || !isJustAsked) await refresh();
  };

  return {
    async find(header, token) {
      if (keys === null) await refreshNow();
      else if (Math.abs(clock() - fetchedAt) >= MAX_AGE_MS) void refreshNow();
      const known = latest();
      if (known === null) throw new OvadexError('unavailable', `the issuer ${issuer} has not given its keys yet`);
      try {
        return await known(header, token);
      } catch (error) {
        const { errors } = await loadJose();
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await refreshNow();
        const newer = latest();
        if (newer === null || newer === known) throw error;
        return await newer(header, token);
      }
    },
    refresh,
  };
}

/** OpenID Connect Discovery 1.0, section 4; also the names of RFC 8414. */
async function discoverJwksUrl(issuer: string, fetcher: typeof fetch): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = await fetchJson(url, fetcher);
  const { issuer: named, jwks_uri: jwksUri } = Object(document) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw new Error(`${url} is of another issuer`);
  if (typeof jwksUri !== 'string') throw new Error(`${url} names no jwks_uri`);
  return jwksUri;
}
