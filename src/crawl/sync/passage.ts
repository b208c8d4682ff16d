import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { ClaimedSync, KnownContent } from '../../domain/ports.js';
import type { Proofs } from './proven-subtrees.js';

/** The way past collections that earlier runs have listed. */
export interface Passage {
  /** Where it goes on behind a collection; null: it is to be listed now. */
  visit(collection: ResourcePath): Promise<readonly ResourcePath[] | null>;
  /** Whether it was passed by, to be listed last of all. */
  isPassed(collection: ResourcePath): boolean;
  /**
   * Once one that was passed by is refused for load, all of them stay as they were listed then: by now everything was,
   * since the first of those syncs began. false for any other.
   */
  endEarly(collection: ResourcePath): boolean;
}

/**
 * What this very sync has listed before it was interrupted is passed for good. What those before it have listed, which were
 * given up for load, comes last: each begins with what they left, and lists everything if the storage has the time.
 */
export function createPassage(deps: {
  readonly claimed: Pick<ClaimedSync, 'sync' | 'isResumed' | 'leftOff'>;
  readonly index: Pick<KnownContent, 'known'>;
  readonly proofs: Proofs;
  /** Visits it when nothing else is left. */
  readonly visitLast: (collection: ResourcePath) => void;
}): Passage {
  const { claimed, index, proofs, visitLast } = deps;
  const { sync, isResumed } = claimed;
  const leftOff = new Set(claimed.leftOff);
  const passed = new Set<ResourcePath>();
  /** Listed by this sync before it was interrupted, and all above them, too. */
  const listedBefore = new Set<ResourcePath>();
  let isOver = false;

  return {
    async visit(collection) {
      if (passed.has(collection)) return isOver ? [] : null;
      if (!isResumed && leftOff.size === 0) return null;
      const known = await index.known(sync.spaceId, collection);
      const isOurs = isResumed && known.listedInSync === sync.id;
      if (!isOurs && (known.listedInSync === null || !leftOff.has(known.listedInSync))) return null;
      // Where its parent is listed anew, that marker is younger than what was found here.
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
