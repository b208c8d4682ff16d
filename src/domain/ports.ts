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

/** Returns the time in milliseconds since the epoch. */
export type Clock = () => number;

/** Waits this many ms; rejects with the signal's reason when it is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** One space's storage. Failures of the storage are in the answer; only an abort rejects. */
export interface RemoteStore {
  /** Lists a collection by PROPFIND with Depth 1. */
  list(collection: ResourcePath, signal: AbortSignal): Promise<Listing>;
  /** Checks by PROPFIND with Depth 0 if this collection still exists. */
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

/** The index as readers see it; each answer is true of one moment. */
export interface ImageCatalogue {
  /** Returns null for a user without a space. */
  space(user: string): Promise<Space | null>;
  /** Lists all configured spaces by user, or those that match a query. */
  listSpaces(query?: SpaceQuery): Promise<SpaceList>;
  /**
   * Returns the space and its images at the same revision; null for a user without a space. A whole list of more than
   * `atMost` images comes without them: `place.total` says how many there are. `stamp` is one of `Changes` since the
   * request arrived, if the caller has one: what was kept under it is recent enough.
   */
  images(user: string, query: ImageQuery, atMost?: number, stamp?: number): Promise<ImageList | null>;
  /** Returns null for an image that is unknown, missing, or in another user's space. */
  image(user: string, id: number): Promise<Image | null>;
  /**
   * Lists what a held removal would remove; null for a user without a space. Rejects with OvadexError `usage` if that
   * would take too long.
   */
  held(user: string, query: HeldQuery): Promise<HeldList | null>;
  /** Lists images of all configured spaces. Rejects with OvadexError `usage` if too many would have to be checked. */
  search(query: SearchQuery): Promise<FoundImages>;
}

/** Tells whether what was read from the index can still be true. */
export interface Changes {
  /**
   * Returns a stamp: while it stays the same, no process has written, so everything that was read since it was first
   * seen is still true. It is that of the moment of the call, or of the moment at which a batch of requests began to be
   * answered, all of which had come before. Takes a microsecond at most, so it returns no promise.
   */
  current(): number;
}

/** A whole list at one revision, read in pieces while others write; its opener has to close it. */
export interface ImageSnapshot {
  readonly space: Space;
  /** Returns the next images, at most `limit`; none at the end. */
  next(limit: number): Promise<readonly Image[]>;
  close(): void;
}

/** Reads lists that are too long to be read at once. */
export interface ImageSnapshots {
  /** Returns null for a user without a space. Rejects with OvadexError `unavailable` if too many are open already. */
  open(user: string, query: ImageQuery): Promise<ImageSnapshot | null>;
}

/** The right to write a space's images: one run at a time, even across processes. */
export interface Lease {
  readonly syncId: number;
  readonly spaceId: number;
  readonly owner: string;
}

/** What to store about one listed collection. */
export interface CollectionCommit {
  readonly changes: CollectionChanges;
  /** Where the sync continues below this collection, for a run that resumes it; null for all of its children. */
  readonly toVisit: readonly ResourcePath[] | null;
  /** The vanished children that are proven to be absent: their whole subtrees are removed. */
  readonly absent: readonly ResourcePath[];
  /** The vanished children that are not proven to be absent: they and their images are marked as absent in this sync, and stay. */
  readonly unproven: readonly ResourcePath[];
  /** The vanished children that exist after all: such marks on them and on everything below are removed. */
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
  /** Returns what is known of a collection; one that was never seen is known as empty. */
  known(spaceId: number, collection: ResourcePath): Promise<KnownCollection>;
  /** Returns its images in the order of their ids, those after the id `after`; see `readKnownPages`. */
  knownImages(spaceId: number, collection: ResourcePath, after: number): Promise<KnownPage>;
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
  /** Stores all of it in one transaction, and raises the space's revision if readers see a difference. */
  commit(lease: Lease, commits: readonly CollectionCommit[]): Promise<CommitCounts>;
  /** Renames a collection with everything below it. Returns false, and does nothing, if the new name is taken. */
  rename(lease: Lease, from: ResourcePath, to: ResourcePath): Promise<boolean>;
  /** Notes that everything below these collections, as their markers stand in the index, was listed and committed. */
  prove(lease: Lease, collections: readonly ResourcePath[]): Promise<void>;
  /** Notes that a collection could not be listed: no marker proves it, or anything above it, unchanged. */
  distrust(lease: Lease, collection: ResourcePath): Promise<void>;
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

/** The spaces that were due. */
export interface DueSpaces {
  readonly filed: readonly Sync[];
  /** Users for whom a waiting or running sync already does what was due. */
  readonly takenIn: readonly string[];
}

/** The spaces that are synced, and when. */
export interface SpaceRegistry {
  /**
   * Makes these the configured spaces: new ones are due at once, those left out are no longer shown and keep their
   * rows. A changed URL makes a space due. `rules` stands for what counts as an image: if it has changed, markers no
   * longer prove anything.
   */
  configure(
    spaces: readonly Pick<SpaceSettings, 'user' | 'url'>[],
    rules: string,
    now: number,
  ): Promise<readonly Space[]>;
  /**
   * Sets when each is due next; an earlier time that is already set stays. A `poll` is an incremental sync of the
   * spaces whose markers prove whole subtrees; it leaves the others alone.
   */
  schedule(round: Round, dueAt: ReadonlyMap<string, number>): Promise<void>;
  /**
   * Files a sync for each space that is due, and clears its times: all of them have to be planned again. Suspended
   * spaces are left out.
   */
  fileDue(now: number): Promise<DueSpaces>;
  /** Allows the removals of a held space at its next sync, which is due at once. */
  acceptRemovals(spaceId: number): Promise<void>;
  /** Keeps what a held removal would remove, until one is accepted or the storage shows it again. */
  refuseRemovals(spaceId: number): Promise<void>;
  /** Ends a suspension; the space is due at once. */
  resume(spaceId: number): Promise<void>;
  /** Sets when a suspended space is retried automatically; it stays suspended until that succeeds. */
  retry(spaceId: number, at: number): Promise<void>;
}

export interface SyncFilter {
  readonly user?: string;
  readonly statuses?: readonly SyncStatus[];
  /** The most syncs to list, the newest first. */
  readonly limit: number;
}

/** A sync that this process now runs, and the lease that comes with it. */
export interface ClaimedSync {
  readonly sync: Sync;
  readonly lease: Lease;
  /** An earlier run of the same sync ended without reporting; this one continues where that stopped. */
  readonly isResumed: boolean;
  /** The syncs right before it that gave up because of load: what they have listed comes last. */
  readonly leftOff: readonly number[];
  /** Shown images of the space at the start. */
  readonly shownImages: number;
  readonly isRemovalAccepted: boolean;
  /** The space has a new URL, and no sync since has found everything in order. */
  readonly isRelocated: boolean;
  /** What the markers of the space were seen to prove. */
  readonly evidence: MarkerEvidence;
}

/** Syncs, or a page of them. */
export interface SyncList {
  readonly syncs: readonly Sync[];
  readonly place: PagePlace;
}

/** Requests for syncs, and their cancellation. */
export interface SyncRequests {
  /**
   * Files a request. A sync that waits for the same space takes it in (its mode widened if needed) and is returned
   * instead; so is a running one that does as much. Throws OvadexError `not-found` for a space that isn't configured,
   * and `conflict` for a `request` to a suspended one: each attempt with refused credentials may bring a lock-out
   * nearer.
   */
  request(request: SyncRequest): Promise<Sync>;
  /** Cancels a sync that waits or runs; false if it has already ended. */
  cancel(id: number): Promise<boolean>;
}

/** The runs of syncs, for the holder of a space's lease. */
export interface SyncRuns {
  /**
   * Takes the next sync that may run (or this one, by its id) together with its space's lease, for `leaseMs`; null if
   * none may. Syncs that a dead process left behind come first. `skip` names spaces for which this process already runs
   * one.
   */
  claim(options: {
    owner: string;
    leaseMs: number;
    syncId?: number;
    skip?: readonly number[];
  }): Promise<ClaimedSync | null>;
  /** Notes progress and renews the lease; false once it is lost or the sync was cancelled. */
  progress(lease: Lease, standing: SyncStanding, leaseMs: number): Promise<boolean>;
  /** Ends the sync, notes the space's condition, gives the lease back; returns when a suspended space is retried, or null. */
  finish(lease: Lease, outcome: SyncOutcome): Promise<number | null>;
  /** Gives the lease back and leaves the sync unfinished; the next claim resumes it. */
  release(lease: Lease): Promise<void>;
}

/** All syncs: waiting, running and ended. */
export interface SyncHistory {
  find(id: number): Promise<Sync | null>;
  list(filter: SyncFilter): Promise<readonly Sync[]>;
  /** Returns any part of the log, in any order. Rejects with OvadexError `usage` if that would take too long. */
  page(query: SyncQuery): Promise<SyncList>;
}

/** Syncs from their request to their end. */
export type SyncLog = SyncRequests & SyncRuns & SyncHistory;

/** Sends requests to the crawler, wherever it runs. */
export interface Crawler {
  requestSync(request: SyncRequest): Promise<Sync>;
  acceptRemovals(spaceId: number): Promise<void>;
  refuseRemovals(spaceId: number): Promise<void>;
  resume(spaceId: number): Promise<void>;
  cancel(syncId: number): Promise<boolean>;
}
