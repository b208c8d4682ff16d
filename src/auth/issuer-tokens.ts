import type { JWTPayload } from 'jose';
import type { IssuerSettings } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';
import { isAccessToken } from './access-token.js';
import type { IssuerKeys } from './issuer-keys.js';
import { loadJose } from './load-jose.js';
import type { VerifyOneKind } from './verify-token.js';

/** The largest time of a `Date` (ECMA-262 21.4.1.1); numbers in JSON may be larger. */
const MAX_TIME_MS = 8.64e15;
/** The longest user name that the configuration allows. */
const MAX_NAME_LENGTH = 1_024;

/** Checks the tokens of one issuer. Rejects with OvadexError `unavailable` if its keys are not known yet. */
export function createIssuerTokens(
  settings: IssuerSettings,
  { keys, clock }: { readonly keys: Pick<IssuerKeys, 'find'>; readonly clock: Clock },
): VerifyOneKind {
  const { issuer, audience, algorithms, userClaim, admin, leewayMs } = settings;
  return async (token) => {
    const { errors, jwtVerify } = await loadJose();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
        issuer,
        audience,
        algorithms: [...algorithms],
        requiredClaims: ['exp'],
        clockTolerance: leewayMs / 1000,
        currentDate: new Date(clock()),
      });
      const user = claimOf(payload, userClaim);
      const expiresAt = (payload.exp ?? Number.NaN) * 1000 + leewayMs;
      if (!isUserName(user) || !isDate(expiresAt) || !isAccessToken(protectedHeader, payload)) return null;
      const isAdmin = admin !== null && holds(claimOf(payload, admin.claim), admin.value);
      return { user, scopes: isAdmin ? ['admin'] : [], expiresAt, issuer };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
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

function isDate(ms: number): boolean {
  return Math.abs(ms) <= MAX_TIME_MS;
}

/** Whether a claim contains a value: it may be a single value, a list, or words like those of `scope` (RFC 8693 4.2). */
function holds(claim: unknown, value: string): boolean {
  if (Array.isArray(claim)) return claim.includes(value);
  return typeof claim === 'string' && (claim === value || claim.split(' ').includes(value));
}
