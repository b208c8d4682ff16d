import type { JWTPayload } from 'jose';
import type { IssuerSettings, Principal } from '../domain/model/token.js';

/** The longest user name that the configuration allows. */
const MAX_NAME_LENGTH = 1_024;

/** Returns who an issuer's claims are about, as the configuration reads them; null if they name no user. */
export function identityOf(
  payload: JWTPayload,
  { issuer, userClaim, admin }: Pick<IssuerSettings, 'issuer' | 'userClaim' | 'admin'>,
): Required<Pick<Principal, 'user' | 'scopes' | 'issuer'>> | null {
  const user = claimOf(payload, userClaim);
  if (!isUserName(user)) return null;
  const isAdmin = admin !== null && holds(claimOf(payload, admin.claim), admin.value);
  return { user, scopes: isAdmin ? ['admin'] : [], issuer };
}

/** Finds the claim of this name or, since some issuers nest theirs, at this dotted path. */
function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split('.').reduce<unknown>((value, key) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return isObject ? (value as Record<string, unknown>)[key] : undefined;
  }, payload);
}

function isUserName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(value);
}

/** Whether a claim contains a value: it may be a single value, a list, or words like those of `scope` (RFC 8693 4.2). */
function holds(claim: unknown, value: string): boolean {
  if (Array.isArray(claim)) return claim.includes(value);
  return typeof claim === 'string' && (claim === value || claim.split(' ').includes(value));
}
