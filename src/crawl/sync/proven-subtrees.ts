import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { Mounts } from './mounts.js';

/**
 * Knows which collections have everything below them listed and committed at the end of a sync, so that their markers
 * prove whole subtrees. A marker is read before the walk goes below it: a change in between moves it on, and is found
 * the next time.
 */
export interface Proofs {
  /** Notes a collection whose own listing is good and whose marker is settled. */
  note(collection: ResourcePath): void;
  /**
   * Notes that something at or below this collection was left as it was: neither it nor anything above it is proven.
   */
  spoil(collection: ResourcePath): void;
  proven(): readonly ResourcePath[];
}

export function createProofs(mounts: Mounts): Proofs {
  const noted = new Set<ResourcePath>();
  /** Contains with each collection all above it. */
  const spoilt = new Set<ResourcePath>();
  return {
    note: (collection) => void noted.add(collection),
    spoil(collection) {
      // A mount is visited whatever the markers above it say, so it takes nothing from them.
      if (mounts.holdOn(collection)) return;
      for (let at = collection; !spoilt.has(at); at = parentOf(at)) {
        spoilt.add(at);
        if (at === ROOT) return;
      }
    },
    proven: () => [...noted].filter((collection) => !spoilt.has(collection) && !mounts.hold(collection)),
  };
}
