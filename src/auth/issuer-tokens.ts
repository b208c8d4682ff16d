import type { IssuerSettings } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';
import { isAccessToken } from './access-token.js';
import { identityOf } from './claims.js';
import type { IssuerKeys } from './issuer-keys.js';
import { loadJose } from './load-jose.js';
import type { VerifyOneKind } from './verify-token.js';

/** The largest time of a `Date` (ECMA-262 21.4.1.1); numbers in JSON may be larger. */
const MAX_TIME_MS = 8.64e15;

/** Checks the tokens of one issuer. Rejects with OvadexError `unavailable` if its keys are not known yet. */
export function createIssuerTokens(
  settings: IssuerSettings,
  { keys, clock }: { readonly keys: Pick<IssuerKeys, 'find'>; readonly clock: Clock },
): VerifyOneKind {
  const { issuer, audience, algorithms, leewayMs } = settings;
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
      const identity = identityOf(payload, settings);
      const expiresAt = (payload.exp ?? Number.NaN) * 1000 + leewayMs;
      if (identity === null || !isDate(expiresAt) || !isAccessToken(protectedHeader, payload)) return null;
      return { ...identity, expiresAt };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}

function isDate(ms: number): boolean {
  return Math.abs(ms) <= MAX_TIME_MS;
}
