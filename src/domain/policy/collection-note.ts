import type { KnownCollection } from '../reconcile/known-collection.js';
import type { CollectionChanges } from '../reconcile/reconcile.js';

/** A listing that is committed; see `CollectionCommit`. */
interface Committed {
  readonly changes: CollectionChanges;
  readonly unproven: readonly unknown[];
  readonly removals: 'apply' | 'hold';
  readonly toVisit: KnownCollection['toVisit'];
}

/** The note on a collection whose removals are held; everything else stays as its last believed listing left it. */
export interface HeldNote extends Pick<KnownCollection, 'isSettled' | 'isProven' | 'emptyInSync' | 'isContradicted'> {
  readonly kind: 'held';
}

/** The note on a collection whose listing is believed. */
export interface ListedNote extends Omit<KnownCollection, 'path' | 'children' | 'holdsImages'> {
  readonly kind: 'listed';
}

/** Returns what the index notes on a collection when a sync commits its listing; `before` is what it had noted. */
export function noteOf(
  before: Pick<KnownCollection, 'emptyInSync' | 'modifiedAt' | 'listedAt'>,
  { changes, unproven, removals, toVisit }: Committed,
  syncId: number,
): HeldNote | ListedNote {
  const { marker, doubted, emptying, isDoubtful, isHeldOn, isHoldOver } = changes;
  if (removals === 'hold') {
    // Neither marker nor sync is noted, so the next sync lists this again and gives the second opinion.
    return {
      kind: 'held',
      isSettled: false,
      isProven: false,
      emptyInSync: emptying === null ? null : isHeldOn ? before.emptyInSync : syncId,
      isContradicted: emptying === 'contradicted',
    };
  }
  // While something is in doubt the former date is kept, so that its removal can be judged by it once the doubt has
  // gone. Not what was in doubt at a bare mount point: before its disk was away it may not have been there.
  const isKept = doubted.length > 0 && !isHoldOver;
  const { modifiedAt, listedAt } = isKept ? before : { ...changes, listedAt: changes.askedAt };
  return {
    kind: 'listed',
    marker,
    modifiedAt,
    listedAt,
    // If something is in doubt, the next sync has to list this again.
    isSettled: changes.isSettled && doubted.length + unproven.length === 0,
    // What lies below may have changed along with it and has to be proven anew.
    isProven: false,
    emptyInSync: null,
    isContradicted: isDoubtful,
    listedInSync: syncId,
    toVisit,
  };
}
