import { randomBytes } from 'node:crypto';
import { hasExpired, type Principal } from '../domain/model/token.js';
import type { Clock } from '../domain/ports/clock.js';

/** Tokens that are valid within this process only, and end with it. */
export interface ProcessTokens {
  issue(principal: Principal): string;
  /** Returns the token's owner; null for anything else. */
  verify(token: string): Principal | null;
  end(token: string): void;
}

const PREFIX = 'ovs_';
/** 256 bits, which nobody guesses. */
const SECRET_BYTES = 32;
/** A few hundred bytes each; the oldest gives way. */
const MOST = 10_000;

/** Lets the API be asked as somebody whom an issuer has named to the console, whose own tokens are not for the API. */
export function createProcessTokens(clock: Clock, most = MOST): ProcessTokens {
  const owners = new Map<string, Principal>();
  return {
    issue(principal) {
      for (const [token, owner] of owners) {
        if (owners.size < most && !hasExpired(owner, clock())) break;
        owners.delete(token);
      }
      const token = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
      owners.set(token, principal);
      return token;
    },
    verify(token) {
      const owner = owners.get(token);
      return owner === undefined || hasExpired(owner, clock()) ? null : owner;
    },
    end(token) {
      owners.delete(token);
    },
  };
}
