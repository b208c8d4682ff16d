/** What a sync would take away from a space, counted in images. What is held for a reason of its own is not among it. */
export interface RemovalTally {
  /** Shown images of the space before the sync. */
  readonly shown: number;
  /** Images that complete listings and probes found gone. */
  readonly removals: number;
  /** Those of them that an earlier sync had found gone, too, or that an administrator has accepted since. */
  readonly agreed: number;
  /** Images that the same sync found anew: a rename takes nothing away. */
  readonly appeared: number;
  /** The space has a new URL, and no sync since has found all in order. */
  readonly isRelocated: boolean;
}

/** Removals up to this many are everyday work whatever the space's size. */
const EVERYDAY_REMOVALS = 20;
/** Above it, a share of the space: more than that at once is rather an accident of the storage. */
const BELIEVABLE_SHARE = 0.3;
/** All images of a space at once look like an accident even where they are few; so many may be somebody's tidying up. */
const EVERYDAY_CLEARANCE = 5;

/** The largest number of images that a single sync may remove from a space of this size. */
export function removalLimit(shown: number): number {
  return Math.max(EVERYDAY_REMOVALS, Math.floor(shown * BELIEVABLE_SHARE));
}

/**
 * Whether the removals of a sync are to be held: too many to believe at first sight, or any under a new URL. A later
 * sync that finds the same images gone lets them through.
 */
export function isHeld({ shown, removals, agreed, appeared, isRelocated }: RemovalTally): boolean {
  if (removals === 0) return false;
  if (isRelocated) return removals > agreed;
  const limit = removals >= shown ? EVERYDAY_CLEARANCE : removalLimit(shown);
  const loss = removals - appeared;
  return loss > limit && loss - agreed > limit;
}
