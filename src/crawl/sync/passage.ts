import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { KnownContent } from '../../domain/ports/image-index.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import type { Proofs } from './proven-subtrees.js';

/** Passes by collections that earlier runs have listed. */
export interface Passage {
  /** Returns what to visit below a collection that is passed by; null if it is to be listed now. */
  visit(collection: ResourcePath): Promise<readonly ResourcePath[] | null>;
  /** Whether it was passed by, to be listed last of all. */
  isPassed(collection: ResourcePath): boolean;
  /**
   * If a passed collection is refused for load, all passed ones stay as they were listed then: by now everything was
   * listed since the first of those syncs began. Returns false for any other collection.
   */
  endEarly(collection: ResourcePath): boolean;
}

/**
 * Creates the passage. What this very sync listed before it was interrupted is passed for good. What earlier syncs
 * listed that were given up for load comes last: each sync begins with what they left, and lists everything if the
 * storage has the time.
 */
export function createPassage(deps: {
  readonly claimed: Pick<ClaimedSync, 'sync' | 'isResumed' | 'leftOff'>;
  readonly index: Pick<KnownContent, 'known'>;
  readonly proofs: Proofs;
  /** Visits a collection when nothing else is left. */
  readonly visitLast: (collection: ResourcePath) => void;
}): Passage {
  const { claimed, index, proofs, visitLast } = deps;
  const { sync, isResumed } = claimed;
  const leftOff = new Set(claimed.leftOff);
  const passed = new Set<ResourcePath>();
  /** Collections listed by this sync before it was interrupted, with all above them. */
  const listedBefore = new Set<ResourcePath>();
  let isOver = false;

  return {
    async visit(collection) {
      if (passed.has(collection)) return isOver ? [] : null;
      if (!isResumed && leftOff.size === 0) return null;
      const known = await index.known(sync.spaceId, collection);
      const isOurs = isResumed && known.listedInSync === sync.id;
      if (!isOurs && (known.listedInSync === null || !leftOff.has(known.listedInSync))) return null;
      // If its parent is listed anew, that marker is younger than what was found here.
      const isInOrder = isOurs && (collection === ROOT || listedBefore.has(parentOf(collection)));
      if (isInOrder) listedBefore.add(collection);
      if (isInOrder && known.isSettled) proofs.note(collection);
      else proofs.spoil(collection);
      if (!isOurs) {
        passed.add(collection);
        visitLast(collection);
      }
      return known.toVisit ?? known.children.map(({ path }) => path);
    },
    isPassed: (collection) => passed.has(collection),
    endEarly(collection) {
      isOver ||= passed.has(collection);
      return passed.has(collection);
    },
  };
}
