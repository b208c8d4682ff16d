import type { ListingFailure, Probe } from '../model/listing.js';

/** What becomes of a known collection that the complete listing of its parent no longer shows. */
export type Fate =
  | 'absent' // it is gone, with all below
  | 'renamed' // it is the one that is listed in another spelling, with all that is known below
  | 'present' // it is there, only not listed
  | 'unproven' // nobody can say: what it holds stays, and its removal waits for proof or for an administrator
  | 'unknown'; // it could not be asked for: it stays as it was

/** What is known about it. */
export interface VanishedCollection {
  readonly presence: Probe['presence'];
  /** Why it isn't present, as in `Probe`. */
  readonly failure: Probe['failure'];
  /**
   * The parent lists a collection whose name differs in case or normal form alone: one that wasn't known before, or one
   * that answers with the very same marker. A storage that takes both spellings has a single folder there.
   */
  readonly respelled: 'new' | 'alike' | null;
  /** An earlier full sync found it neither listed nor proven gone, and this is a full one, too. */
  readonly isSecondFullLook: boolean;
  /** Its removal was held, and an administrator let it through. */
  readonly isAccepted: boolean;
}

/** It was not asked for, so nothing says anything of it. */
const UNASKED: ReadonlySet<ListingFailure> = new Set(['busy', 'unauthorized']);

/**
 * Presence is trustworthy, absence needs corroboration: the listing of the parent and the collection's own answer. Where
 * that says neither yes nor no for ever (405, 403, HTML, an empty multistatus, a reset), two full syncs that agree are proof:
 * a deletion that never shows is no truth either.
 */
export function fateOf(vanished: VanishedCollection): Fate {
  const { presence, failure, respelled } = vanished;
  if (presence === 'absent') return 'absent';
  if (presence === 'present') return respelled === null ? 'present' : respelled === 'new' ? 'renamed' : 'absent';
  // It answers under the new spelling, which is no member of the one that was asked for.
  if (respelled === 'new' && failure === 'foreign-href') return 'renamed';
  if (vanished.isAccepted) return 'absent';
  if (failure !== null && UNASKED.has(failure)) return 'unknown';
  return vanished.isSecondFullLook ? 'absent' : 'unproven';
}
