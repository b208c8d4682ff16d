import { randomBytes as cryptoRandomBytes, hash } from 'node:crypto';
import { type NewToken, type Principal, type TokenRecord, tokenStateAt } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';
import type { TokenStore } from '../domain/ports/token-store.js';

/** The user of a new token, and its permissions. */
export type Grant = Pick<NewToken, 'user' | 'scopes' | 'expiresAt' | 'name'>;

export interface IssuedToken {
  readonly token: string;
  readonly record: TokenRecord;
}

/** Issues access tokens and verifies them. */
export interface TokenAuthority {
  /** Issues a token, which is in the result and nowhere else: only its hash is kept. */
  issue(grant: Grant): Promise<IssuedToken>;
  /** Issues a token that its user has asked for; null if there are as many as `TokenStore.createOwn` allows. */
  issueOwn(grant: Grant): Promise<IssuedToken | null>;
  /** Issues many tokens at once: all of them or none. */
  issueAll(grants: readonly Grant[]): Promise<readonly IssuedToken[]>;
  /**
   * Returns the token's user; null for anything that is not a token, unknown, expired, disabled or revoked. Asks the
   * store at every call.
   */
  verify(token: string): Promise<Principal | null>;
}

/** Lets people and secret scanners recognise a leaked token. */
const PREFIX = 'ovx_';
/** 256 bits can't be guessed, so a plain SHA-256 protects a token as well as a slow hash would. */
const SECRET_BYTES = 32;
/** The prefix and 32 bytes in base64url; anything else is refused before it is hashed. */
const TOKEN = /^ovx_[\w-]{43}$/;

/** Issues and verifies opaque access tokens, with a store of their hashes. */
export function createTokenAuthority({
  tokens,
  clock,
  randomBytes = cryptoRandomBytes,
}: {
  readonly tokens: Pick<TokenStore, 'create' | 'createAll' | 'createOwn' | 'findByHash'>;
  readonly clock: Clock;
  readonly randomBytes?: (size: number) => Buffer;
}): TokenAuthority {
  const draw = (grant: Grant): { token: string; kept: NewToken } => {
    const token = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
    return { token, kept: { ...grant, hash: hashOf(token), createdAt: clock() } };
  };
  return {
    async issue(grant) {
      const { token, kept } = draw(grant);
      return { token, record: await tokens.create(kept) };
    },
    async issueOwn(grant) {
      const { token, kept } = draw(grant);
      const record = await tokens.createOwn(kept);
      return record && { token, record };
    },
    async issueAll(grants) {
      const drawn = grants.map(draw);
      const records = await tokens.createAll(drawn.map(({ kept }) => kept));
      return records.map((record, at) => ({ token: drawn[at]?.token ?? '', record }));
    },
    async verify(token) {
      if (!TOKEN.test(token)) return null;
      const record = await tokens.findByHash(hashOf(token));
      // The id of a log-in token has another form, so its hash never matches here.
      if (record === null || tokenStateAt(record, clock()) !== 'valid') return null;
      return { user: record.user, scopes: record.scopes, expiresAt: record.expiresAt, tokenId: record.id };
    },
  };
}

function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}
