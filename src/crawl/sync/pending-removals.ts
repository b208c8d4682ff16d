import { isWithin, parentOf, type ResourcePath, ROOT, withAncestors } from '../../domain/model/path.js';
import { MAX_HELD_REASONS } from '../../domain/model/sync.js';
import type { CollectionCommit, KnownContent } from '../../domain/ports/image-index.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import { readKnownPages } from '../../domain/reconcile/known-images.js';
import { isOfHold } from '../../domain/reconcile/loss.js';
import type { CollectionChanges } from '../../domain/reconcile/reconcile.js';
import { isHeld, type RemovalTally } from '../../domain/reconcile/removal-guard.js';
import { agreeing, countedOf } from '../../domain/text/counted.js';

/**
 * Commits of a sync that would remove images. They wait for the end of the walk, since only the sum of all removals
 * tells whether they can be believed.
 */
export interface Removals {
  /**
   * Takes in a commit if it removes something, or would; false if it may be written at once. A later commit of the same
   * collection replaces it.
   */
  take(commit: CollectionCommit, doubt?: RemovalDoubt): boolean;
  has(collection: ResourcePath): boolean;
  /** Whether any commit waits. */
  any(): boolean;
  /**
   * Returns all waiting commits, as they are to be written, and how much of them is held; `isRestored` as in
   * `RemovalTally`.
   */
  conclude(appeared: number, isRestored?: boolean): Promise<ConcludedRemovals>;
}

export interface ConcludedRemovals {
  readonly commits: readonly CollectionCommit[];
  /** Number of shown images that are held. */
  readonly held: number;
  /** Why they are held, or why something without shown images stays; the most telling first. */
  readonly reasons: readonly string[];
}

/** Why the removals of a commit can't be believed, or not all of them. */
export interface RemovalDoubt {
  readonly reasons: readonly string[];
  /** Whether its removals are held for these reasons, whatever the sum says. */
  readonly isHeld: boolean;
  /** Whether no believable listing has shown the loss before. */
  readonly isFirstLook: boolean;
}

interface Waiting {
  readonly commit: CollectionCommit;
  readonly doubt: RemovalDoubt;
}

const REFUSED =
  'an administrator refused a removal; what was held stays until one accepts it or the storage shows it again';
const NO_DOUBT: RemovalDoubt = { reasons: [], isHeld: false, isFirstLook: false };

interface Count {
  readonly images: number;
  readonly agreed: number;
}

/**
 * Creates the pending removals. What `isExcluded` names is removed because the configuration says so, and doesn't
 * count: no storage has to be believed for that.
 */
