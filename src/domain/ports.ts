import type { HeldImage, HeldQuery } from './lists/held-list.js';
import type { ImageQuery } from './lists/image-list.js';
import type { FoundImage, SearchQuery } from './lists/image-search.js';
import type { PagePlace } from './lists/page.js';
import type { SpaceQuery } from './lists/space-list.js';
import type { SyncQuery } from './lists/sync-list.js';
import type { Image } from './model/image.js';
import type { Listing, Probe } from './model/listing.js';
import type { MarkerEvidence } from './model/markers.js';
import type { IndexTotals } from './model/measurements.js';
import type { ResourcePath } from './model/path.js';
import type { Space, SpaceSettings } from './model/space.js';
import type { Sync, SyncOutcome, SyncRequest, SyncStanding, SyncStatus } from './model/sync.js';
import type { Round } from './policy/space-plan.js';
import type { KnownPage } from './reconcile/known-images.js';
import type { CollectionChanges, KnownCollection } from './reconcile/reconcile.js';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** Waits so many ms; rejects with the signal's reason when it is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** One space's storage. Trouble of the storage is in the answer; only an abort rejects. */
export interface RemoteStore {
  /** PROPFIND with Depth 1. */
  list(collection: ResourcePath, signal: AbortSignal): Promise<Listing>;
  /** PROPFIND with Depth 0: is this collection still there? */
  probe(collection: ResourcePath, signal: AbortSignal): Promise<Probe>;
  close(): Promise<void>;
}

/** The images of a space, or a page of them, and where that lies in the list. */
export interface ImageList {
  readonly space: Space;
  readonly images: readonly Image[];
  readonly place: PagePlace;
}

/** The images whose removal from a space is held, or a page of them. */
export interface HeldList {
  readonly space: Space;
  readonly images: readonly HeldImage[];
  readonly place: PagePlace;
}

/** Spaces, or a page of them. */
export interface SpaceList {
  readonly spaces: readonly Space[];
  readonly place: PagePlace;
}

/** Images of all spaces, or a page of them. */
export interface FoundImages {
  readonly images: readonly FoundImage[];
  readonly place: PagePlace;
}

/** What readers see of the index; each answer is true of one moment. */
export interface ImageCatalogue {
  /** null for a user without a space. */
  space(user: string): Promise<Space | null>;
  /** All configured spaces by user, or those that a query asks for. */
  listSpaces(query?: SpaceQuery): Promise<SpaceList>;
  /**
   * The space and its images at the same revision; null for a user without a space. A whole list of more than `atMost`
   * images comes without them: `place.total` says how many they are.
   */
  images(user: string, query: ImageQuery, atMost?: number): Promise<ImageList | null>;
  /** null for an image that is unknown, missing, or somebody else's. */
  image(user: string, id: number): Promise<Image | null>;
  /**
   * What a held removal would take away; null for a user without a space. Rejects with OvadexError `usage` if that
   * would take too long.
   */
  held(user: string, query: HeldQuery): Promise<HeldList | null>;
  /** Images of all configured spaces. Rejects with OvadexError `usage` if too many would have to be looked at. */
  search(query: SearchQuery): Promise<FoundImages>;
}

/** Tells whether what was read of the index can still be true. */
export interface Changes {
  /**
   * A stamp: while it stays the same, nobody in any process has written, so all that was read since it was first seen is
   * still true. It is that of the moment of the call, or of the moment at which a batch of requests began to be answered,
   * all of which had come before. Answers from memory or within a microsecond: no promise.
   */
  current(): number;
}

/** A whole list at one revision, read bit by bit while others write; whoever opens it closes it. */
export interface ImageSnapshot {
  readonly space: Space;
  /** The next images, at most so many; none at the end. */
  next(limit: number): Promise<readonly Image[]>;
  close(): void;
}

/** Lists that are too long to be read at once. */
export interface ImageSnapshots {
  /** null for a user without a space. Rejects with OvadexError `unavailable` where too many are open already. */
  open(user: string, query: ImageQuery): Promise<ImageSnapshot | null>;
}

/** The right to write a space's images: one run at a time, also across processes. */
export interface Lease {
  readonly syncId: number;
  readonly spaceId: number;
  readonly owner: string;
}

