/** What a sync would take away from a space, counted in shown images. */
export interface RemovalTally {
  /** Shown images of the space before the sync. */
  readonly shown: number;
  /** Images that complete listings and probes found gone. */
  readonly removals: number;
  /** Those of them that an earlier sync had found gone, too. */
  readonly agreed: number;
  /** The root showed no member at all: an unmounted disk looks like that. */
  readonly isRootEmpty: boolean;
  /** An administrator let removals of this space through. */
  readonly isAccepted: boolean;
  /** One refused them: some are among those that were held when he did. */
  readonly isRefused: boolean;
}

/** Removals up to this many are everyday work whatever the space's size. */
const EVERYDAY_REMOVALS = 20;
/** Above it, a share of the space: more than that at once is rather an accident of the storage. */
const BELIEVABLE_SHARE = 0.3;

/** The largest number of images that a single sync may remove from a space of this size. */
export function removalLimit(shown: number): number {
  return Math.max(EVERYDAY_REMOVALS, Math.floor(shown * BELIEVABLE_SHARE));
}

/**
 * Whether the removals of a sync are to be held: too many to believe at first
 * sight. A later sync that finds the same images gone lets them through, except
 * for an empty root and for removals that were refused, which only an administrator does.
 */
export function isHeld(tally: RemovalTally): boolean {
  if (tally.removals === 0) return false;
  if (tally.isRefused) return true;
  if (tally.isAccepted) return false;
  if (tally.isRootEmpty) return true;
  const limit = removalLimit(tally.shown);
  return tally.removals > limit && tally.removals - tally.agreed > limit;
}
