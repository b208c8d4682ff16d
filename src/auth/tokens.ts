import { randomBytes as cryptoRandomBytes, hash } from 'node:crypto';
import type { Clock, TokenStore } from '../domain/ports.js';
import { hasExpired, type Principal, type TokenRecord } from '../domain/token.js';

/** Issues access tokens and says who comes with one. */
export interface TokenAuthority {
  /** The token itself is in this answer and nowhere else: only its hash is kept. */
  issue(grant: Pick<TokenRecord, 'user' | 'scopes' | 'expiresAt'>): Promise<{ token: string; record: TokenRecord }>;
  /** null for whatever is no token, unknown, expired or revoked. Asks the store at every call. */
  verify(token: string): Promise<Principal | null>;
}

/** Tells a leaked token from other random text, for people and for secret scanners. */
const PREFIX = 'ovx_';
/** 256 bits: nobody guesses one, so a plain SHA-256 keeps it as well as a slow hash would. */
const SECRET_BYTES = 32;
/** What 32 bytes look like in base64url; anything else is refused before it is hashed. */
const TOKEN = /^ovx_[\w-]{43}$/;

/** Opaque access tokens over a store of their hashes. */
export function createTokenAuthority({
  tokens,
  clock,
  randomBytes = cryptoRandomBytes,
}: {
  readonly tokens: TokenStore;
  readonly clock: Clock;
  readonly randomBytes?: (size: number) => Buffer;
}): TokenAuthority {
  return {
    async issue({ user, scopes, expiresAt }) {
      const token = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
      const record = await tokens.create({ user, hash: hashOf(token), scopes, createdAt: clock(), expiresAt });
      return { token, record };
    },
    async verify(token) {
      if (!TOKEN.test(token)) return null;
      const record = await tokens.findByHash(hashOf(token));
      if (record === null || record.revokedAt !== null) return null;
      if (hasExpired(record, clock())) return null;
      return { user: record.user, scopes: record.scopes, expiresAt: record.expiresAt };
    },
  };
}

function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}
