import type { CollectionChanges, KnownCollection } from '../reconcile/reconcile.js';

/** A listing as it is committed; see `CollectionCommit`. */
interface Committed {
  readonly changes: CollectionChanges;
  readonly unproven: readonly unknown[];
  readonly removals: 'apply' | 'hold';
  readonly toVisit: KnownCollection['toVisit'];
}

/** What is noted of a collection whose removals are held; all else stays as its last believed listing left it. */
export interface HeldNote extends Pick<KnownCollection, 'isSettled' | 'isProven' | 'emptyInSync' | 'isContradicted'> {
  readonly kind: 'held';
}

/** What is noted of a collection whose listing is believed. */
export interface ListedNote extends Omit<KnownCollection, 'path' | 'children' | 'holdsImages'> {
  readonly kind: 'listed';
}

/** What the index notes of a collection when a sync commits its listing; `before` is what it had noted. */
export function noteOf(
  before: Pick<KnownCollection, 'emptyInSync' | 'modifiedAt' | 'listedAt'>,
  { changes, unproven, removals, toVisit }: Committed,
  syncId: number,
): HeldNote | ListedNote {
  const { marker, doubted, emptying, isDoubtful } = changes;
  if (removals === 'hold') {
    // Neither marker nor sync are noted, so that the next sync looks here again: it gives the second opinion.
    return {
      kind: 'held',
      isSettled: false,
      isProven: false,
      emptyInSync: emptying === null ? null : (before.emptyInSync ?? syncId),
      isContradicted: emptying === 'contradicted',
    };
  }
  // What went and is in doubt has its date to show for it, when the doubt has gone.
  const { modifiedAt, listedAt } = doubted.length > 0 ? before : { ...changes, listedAt: changes.askedAt };
  return {
    kind: 'listed',
    marker,
    modifiedAt,
    listedAt,
    // Where something is in doubt the next sync is to look again.
    isSettled: changes.isSettled && doubted.length + unproven.length === 0,
    // What lies below may have changed along with it: that has to be proven anew.
    isProven: false,
    emptyInSync: null,
    isContradicted: isDoubtful,
    listedInSync: syncId,
    toVisit,
  };
}
