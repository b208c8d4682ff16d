import type { Principal } from '../domain/model/token.js';
import { loadJose } from './load-jose.js';

/** Returns the user of a token of one kind; null for anything invalid. */
export type VerifyOneKind = (token: string) => Promise<Principal | null>;

/** Issuers that put a user's groups into the token make it a few KB long, but never longer than this. */
const MAX_TOKEN_CHARACTERS = 8_192;
/** A JWT consists of three parts in base64url (RFC 7515 7.1). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies a token of any kind: their forms have nothing in common. Before a JWT's signature is checked, only its
 * issuer's name is used, to choose who checks it.
 */
export function createTokenVerifier(kinds: {
  readonly opaque: VerifyOneKind;
  /** Verifiers of JWTs by issuer. */
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
