import type { Principal, TokenScope } from '../model/token.js';
import { quote } from '../text/quote.js';

/** A token that a caller wants to have. */
export interface WantedToken {
  readonly name: string | null;
  /** From 1 to `MAX_OWN_TOKEN_DAYS`. */
  readonly days: number;
  readonly scopes: readonly TokenScope[];
}

/** What keeps a caller from it, and what can be done about that. */
export interface OwnTokenRefusal {
  readonly refusal: 'not-logged-in' | 'scope' | 'no-space';
  readonly detail: string;
}

/** A year, and the day by which some are longer; one that never expires is made on the command line only. */
export const MAX_OWN_TOKEN_DAYS = 366;
/** A year, as on the command line: forgotten tokens expire by themselves, and scripts are looked at once a year. */
export const USUAL_OWN_TOKEN_DAYS = 365;

const DAY_MS = 86_400_000;

/**
 * Decides whether a caller may have a token of its own. Only a user who has logged in may, or whom an issuer vouches
 * for: an access token that leaked could otherwise make its successors for ever. It allows no more than the caller's.
 */
export function decideOwnToken(
  caller: Pick<Principal, 'user' | 'scopes' | 'isLogIn' | 'issuer'>,
  hasSpace: boolean,
  wanted: WantedToken,
  now: number,
):
  | OwnTokenRefusal
  | (Pick<Principal, 'user' | 'scopes'> & { readonly name: string | null; readonly expiresAt: number }) {
  const { user } = caller;
  if (caller.isLogIn !== true && caller.issuer === undefined)
    return { refusal: 'not-logged-in', detail: NOT_LOGGED_IN };
  const lacking = wanted.scopes.find((scope) => !caller.scopes.includes(scope));
  if (lacking !== undefined) {
    const detail = `scopes: the token of this request does not have the scope "${lacking}", so it can make none that has; an administrator can, by "ovadex token create"`;
    return { refusal: 'scope', detail };
  }
  // Such a token opens nothing now, and later the space of anybody who is given that name.
  if (!hasSpace && wanted.scopes.length === 0) {
    const detail = `there is no space of ${quote(user)} yet, so a token would open nothing; once there is one, ask again`;
    return { refusal: 'no-space', detail };
  }
  const name = wanted.name?.trim() ?? '';
  return {
    user,
    scopes: [...new Set(wanted.scopes)],
    name: name === '' ? null : name,
    expiresAt: now + wanted.days * DAY_MS,
  };
}

const NOT_LOGGED_IN =
  'an access token makes no other tokens, since one that leaked could go on for ever; log in (POST /auth/request-token), and ask again with the token of that';
