import { randomUUID } from 'node:crypto';
import type { Clock } from '../domain/ports.js';
import type { Principal, SessionToken } from '../domain/token.js';
import { loadJose } from './load-jose.js';
import type { SigningKey } from './signing-key.js';

/** Makes the tokens of users who have logged in, and knows them again. */
export interface SessionTokens {
  issue(user: string): Promise<SessionToken>;
  /** null for whatever isn't a good token of this key. */
  verify(token: string): Promise<Principal | null>;
}

/** Issuer and audience of these tokens; no other issuer's name is a plain word. */
export const SESSION_ISSUER = 'ovadex';
/** HMAC: who makes these tokens also checks them, and nobody else does. */
const ALGORITHM = 'HS256';
/** A day, as clients of this API are used to; a script that runs every night logs in each time. */
const LIFETIME_SECONDS = 86_400;

/** JWTs (RFC 7519), since clients read `exp` and `sub` out of them. Never more than a user's own rights. */
export function createSessionTokens({ signingKey, clock }: { signingKey: SigningKey; clock: Clock }): SessionTokens {
  const { key, id } = signingKey;
  return {
    async issue(user) {
      const { SignJWT } = await loadJose();
      const issuedAt = Math.floor(clock() / 1000);
      const expiresAt = issuedAt + LIFETIME_SECONDS;
      const token = await new SignJWT({ type: 'ACCESS' })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: id })
        .setIssuer(SESSION_ISSUER)
        .setAudience(SESSION_ISSUER)
        .setSubject(user)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key);
      return { token, expiresAt: expiresAt * 1000, lifetimeMs: LIFETIME_SECONDS * 1000 };
    },

    async verify(token) {
      const { errors, jwtVerify } = await loadJose();
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: SESSION_ISSUER,
          audience: SESSION_ISSUER,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(clock()),
        });
        const { sub, exp } = payload;
        if (sub === undefined || sub === '' || exp === undefined) return null;
        return { user: sub, scopes: [], expiresAt: exp * 1000 };
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
