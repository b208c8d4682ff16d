import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';
import type { IssuerSettings } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';
import { fetchJson } from './fetch-json.js';
import { loadJose } from './load-jose.js';

/** The public keys of an issuer, as last fetched. */
export interface IssuerKeys {
  /**
   * Finds the key that a token's head names. Rejects with a JOSEError if there is none, and with OvadexError
   * `unavailable` if no keys could be fetched yet.
   */
  readonly find: JWTVerifyGetKey;
  /** Fetches the keys now; keeps the old ones if that fails. Never rejects. */
  refresh(): Promise<void>;
}

/** How long a withdrawn key may still be accepted; two requests in ten minutes are nothing to an issuer. */
const MAX_AGE_MS = 600_000;
/** Limits the requests caused by tokens with unknown keys. Issuers publish a key well before they use it. */
const COOL_DOWN_MS = 30_000;

/**
 * Fetches the keys when they are old or a token names an unknown one, and keeps using the last good ones for as long as
 * the issuer doesn't answer.
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
      // Whatever came in place of keys, the last good ones are kept.
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ issuer, reason, hasKeys: keys !== null }, 'could not fetch the keys of a token issuer');
    }
  };
  const latest = () => keys;
  const refresh = () => {
    refreshing ??= load().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };
  /** Waits for a fetch in progress, or starts one unless there was one just now; a clock that was set back doesn't prevent that. */
  const refreshNow = async () => {
    const isJustAsked = Math.abs(clock() - askedAt) < COOL_DOWN_MS;
    if (refreshing !== null || !isJustAsked) await refresh();
  };

  return {
    async find(header, token) {
      if (keys === null) await refreshNow();
      else if (Math.abs(clock() - fetchedAt) >= MAX_AGE_MS) void refreshNow();
      const known = latest();
      if (known === null)
        throw new OvadexError('unavailable', `the keys of the issuer ${issuer} could not be fetched yet`);
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

/** Finds the URL of the keys by OpenID Connect Discovery 1.0, section 4, whose names RFC 8414 shares. */
async function discoverJwksUrl(issuer: string, fetcher: typeof fetch): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = await fetchJson(url, fetcher);
  const { issuer: named, jwks_uri: jwksUri } = Object(document) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw new Error(`${url} belongs to another issuer`);
  if (typeof jwksUri !== 'string') throw new Error(`${url} names no jwks_uri`);
  return jwksUri;
}
