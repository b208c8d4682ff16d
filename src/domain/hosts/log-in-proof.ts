import type { ListingFailure, Probe } from '../model/listing.js';

/** What a storage's answer to a password says of it. `unavailable`: nothing. */
export type PasswordProof = 'good' | 'refused' | 'unavailable';

/** What its answer to a request without any says: it asks for passwords, it lets in whoever comes, or neither is known. */
export type GuardProof = 'guarded' | 'open' | 'unknown';

/**
 * Whoever may not see a collection is told so by 401, by 403, or, so that nobody learns that it is there, by 404. All else
 * (too busy, broken, no answer, another document) may be said to anybody and says nothing of who asked.
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
 * Portals send visitors who have not logged in elsewhere, so without a password a redirect is a refusal, too; under one
 * that the storage has just taken it is not.
 */
export function guardProofOf({ presence, failure }: Pick<Probe, 'presence' | 'failure'>): GuardProof {
  if (presence === 'present') return 'open';
  return REFUSALS.has(failure) || failure === 'redirected' ? 'guarded' : 'unknown';
}

/**
 * What a user's own storage says of a password. `no-space`: nobody was asked, since there is no space of that user.
 * `unavailable`: it gave no answer, or one that says nothing of passwords.
 */
export type CredentialAnswer = 'good' | 'refused' | 'no-space' | 'unavailable';

/** Asks the storage once, since repeated failures lock accounts; may take until `signal` is aborted. */
export type CheckCredentials = (user: string, password: string, signal: AbortSignal) => Promise<CredentialAnswer>;
