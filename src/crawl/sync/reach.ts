import { depthOf, type ResourcePath } from '../../domain/model/path.js';

/** How deep a sync goes: a loop of links has no other end. */
export interface Reach {
  has(collection: ResourcePath): boolean;
  /** What is said of a collection beyond it. */
  readonly message: string;
}

export function createReach(maxDepth: number): Reach {
  return {
    has: (collection) => depthOf(collection) <= maxDepth,
    message: `deeper than ${maxDepth} collections (crawl.maxDepth); not listed`,
  };
}