/** What becomes of one listed collection. */
export interface CollectionCommit {
  readonly changes: CollectionChanges;
  /** Where the sync goes on behind this collection, for a run that resumes it; null: to all of its children. */
  readonly toVisit: readonly ResourcePath[] | null;
  /** The vanished children whose absence is proven: their whole subtrees go. */
  readonly absent: readonly ResourcePath[];
  /** Those whose absence isn't: they and their images are marked as absent in this sync, and stay. */
  readonly unproven: readonly ResourcePath[];
  /** Those that are there after all: such marks on them and on what is below are taken back. */
  readonly present: readonly ResourcePath[];
  /** `hold` marks what would be removed as absent in this sync and removes nothing. */
  readonly removals: 'apply' | 'hold';
}

export interface CommitCounts {
  readonly added: number;
  readonly altered: number;
  readonly removed: number;
}

/** What the crawler knows of a space before it asks the storage. */
export interface KnownContent {
  /** A collection that was never seen is known as empty. */
  known(spaceId: number, collection: ResourcePath): Promise<KnownCollection>;
  /** Its images in the order of their ids, those behind the id `after`; see `readKnownPages`. */
  knownImages(spaceId: number, collection: ResourcePath, after: number): Promise<KnownPage>;
  /** The collection itself or, if it was never seen, the nearest ancestor that was; at last the root. */
  nearestKnown(spaceId: number, collection: ResourcePath): Promise<ResourcePath>;
  /** Shown images of the collection and all below it; `agreed` of them an earlier sync found absent. */
  subtree(lease: Lease, collection: ResourcePath): Promise<{ images: number; agreed: number }>;
  /** The mounts below a collection: they are looked at even where all around them is proven unchanged. */
  mountsBelow(spaceId: number, collection: ResourcePath): Promise<readonly ResourcePath[]>;
  /** Whether an administrator refused the removal that is held in the space. */
  isRemovalRefused(spaceId: number): Promise<boolean>;
}

/** What the crawler writes. Throws OvadexError `conflict` if the lease is no longer held: nothing is written then. */
export interface ContentWriter {
  /** All of it in one transaction, the space's revision raised if readers see a difference. */
  commit(lease: Lease, commits: readonly CollectionCommit[]): Promise<CommitCounts>;
  /** Gives a collection, and all below it, another name. False if that is taken: nothing was done. */
  rename(lease: Lease, from: ResourcePath, to: ResourcePath): Promise<boolean>;
  /** Notes that all below these collections, as their markers stand in the index, was listed and committed. */
  prove(lease: Lease, collections: readonly ResourcePath[]): Promise<void>;
  /** Notes that a collection could not be listed: no marker proves it, or anything above it, unchanged. */
  distrust(lease: Lease, collection: ResourcePath): Promise<void>;
}

/** The content of all spaces, as the crawler reads and writes it. */
export type ImageIndex = KnownContent & ContentWriter;

/** Keeps the index small and quick; everything goes in steps between which others write, and ends at an abort. */
export interface IndexMaintenance {
  /** Deletes the tombstones of images that went missing before `before`; answers how many. */
  forgetMissing(before: number, signal: AbortSignal): Promise<number>;
  /** Forgets syncs that ended before `before`; answers how many. */
  forgetSyncs(before: number, signal: AbortSignal): Promise<number>;
  /** Brings the search index and the planner's statistics in order; answers how many steps the former took. */
  tidy(signal: AbortSignal): Promise<number>;
  /** Merges what was written lately into the rest, and returns the sizes after that. */
  merge(): Promise<Pick<IndexTotals, 'storedBytes' | 'unmergedBytes'>>;
}

/** The spaces that were due. */
export interface DueSpaces {
  readonly filed: readonly Sync[];
  /** Whose: a sync that waited or ran already does what was due. */
  readonly takenIn: readonly string[];
}

