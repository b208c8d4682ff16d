import { depthOf, type ResourcePath } from '../../domain/model/path.js';

/** Limits how deep a sync goes: a loop of links has no other end. */
export interface Reach {
  has(collection: ResourcePath): boolean;
  /** The warning for a collection beyond the limit. */
  readonly message: string;
}

export function createReach(maxDepth: number): Reach {
  return {
    has: (collection) => depthOf(collection) <= maxDepth,
    message: `deeper than ${maxDepth} collections (crawl.maxDepth); not listed`,
  };
}
