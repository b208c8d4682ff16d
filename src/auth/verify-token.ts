import type { Principal } from '../domain/model/token.js';
import { loadJose } from './load-jose.js';

/** Says who comes with a token of one kind; null for whatever is no good one. */
export type VerifyOneKind = (token: string) => Promise<Principal | null>;

/** Issuers that put a user's groups into the token make it some KB long; nobody's is longer. */
const MAX_TOKEN_CHARACTERS = 8_192;
/** Three parts in base64url (RFC 7515 7.1). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Says who comes with a token, whatever kind it is of: their forms have nothing in
 * common. Of a JWT only the issuer's name is believed before its signature is
 * checked, and that only chooses who checks it.
 */
export function createTokenVerifier(kinds: {
  readonly opaque: VerifyOneKind;
  /** By issuer. */
  readonly jwt: ReadonlyMap<string, VerifyOneKind>;
}): VerifyOneKind {
  return async (token) => {
    if (token.length > MAX_TOKEN_CHARACTERS) return null;
    if (!JWT.test(token)) return kinds.opaque(token);
    const verify = kinds.jwt.get((await issuerOf(token)) ?? '');
    return verify === undefined ? null : verify(token);
  };
}

async function issuerOf(token: string): Promise<string | undefined> {
  const { decodeJwt, errors } = await loadJose();
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