/** The spaces that are synced, and when. */
export interface SpaceRegistry {
  /**
   * Makes the configured spaces these: new ones are due at once, those left out
   * are shown no more and keep their rows. A changed URL makes a space due. `rules` stands for what
   * counts as an image: where it has changed, no marker proves anything any more.
   */
  configure(
    spaces: readonly Pick<SpaceSettings, 'user' | 'url'>[],
    rules: string,
    now: number,
  ): Promise<readonly Space[]>;
  /**
   * Sets when each is due next; an earlier time that is already set stays. A `poll` is an incremental
   * sync of the spaces whose markers prove whole subtrees; the others it leaves alone.
   */
  schedule(round: Round, dueAt: ReadonlyMap<string, number>): Promise<void>;
  /** Files a sync for each space that is due, and clears its times: all of them have to be planned again. Suspended spaces are left out. */
  fileDue(now: number): Promise<DueSpaces>;
  /** Lets the removals of a held space through at its next sync, which is due at once. */
  acceptRemovals(spaceId: number): Promise<void>;
  /** Keeps what a held removal would take away, until one is accepted or the storage shows it again. */
  refuseRemovals(spaceId: number): Promise<void>;
  /** Ends a suspension; the space is due at once. */
  resume(spaceId: number): Promise<void>;
  /** Sets when a suspended space is tried by itself; it stays suspended until that goes well. */
  retry(spaceId: number, at: number): Promise<void>;
}

export interface SyncFilter {
  readonly user?: string;
  readonly statuses?: readonly SyncStatus[];
  /** At most this many, the newest first. */
  readonly limit: number;
}

/** A sync that this process runs now, and the lease that comes with it. */
export interface ClaimedSync {
  readonly sync: Sync;
  readonly lease: Lease;
  /** An earlier run of the same sync ended without a word; it goes on where that stopped. */
  readonly isResumed: boolean;
  /** Syncs right before it that were given up for load: what they have listed comes last. */
  readonly leftOff: readonly number[];
  /** Shown images of the space at the start. */
  readonly shownImages: number;
  readonly isRemovalAccepted: boolean;
  /** The space has a new URL, and no sync since has found all in order. */
  readonly isRelocated: boolean;
  /** What the markers of the space were seen to prove. */
  readonly evidence: MarkerEvidence;
}

/** Syncs, or a page of them. */
export interface SyncList {
  readonly syncs: readonly Sync[];
  readonly place: PagePlace;
}

/** Where syncs are asked for, and called off. */
export interface SyncRequests {
  /**
   * Files a request. One that waits for the same space takes it in (its mode widened where needed) and is answered
   * instead; so is a running one that does as much. Throws OvadexError `not-found` for a space that isn't configured,
   * and `conflict` for a `request` to a suspended one: each try with refused credentials may bring a lock-out nearer.
   */
  request(request: SyncRequest): Promise<Sync>;
  /** Ends one that waits or runs; false if it has ended already. */
  cancel(id: number): Promise<boolean>;
}

/** The runs of syncs, by whoever holds the lease of a space. */
export interface SyncRuns {
  /**
   * Takes the next sync that may run (or this one, by its id) together with its space's lease, for `leaseMs`; null if
   * none may. Syncs that a dead process left behind come first. `skip` names spaces that this process runs already.
   */
  claim(options: {
    owner: string;
    leaseMs: number;
    syncId?: number;
    skip?: readonly number[];
  }): Promise<ClaimedSync | null>;
  /** Notes progress and renews the lease; false once it is lost or the sync was cancelled. */
  progress(lease: Lease, standing: SyncStanding, leaseMs: number): Promise<boolean>;
  /** Ends it, notes the space's condition, gives the lease back; answers when a space that is suspended is tried again, or null. */
  finish(lease: Lease, outcome: SyncOutcome): Promise<number | null>;
  /** Gives the lease back and leaves the sync unfinished, to be resumed by whoever claims next. */
  release(lease: Lease): Promise<void>;
}

/** Every sync, waiting, running or ended. */
export interface SyncHistory {
  find(id: number): Promise<Sync | null>;
  list(filter: SyncFilter): Promise<readonly Sync[]>;
  /** Any part of the log, in any order. Rejects with OvadexError `usage` where that would take too long. */
  page(query: SyncQuery): Promise<SyncList>;
}

/** Syncs from their request to their end. */
export type SyncLog = SyncRequests & SyncRuns & SyncHistory;

/** Asks the crawler, wherever it runs. */
export interface Crawler {
  requestSync(request: SyncRequest): Promise<Sync>;
  acceptRemovals(spaceId: number): Promise<void>;
  refuseRemovals(spaceId: number): Promise<void>;
  resume(spaceId: number): Promise<void>;
  cancel(syncId: number): Promise<boolean>;
}
