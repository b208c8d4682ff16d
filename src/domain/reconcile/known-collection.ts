import type { KnownChild } from '../model/markers.js';
import type { ResourcePath } from '../model/path.js';

/** What the index holds of one collection; its images come separately, see `readKnownPages`. */
export interface KnownCollection {
  readonly path: ResourcePath;
  /** The marker of its last complete listing; null before that and if it has none. */
  readonly marker: string | null;
  /** The marker may be compared with a later one: see `isSettled`. */
  readonly isSettled: boolean;
  /** Everything that was below it when it had that marker was listed and committed. */
  readonly isProven: boolean;
  /** The date of the last listing that was believed, as in `Listing`, like the next member; null before that. */
  readonly modifiedAt: number | null;
  readonly listedAt: number | null;
  /** The sync in which it first showed nothing of what it then contained, which was marked as absent; null if that is not so. */
  readonly emptyInSync: number | null;
  /** Its date contradicts the emptying: see `judgeEmptying`. Without `emptyInSync`: it was believed all the same. */
  readonly isContradicted: boolean;
  /** The last sync that committed a complete listing of it, or null. */
  readonly listedInSync: number | null;
  /** Where that sync continues below it; null for all of `children`. */
  readonly toVisit: readonly ResourcePath[] | null;
  readonly children: readonly KnownChild[];
  /** Whether there is anything to compare its images with, tombstones included: a first crawl need not ask. */
  readonly holdsImages: boolean;
}

/** Returns what is known of a collection that was never seen. */
export function unseenCollection(path: ResourcePath): KnownCollection {
  return {
    path,
    marker: null,
    isSettled: false,
    isProven: false,
    modifiedAt: null,
    listedAt: null,
    emptyInSync: null,
    isContradicted: false,
    listedInSync: null,
    toVisit: null,
    children: [],
    holdsImages: false,
  };
}
