import { isHeld, type RemovalTally } from '../domain/guard.js';
import type { ResourcePath } from '../domain/path.js';
import type { ClaimedSync, CollectionCommit, ImageIndex } from '../domain/ports.js';

/**
 * Commits of a sync that would remove images. They wait for the end of the walk, since only the sum of all
 * removals tells whether they can be believed.
 */
export interface Removals {
  /** Takes a commit in if it removes something; false: it may be written at once. A later one of the same collection replaces it. */
  take(commit: CollectionCommit): boolean;
  has(collection: ResourcePath): boolean;
  /** Of all that waits, and whether it is to be held. */
  weigh(isRootEmpty: boolean): Promise<{ readonly tally: RemovalTally; readonly isHeld: boolean }>;
  waiting(): Iterable<CollectionCommit>;
}

export function createRemovals(
  claimed: ClaimedSync,
  index: Pick<ImageIndex, 'subtree' | 'isRemovalRefused'>,
): Removals {
  const { sync, lease } = claimed;
  const commits = new Map<ResourcePath, CollectionCommit>();

  const count = async () => {
    let removals = 0;
    let agreed = 0;
    for (const { changes, absent } of commits.values()) {
      removals += changes.disappeared.length;
      agreed += changes.disappeared.filter(
        ({ absentInSync }) => absentInSync !== null && absentInSync !== sync.id,
      ).length;
      for (const collection of absent) {
        const subtree = await index.subtree(lease, collection);
        removals += subtree.images;
        agreed += subtree.agreed;
      }
    }
    return { removals, agreed };
  };

  return {
    take(commit) {
      const { changes, absent } = commit;
      commits.delete(changes.collection);
      if (changes.disappeared.length === 0 && absent.length === 0) return false;
      commits.set(changes.collection, commit);
      return true;
    },
    has: (collection) => commits.has(collection),
    async weigh(isRootEmpty) {
      const { removals, agreed } = await count();
      const tally: RemovalTally = {
        shown: claimed.shownImages,
        removals,
        // A hint may follow the first look within a second: that is no second opinion.
        agreed: sync.mode === 'hint' ? 0 : agreed,
        isRootEmpty,
        isAccepted: claimed.isRemovalAccepted,
        // Asked now: it may have been said since the sync began.
        isRefused: agreed > 0 && (await index.isRemovalRefused(sync.spaceId)),
      };
      return { tally, isHeld: isHeld(tally) };
    },
    waiting: () => commits.values(),
  };
}
