import { depthOf, type ResourcePath } from '../../domain/model/path.js';
import { grouped } from '../../domain/text/counted.js';

/** Limits how far a sync goes: a loop of links has no other end. */
export interface Reach {
  has(collection: ResourcePath): boolean;
  /** The warning for a collection that is too deep. */
  readonly message: string;
  /** Whether a sync that has listed so many collections goes no further. */
  isSpent(listed: number): boolean;
  /** The warning for a collection of which nothing further is listed. */
  readonly spentMessage: string;
}

/**
 * More than anybody has, and a night's work for most storages. Two links that lead back to their own folder make 2^64 out of
 * it before they are too deep. Loops can't be told from folders that are alike, which somebody may have one in the other.
 */
const MOST_COLLECTIONS = 1_000_000;

export function createReach(maxDepth: number, mostCollections = MOST_COLLECTIONS): Reach {
  return {
    has: (collection) => depthOf(collection) <= maxDepth,
    message: `deeper than ${maxDepth} collections (crawl.maxDepth); not listed`,
    isSpent: (listed) => listed >= mostCollections,
    spentMessage: `the sync has listed ${grouped(mostCollections)} collections; what is in those of this one is not listed`,
  };
}
