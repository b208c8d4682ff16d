import { hash, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';
import { type Principal, type SessionToken, type TokenRecord, tokenStateAt } from '../domain/model/token.js';
import type { Clock } from '../domain/ports.js';
import type { TokenStore, TokenWriter } from '../domain/token-store.js';
import { loadJose } from './load-jose.js';
import type { SigningKey } from './signing-key.js';

/** Makes the tokens of users who have logged in, and knows them again. */
export interface SessionTokens {
  /** null for a user without a space. */
  issue(user: string): Promise<SessionToken | null>;
  /** null for whatever isn't a good token of this key, or was ended. */
  verify(token: string): Promise<Principal | null>;
}

export interface SessionDeps {
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** The number of a user's space, or null. It is never given twice, so a token says which user of that name is meant. */
  readonly spaceOf: (user: string) => Promise<number | null>;
  readonly record: TokenWriter['recordLogIn'];
  readonly findByHash: TokenStore['findByHash'];
}

/** Issuer and audience of these tokens; no other issuer's name is a plain word. */
export const SESSION_ISSUER = 'ovadex';
/** HMAC: who makes these tokens also checks them, and nobody else does. */
const ALGORITHM = 'HS256';
/** A day, as clients of this API are used to; a script that runs every night logs in each time. */
const LIFETIME_SECONDS = 86_400;
/** Of one that could not be written down, so that it is neither listed nor ended singly. */
const UNLISTED_SECONDS = 3_600;
/** Whoever writes the index has it in milliseconds; it may be out of order, and a user waits. */
const RECORD_WITHIN_MS = 3_000;
/** The claims that are this program's own: the number of the space, and that there is no row. */
const SPACE = 'space';
const UNLISTED = 'unlisted';

/**
 * JWTs (RFC 7519), since clients read `exp` and `sub` out of them. Never more than a user's own rights. Each is also a row, so
 * that it can be listed, disabled and ended; while the index can't be written a shorter one without a row keeps users
 * working.
 */
export function createSessionTokens(deps: SessionDeps): SessionTokens {
  const { clock, logger, spaceOf, findByHash } = deps;
  const { key, id } = deps.signingKey;

  /** How long the token is good, and what it says of its row; null where the space has just become another's. */
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
      logger.warn({ code, reason: message }, 'a log-in could not be written down; its token is good for an hour');
      return { seconds: UNLISTED_SECONDS, claims: { [SPACE]: space, [UNLISTED]: true } };
    }
  };

  const principalOf = async ({ sub, exp, jti, ...claims }: JWTPayload): Promise<Principal | null> => {
    if (sub === undefined || sub === '' || exp === undefined || jti === undefined) return null;
    const caller = { user: sub, scopes: [], expiresAt: exp * 1000 };
    const row = await findByHash(hashOf(jti));
    if (row !== null) return isOf(row, sub, claims[SPACE], clock()) ? { ...caller, tokenId: row.id } : null;
    // Of a day ago, or ended for good with its user; unless it never had a row.
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

/** Rejects with OvadexError `unavailable` where that takes longer. */
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
