import type { ImageResource } from '../model/image.js';
import type { IndexTotals } from '../model/measurements.js';
import type { ResourcePath } from '../model/path.js';
import type { ShownPage } from '../model/shown-image.js';
import type { KnownCollection } from '../reconcile/known-collection.js';
import type { KnownPage } from '../reconcile/known-images.js';
import type { IncompleteFolder } from '../reconcile/late-files.js';
import type { CollectionChanges } from '../reconcile/reconcile.js';
import type { Lease } from './sync-log.js';

/** What to store about one listed collection. */
export interface CollectionCommit {
  readonly changes: CollectionChanges;
  /** Where the sync continues below this collection, for a run that resumes it; null for all of its children. */
  readonly toVisit: readonly ResourcePath[] | null;
  /** The vanished children that are proven to be absent: their whole subtrees are removed. */
  readonly absent: readonly ResourcePath[];
  /** The vanished children that are not proven to be absent: they and their images are marked as absent in this sync, and stay. */
  readonly unproven: readonly ResourcePath[];
  /**
   * The vanished children that exist after all: such marks on them and on everything below are removed, as are those on
   * `changes.rejudged`, before any others are noted.
   */
  readonly present: readonly ResourcePath[];
  /** `hold` marks what would be removed as absent in this sync and removes nothing. */
  readonly removals: 'apply' | 'hold';
}

export interface CommitCounts {
  readonly added: number;
  readonly altered: number;
  readonly removed: number;
}

/** What the crawler knows about a space before it asks the storage. */
export interface KnownContent {
  /** How many bytes `keyBytes` of anything in it may be; null for any number. A longer one fails its whole commit. */
  readonly mostKeyBytes: number | null;
  /** Returns what is known of a collection; one that was never seen is known as empty. */
  known(spaceId: number, collection: ResourcePath): Promise<KnownCollection>;
  /** Returns its images in the order of their ids, those after the id `after`; see `readKnownPages`. */
  knownImages(spaceId: number, collection: ResourcePath, after: number): Promise<KnownPage>;
  /** Returns the shown images of the whole space in the order of their paths, those after `after`. */
  shownImages(spaceId: number, after: ResourcePath): Promise<ShownPage>;
  /**
   * Returns collections with a shown `.ovf` that lacks a file beside it, 1,000 at most, those whose image changed last
   * first: only a listing tells that such a file has come.
   */
  incompleteFolders(spaceId: number): Promise<readonly IncompleteFolder[]>;
  /** Returns the collection itself or, if it was never seen, the nearest ancestor that was; at last the root. */
  nearestKnown(spaceId: number, collection: ResourcePath): Promise<ResourcePath>;
  /** Counts the shown images of the collection and everything below it; `agreed` of them an earlier sync found absent. */
  subtree(lease: Lease, collection: ResourcePath): Promise<{ images: number; agreed: number }>;
  /** Lists the mounts below a collection: they are listed even if everything around them is proven unchanged. */
  mountsBelow(spaceId: number, collection: ResourcePath): Promise<readonly ResourcePath[]>;
  /** Whether an administrator refused the removal that is held in the space. */
  isRemovalRefused(spaceId: number): Promise<boolean>;
}

/** What the crawler writes. Throws OvadexError `conflict` if the lease is no longer held; then nothing is written. */
export interface ContentWriter {
  /** Stores all of it in one transaction, counted at the sync, and raises the space's revision if readers see a difference. */
  commit(lease: Lease, commits: readonly CollectionCommit[]): Promise<CommitCounts>;
  /**
   * Shows images that a search found, before their collections are listed; images that are known stay as they are.
   * `unsettled` are those that may still be written to. It is counted as `commit` does.
   */
  show(lease: Lease, images: readonly ImageResource[], unsettled: ReadonlySet<ResourcePath>): Promise<CommitCounts>;
  /** Renames a collection with everything below it. Returns false, and does nothing, if the new name is taken. */
  rename(lease: Lease, from: ResourcePath, to: ResourcePath): Promise<boolean>;
  /** Notes that everything below these collections, as their markers stand in the index, was listed and committed. */
  prove(lease: Lease, collections: readonly ResourcePath[]): Promise<void>;
  /** Notes that a collection could not be listed: no marker proves it, or anything above it, unchanged. */
  distrust(lease: Lease, collection: ResourcePath): Promise<void>;
  /**
   * Notes that what is stored at and below a collection is younger than the markers above it: none of these proves
   * anything until it is read anew, and neither does the one under which a search last agreed.
   */
  outdate(lease: Lease, collection: ResourcePath): Promise<void>;
}

/** The content of all spaces, as the crawler reads and writes it. */
export type ImageIndex = KnownContent & ContentWriter;

/** Keeps the index small and fast, in steps between which others can write, and ends at an abort. */
export interface IndexMaintenance {
  /** Deletes the tombstones of images that went missing before `before`; returns how many. */
  forgetMissing(before: number, signal: AbortSignal): Promise<number>;
  /** Deletes syncs that ended before `before`; returns how many. */
  forgetSyncs(before: number, signal: AbortSignal): Promise<number>;
  /** Tidies the search index and updates the planner's statistics; returns how many steps the former took. */
  tidy(signal: AbortSignal): Promise<number>;
  /** Merges what was written lately into the rest, and returns the sizes after that. */
  merge(): Promise<Pick<IndexTotals, 'storedBytes' | 'unmergedBytes'>>;
}
