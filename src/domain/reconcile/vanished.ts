import type { ListingFailure, Probe } from '../model/listing.js';

/** What becomes of a known collection that the complete listing of its parent no longer shows. */
export type Fate =
  | 'absent' // it is gone, with everything below
  | 'renamed' // it is the one that is listed in another spelling, with everything that is known below
  | 'present' // it exists, but is not listed
  | 'unproven' // nobody can tell: what it contains stays, and its removal waits for proof or for an administrator
  | 'unknown'; // it could not be asked: it stays as it was

/** What is known about a vanished collection. */
export interface VanishedCollection {
  readonly presence: Probe['presence'];
  /** Why it isn't present, as in `Probe`. */
  readonly failure: Probe['failure'];
  /**
   * The parent lists a collection whose name differs only in case or Unicode normalisation: one that wasn't known
   * before, or one that answers with the very same marker. A storage that takes both spellings has a single folder
   * there.
   */
  readonly respelled: 'new' | 'alike' | null;
  /** An earlier full sync found it neither listed nor proven gone, and this is a full one, too. */
  readonly isSecondFullLook: boolean;
  /** Asked in this sync before, it answered that it is gone, and nothing has shown it since. */
  readonly hasSaidGone: boolean;
  /** Its removal was held, and an administrator allowed it. */
  readonly isAccepted: boolean;
}

/** Failures that tell nothing about the collection: the request did not get as far as that. */
const UNASKED: ReadonlySet<ListingFailure> = new Set(['busy', 'maintenance', 'unauthorized']);

/**
 * Decides what becomes of a vanished collection. Presence is trustworthy, absence needs corroboration: the listing of
 * the parent and the collection's own answer. If that never says yes or no (405, 403, HTML, an empty multistatus, a
 * reset), two full syncs that agree are proof: a list that never shows a deletion is wrong, too.
 */
export function fateOf(vanished: VanishedCollection): Fate {
  const { presence, failure, respelled } = vanished;
  if (presence === 'absent') return 'absent';
  if (presence === 'present') return respelled === null ? 'present' : respelled === 'new' ? 'renamed' : 'absent';
  // It answers under the new spelling, which is not a member of the requested one.
  if (respelled === 'new' && failure === 'foreign-href') return 'renamed';
  if (vanished.isAccepted) return 'absent';
  // A host that answers little at a time may never come to answer the same question twice.
  if (failure !== null && UNASKED.has(failure)) return vanished.hasSaidGone ? 'absent' : 'unknown';
  return vanished.isSecondFullLook ? 'absent' : 'unproven';
}
