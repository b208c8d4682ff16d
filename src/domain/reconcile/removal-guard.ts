/** What a sync would remove from a space, counted in images. What is held for a reason of its own is not included. */
export interface RemovalTally {
  /** Shown images of the space before the sync. */
  readonly shown: number;
  /** Images that complete listings and probes found gone. */
  readonly removals: number;
  /** Those of them that an earlier sync had also found gone, or that an administrator has accepted since. */
  readonly agreed: number;
  /** Images that the same sync found anew: a rename removes nothing. */
  readonly appeared: number;
  /** The space has a new URL, and no sync since has found everything in order. */
  readonly isRelocated: boolean;
  /** The storage was restored from a backup, and no full sync since has found everything in order. */
  readonly isRestored: boolean;
}

/** Up to this many removals are everyday work whatever the space's size. */
const EVERYDAY_REMOVALS = 20;
/** The share of a larger space that may go at once: more is probably an accident of the storage. */
const BELIEVABLE_SHARE = 0.3;
/** All images of a space at once look like an accident even if they are few; up to this many may be somebody's tidying up. */
const EVERYDAY_CLEARANCE = 5;

/** Returns the largest number of images that a single sync may remove from a space of this size. */
export function removalLimit(shown: number): number {
  return Math.max(EVERYDAY_REMOVALS, Math.floor(shown * BELIEVABLE_SHARE));
}

/**
 * Whether the removals of a sync must be held: too many to believe at first, or any under a new URL or on a storage that
 * was restored from a backup. A later sync that finds the same images gone lets them through.
 */
export function isHeld({ shown, removals, agreed, appeared, isRelocated, isRestored }: RemovalTally): boolean {
  if (removals === 0) return false;
  if (isRelocated || isRestored) return removals > agreed;
  const limit = removals >= shown ? EVERYDAY_CLEARANCE : removalLimit(shown);
  const loss = removals - appeared;
  return loss > limit && loss - agreed > limit;
}