export function createRemovals(
  claimed: ClaimedSync,
  index: Pick<KnownContent, 'known' | 'knownImages' | 'subtree' | 'isRemovalRefused'>,
  isExcluded: (path: ResourcePath) => boolean,
): Removals {
  const { sync, lease } = claimed;
  const waiting = new Map<ResourcePath, Waiting>();

  const countBelow = async (collections: readonly ResourcePath[]): Promise<Count> => {
    let images = 0;
    let agreed = 0;
    for (const collection of collections) {
      const subtree = await index.subtree(lease, collection);
      images += subtree.images;
      agreed += subtree.agreed;
    }
    return { images, agreed };
  };

  const count = async ({ changes, absent }: CollectionCommit): Promise<Count> => {
    const below = await countBelow(absent.filter((path) => !isExcluded(path)));
    const disappeared = changes.disappeared.filter(({ path }) => !isExcluded(path));
    const agreed = disappeared.filter(({ absentInSync }) => absentInSync !== null && absentInSync !== sync.id).length;
    return { images: below.images + disappeared.length, agreed: below.agreed + agreed };
  };

  /**
   * Holds what an earlier sync already found gone, as an administrator saw and refused it; the rest goes its own way.
   */
  const keepRefused = async () => {
    for (const [collection, { commit, doubt }] of waiting) {
      if ((await count(commit)).agreed === 0) continue;
      waiting.set(collection, { commit, doubt: { ...doubt, reasons: [...doubt.reasons, REFUSED], isHeld: true } });
    }
  };

  /** The collections whose images, missed before, are shown again as they were, and the first sync that had missed one. */
  const backSince = new Map<ResourcePath, number>();

  /**
   * Lifts a hold if part of what was lost below is back, and the disk with it: the rest is missed anew, and the next sync
   * asks about it as usual. A collection that doesn't show the way there contradicts itself, and remains held.
   */
  const endRefuted = async () => {
    for (const [collection, { commit, doubt }] of waiting) {
      const { emptying, disappeared, doubted, collections } = commit.changes;
      if (emptying !== 'contradicted' || backSince.size === 0) continue;
      const known = await index.known(lease.spaceId, collection);
      const isRefuting = ([at, absentInSync]: [ResourcePath, number]) =>
        isOfHold(known, { absentInSync }) &&
        (at === collection || (isWithin(at, collection) && collections.some(({ path }) => isWithin(at, path))));
      if (![...backSince].some(isRefuting)) continue;
      const changes: CollectionChanges = {
        ...commit.changes,
        disappeared: [],
        doubted: [...doubted, ...disappeared],
        reconfirmed: [...commit.changes.reconfirmed, ...disappeared.map(({ id }) => id)],
        rejudged: commit.absent,
        isHoldOver: true,
        isSettled: false,
      };
      const unproven = [...commit.unproven, ...commit.absent];
      waiting.set(collection, {
        commit: { ...commit, changes, absent: [], unproven },
        doubt: { ...doubt, isHeld: false },
      });
    }
  };

  /**
   * Holds losses below a held collection: if it may be a bare mount point, what is shown below it is no more its own
   * than what the disk held. What was missed together with that is held where it is from now on: above it, nothing may be
   * missing any more once somebody has made its folder anew.
   */
  const holdBelowHeld = async () => {
    for (const [collection, { commit, doubt }] of waiting) {
      const { images, agreed } = await count(commit);
      if (images === 0) continue;
      const hold = await holdAbove(collection, agreed > 0);
      if (hold === null || (doubt.isHeld && hold === 'plain')) continue;
      const { emptying, altered, backSince } = commit.changes;
      // One that has lost but a part, and nothing else in its place, is the very folder that was there.
      const isAnew = backSince === null && (emptying !== null || altered.length > 0);
      const changes: CollectionChanges =
        hold === 'plain' || !isAnew
          ? commit.changes
          : { ...commit.changes, emptying: 'contradicted', isSettled: false };
      waiting.set(collection, { commit: { ...commit, changes }, doubt: { ...doubt, isHeld: true } });
    }
  };

  /**
   * How a collection's loss belongs to a hold above it: because it was missed before as well (`wasMissed`), or as the hold
   * begins now; null if it doesn't. By a date that says that nothing was deleted, what was missed with it is held as that is.
   */
  const holdAbove = async (collection: ResourcePath, wasMissed: boolean): Promise<'by date' | 'plain' | null> => {
    let hold: 'plain' | null = null;
    for (let above = collection; above !== ROOT; ) {
      above = parentOf(above);
      const { emptyInSync, isContradicted } = await index.known(lease.spaceId, above);
      const wasHeld = emptyInSync !== null;
      // A collection that this sync has listed speaks for itself; all others are as they were left.
      const isHeld = waiting.get(above)?.doubt.isHeld ?? wasHeld;
      if (isHeld && wasMissed && wasHeld && isContradicted) return 'by date';
      if (isHeld && (wasMissed || !wasHeld)) hold = 'plain';
    }
    return hold;
  };

  /**
   * Takes back what a hold marks below it for collections that this sync has listed itself: what was listed is there,
   * whatever a folder above it shows. Written already, it would not be marked; here it is written after the hold.
   */
  const spareListed = async (commits: readonly CollectionCommit[]): Promise<readonly CollectionCommit[]> => {
    const held = new Set(
      commits.flatMap(({ removals, absent, unproven }) => [...unproven, ...(removals === 'hold' ? absent : [])]),
    );
    const isSpared = ({ changes }: CollectionCommit) =>
      withAncestors(changes.collection).some((path) => held.has(path));
    const spared = commits.filter(isSpared).sort((a, b) => a.changes.collection.length - b.changes.collection.length);
    const others = commits.filter((commit) => !isSpared(commit));
    return [...others, ...(await Promise.all(spared.map(asListed)))];
  };

  /** Returns the commit of a listing as one that confirms all images that it has shown. */
  const asListed = async (commit: CollectionCommit): Promise<CollectionCommit> => {
    const { collection, disappeared, doubted } = commit.changes;
    const missed = new Set([...disappeared, ...doubted].map(({ id }) => id));
    const reconfirmed = new Set(commit.changes.reconfirmed);
    await readKnownPages(
      (after) => index.knownImages(sync.spaceId, collection, after),
      (images) => {
        for (const { id, isMissing } of images) if (!isMissing && !missed.has(id)) reconfirmed.add(id);
      },
    );
    return { ...commit, changes: { ...commit.changes, reconfirmed: [...reconfirmed] } };
  };

  const weigh = async (appeared: number, isRestored: boolean): Promise<RemovalTally> => {
    let removals = 0;
    let agreed = 0;
    for (const { commit, doubt } of waiting.values()) {
      if (doubt.isHeld) continue;
      const counted = await count(commit);
      removals += counted.images;
      if (!doubt.isFirstLook || claimed.isRemovalAccepted) agreed += counted.agreed;
    }
    return {
      // An earlier run of this sync already shows what it found.
      shown: claimed.shownImages - sync.counts.added,
      removals,
      agreed: isSecondOpinion(isRestored) || claimed.isRemovalAccepted ? agreed : 0,
      appeared: appeared + sum(waiting.values(), ({ commit }) => commit.changes.appeared.length),
      isRelocated: claimed.isRelocated,
      isRestored,
    };
  };

  /**
   * Whether the sync may agree with an earlier one. A hint may follow the first listing within a second; and what a
   * backup lacks may take hours to return, so only a later full sync is believed.
   */
  const isSecondOpinion = (isRestored: boolean) => (isRestored ? sync.mode === 'full' : sync.mode !== 'hint');

  return {
    take(commit, doubt = NO_DOUBT) {
      const { changes, absent, unproven } = commit;
      waiting.delete(changes.collection);
      if (changes.backSince !== null) backSince.set(changes.collection, changes.backSince);
      const isHarmless = changes.disappeared.length + changes.doubted.length + absent.length + unproven.length === 0;
      if (isHarmless && !doubt.isHeld) return false;
      waiting.set(changes.collection, { commit, doubt });
      return true;
    },
    has: (collection) => waiting.has(collection),
    any: () => waiting.size > 0,
    async conclude(appeared, isRestored = false) {
      // Read now: it may have been refused since the sync began.
      if (await index.isRemovalRefused(sync.spaceId)) await keepRefused();
      await endRefuted();
      await holdBelowHeld();
      const tally = await weigh(appeared, isRestored);
      const isTooMuch = isHeld(tally);
      const commits: CollectionCommit[] = [];
      const reasons: string[] = [];
      let held = isTooMuch ? tally.removals : 0;
      for (const { commit, doubt } of waiting.values()) {
        commits.push({ ...commit, removals: isTooMuch || doubt.isHeld ? 'hold' : 'apply' });
        if (doubt.isHeld) held += (await count(commit)).images;
        held += commit.changes.doubted.length + (await countBelow(commit.unproven)).images;
        reasons.push(...doubt.reasons);
      }
      if (isTooMuch) reasons.unshift(tooMuch(tally));
      return { commits: await spareListed(commits), held, reasons: bounded([...new Set(reasons)]) };
    },
  };
}

function sum<T>(all: Iterable<T>, of: (each: T) => number): number {
  let total = 0;
  for (const each of all) total += of(each);
  return total;
}

function tooMuch({ removals, shown, isRelocated, isRestored }: RemovalTally): string {
  const those = `${countedOf(removals, shown, 'image')} ${agreeing(removals, 'is', 'are')} gone from the storage`;
  const none = agreeing(removals, 'it is not removed', 'none of them is removed');
  if (isRestored) {
    return `${those} since it was restored from a backup, as its data fingerprint says; ${none} until a later full sync agrees or an administrator accepts it`;
  }
  const why = isRelocated ? ' since the URL of the space was changed' : '';
  return `${those}${why}; ${none} until the next sync agrees or an administrator accepts it`;
}

function bounded(reasons: readonly string[]): readonly string[] {
  if (reasons.length <= MAX_HELD_REASONS) return reasons;
  const kept = reasons.slice(0, MAX_HELD_REASONS - 1);
  return [...kept, `and ${reasons.length - kept.length} more`];
}
