import type { ListingFailure, Probe } from '../model/listing.js';

/** What a storage's answer to a password proves. `unavailable`: nothing. */
export type PasswordProof = 'good' | 'refused' | 'unavailable';

/** What its answer to a request without a password proves: it asks for passwords, it admits anybody, or neither is known. */
export type GuardProof = 'guarded' | 'open' | 'unknown';

/**
 * A client that may not see a collection is told so by 401, by 403, or, to hide that it exists, by 404. Any other
 * failure (too busy, broken, no answer, another document) may be the answer to anybody and says nothing about the
 * credentials.
 */
const REFUSALS: ReadonlySet<ListingFailure | null> = new Set<ListingFailure>([
  'unauthorized',
  'forbidden',
  'not-found',
]);

export function passwordProofOf({ presence, failure }: Pick<Probe, 'presence' | 'failure'>): PasswordProof {
  if (presence === 'present') return 'good';
  return REFUSALS.has(failure) ? 'refused' : 'unavailable';
}

/**
 * Returns what an answer without a password proves. Portals redirect visitors who have not logged in, so a redirect
 * counts as a refusal here; with a password that the storage has just accepted it does not.
 */
export function guardProofOf({ presence, failure }: Pick<Probe, 'presence' | 'failure'>): GuardProof {
  if (presence === 'present') return 'open';
  return REFUSALS.has(failure) || failure === 'redirected' ? 'guarded' : 'unknown';
}

/**
 * Judges a good password at an address that leads each account to a home of its own. A Nextcloud takes mail addresses and
 * other spellings for names, so somebody else's account may have answered: the password has to open the very folder that
 * is crawled. `own` is what the space's own credentials show there, `its` what the password does; where a storage has no
 * such numbers, that can't be told.
 */
export function sameHomeProofOf(its: Pick<Probe, 'fileId'>, own: Pick<Probe, 'presence' | 'fileId'>): PasswordProof {
  const [itsId = null, ownId = null] = [its.fileId, own.fileId];
  if (itsId === null) return 'good';
  if (own.presence !== 'present') return 'unavailable';
  return ownId === null || ownId === itsId ? 'good' : 'refused';
}

/** Who tries to log in. */
export interface LogInCaller {
  /** The client's address; `unix` for a unix socket. */
  readonly address: string;
  /** What is counted as one place: an IPv4 address, or an IPv6 /64. */
  readonly network: string;
  /** Whether this user has logged in from there before. */
  readonly isKnown: boolean;
}

/** Nothing was asked: too many log-ins have failed lately. `retryAt` is in ms since the epoch. */
export interface TooManyFailures {
  readonly retryAt: number;
}

/**
 * What a user's own storage says about a password. `no-space`: nothing was asked, since that user has no space.
 * `unavailable`: it gave no answer, or one that says nothing about passwords.
 */
export type CredentialAnswer = 'good' | 'refused' | 'no-space' | 'unavailable' | TooManyFailures;

/** Asks the storage once, since repeated failures lock accounts; may take until `signal` is aborted. */
export type CheckCredentials = (
  user: string,
  password: string,
  caller: LogInCaller,
  signal: AbortSignal,
) => Promise<CredentialAnswer>;
