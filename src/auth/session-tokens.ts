import { hash, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';
import { type Principal, type SessionToken, type TokenRecord, tokenStateAt } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';
import type { TokenStore, TokenWriter } from '../domain/ports/token-store.js';
import { loadJose } from './load-jose.js';
import type { SigningKey } from './signing-key.js';

/** Issues and verifies the tokens of users who have logged in. */
export interface SessionTokens {
  /** Issues a token; null for a user without a space. */
  issue(user: string): Promise<SessionToken | null>;
  /** Returns the token's user; null for anything that isn't a valid token of this key, or was revoked. */
  verify(token: string): Promise<Principal | null>;
}

export interface SessionDeps {
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /**
   * Returns the number of a user's space, or null. Numbers are never reused, so a token identifies which user of that
   * name it belongs to.
   */
  readonly spaceOf: (user: string) => Promise<number | null>;
  readonly record: TokenWriter['recordLogIn'];
  readonly findByHash: TokenStore['findByHash'];
}

/** Issuer and audience of these tokens; names of other issuers are never plain words. */
export const SESSION_ISSUER = 'ovadex';
/** An HMAC, since only the issuer of these tokens verifies them. */
const ALGORITHM = 'HS256';
/** A day, as clients of this API expect; a nightly script logs in each time. */
const LIFETIME_SECONDS = 86_400;
/** The lifetime of a token that could not be recorded, and so can't be listed or revoked on its own. */
const UNLISTED_SECONDS = 3_600;
/** Writing takes milliseconds; if the index is in trouble, the user shouldn't wait longer than this. */
const RECORD_WITHIN_MS = 3_000;
/** Private claims: the number of the space, and whether the token has no row. */
const SPACE = 'space';
const UNLISTED = 'unlisted';

/**
 * Session tokens are JWTs (RFC 7519), since clients read `exp` and `sub` from them, and grant only a user's own rights.
 * Each also has a row, so that it can be listed, disabled and revoked; while the index can't be written, shorter-lived
 * ones without a row keep users working.
 */
export function createSessionTokens(deps: SessionDeps): SessionTokens {
  const { clock, logger, spaceOf, findByHash } = deps;
  const { key, id } = deps.signingKey;

  /**
   * Records the token. Returns its lifetime and its claims about the row; null if the space has just been given to
   * another user.
   */
  const record = async (user: string, jti: string, space: number) => {
    const createdAt = Math.floor(clock() / 1000) * 1000;
    const expiresAt = createdAt + LIFETIME_SECONDS * 1000;
    const token = { user, hash: hashOf(jti), scopes: [], createdAt, expiresAt, logInSpace: space };
    try {
      const kept = await within(RECORD_WITHIN_MS, deps.record(token));
      return kept === null ? null : { seconds: LIFETIME_SECONDS, claims: { [SPACE]: space } };
    } catch (error) {
      if (!(error instanceof OvadexError)) throw error;
      const { code, message } = error;
      logger.warn({ code, reason: message }, 'could not record a log-in; its token is valid for an hour');
      return { seconds: UNLISTED_SECONDS, claims: { [SPACE]: space, [UNLISTED]: true } };
    }
  };

  const principalOf = async ({ sub, exp, jti, ...claims }: JWTPayload): Promise<Principal | null> => {
    if (sub === undefined || sub === '' || exp === undefined || jti === undefined) return null;
    const caller = { user: sub, scopes: [], expiresAt: exp * 1000, isLogIn: true } as const;
    const row = await findByHash(hashOf(jti));
    if (row !== null) return isOf(row, sub, claims[SPACE], clock()) ? { ...caller, tokenId: row.id } : null;
    // No row: it expired a day ago, or was deleted with its user, unless it never had one.
    const isUnlisted = claims[UNLISTED] === true && (await spaceOf(sub)) === claims[SPACE];
    return isUnlisted ? caller : null;
  };

  return {
    async issue(user) {
      const space = await spaceOf(user);
      const jti = randomUUID();
      const recorded = space === null ? null : await record(user, jti, space);
      if (recorded === null) return null;
      const { SignJWT } = await loadJose();
      const issuedAt = Math.floor(clock() / 1000);
      const expiresAt = issuedAt + recorded.seconds;
      const token = await new SignJWT({ type: 'ACCESS', ...recorded.claims })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: id })
        .setIssuer(SESSION_ISSUER)
        .setAudience(SESSION_ISSUER)
        .setSubject(user)
        .setJti(jti)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key);
      return { token, expiresAt: expiresAt * 1000, lifetimeMs: recorded.seconds * 1000 };
    },

    async verify(token) {
      const { errors, jwtVerify } = await loadJose();
      let payload: JWTPayload;
      try {
        ({ payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: SESSION_ISSUER,
          audience: SESSION_ISSUER,
          requiredClaims: ['sub', 'exp', 'jti', SPACE],
          currentDate: new Date(clock()),
        }));
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
      return await principalOf(payload);
    },
  };
}

function isOf(row: TokenRecord, user: string, space: unknown, now: number): boolean {
  return row.user === user && row.logInSpace === space && tokenStateAt(row, now) === 'valid';
}

function hashOf(jti: string): string {
  return hash('sha256', jti, 'hex');
}

/** Rejects with OvadexError `unavailable` if the work takes longer than `ms`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OvadexError('unavailable', `no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
