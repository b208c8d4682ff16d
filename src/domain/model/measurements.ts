import type { StorageFreshness } from '../freshness/storage-freshness.js';
import type { ImageState } from './image.js';
import type { SpaceState, SpaceTrouble } from './space.js';
import type { SyncMode } from './sync.js';

/**
 * How often each value occurred, in classes: those that `counts[i]` counts did not exceed `bounds[i]`, those of its
 * last entry exceeded all bounds.
 */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface Recorder {
  note(value: number): void;
  read(): Histogram;
}

/** Creates a recorder that counts in plain numbers: a record takes some ten nanoseconds. */
export function createRecorder(bounds: readonly number[]): Recorder {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    note(value) {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] as number)) at++;
      (counts[at] as number)++;
      sum += value;
    },
    read: () => ({ bounds, counts: [...counts], sum }),
  };
}

/** How one route answered requests of one method. */
export interface RouteMeasurements {
  /** The route as declared, with parameters in braces; never what a client wrote. */
  readonly route: string;
  readonly method: string;
  readonly byStatus: ReadonlyMap<number, number>;
  readonly seconds: Histogram;
}

/** How a sync ended, in one word. */
export type SyncEnding =
  | 'processed'
  | 'incomplete' // something could not be listed
  | 'held' // removals wait for a second opinion
  | 'failed'
  | 'unauthorized'
  | 'cancelled'
  | 'interrupted' // gave up, to be resumed
  | 'broken'; // failed by a bug in this program

export interface SyncMeasurements {
  readonly mode: SyncMode;
  readonly byEnding: ReadonlyMap<SyncEnding, number>;
  readonly seconds: Histogram;
}

/** What became of a message that was sent to a webhook. */
export type DeliveryResult = 'taken' | 'failed' | 'dead';

/** What a webhook has not taken yet. */
export interface WebhookTotals {
  readonly name: string;
  /** When the oldest message was made that is not taken yet, in ms since the epoch; null if none waits. */
  readonly oldestAt: number | null;
  /** Spaces with a message that is sent or tried again. */
  readonly waiting: number;
  /** Spaces for which it has been given up. */
  readonly dead: number;
}

/** What the crawler has counted since its process began. */
export interface CrawlCounts {
  readonly syncs: readonly SyncMeasurements[];
  /** Listings by outcome: `complete`, or why one could not be believed. */
  readonly listings: ReadonlyMap<string, number>;
  /** Searches by outcome: `answered`, `contradictory`, `unoffered`, or why one failed. */
  readonly searches: ReadonlyMap<string, number>;
  /** Requests by outcome: `answered`, or why one brought no listing; retries count. */
  readonly requests: ReadonlyMap<string, number>;
  readonly requestSeconds: Histogram;
  /** Images that were read to tell what they are, by what became of it, and the requests and bytes that took. */
  readonly imagesRead: ReadonlyMap<string, number>;
  readonly readRequests: number;
  readonly bytesRead: number;
  /** Messages sent to webhooks: by name, and then by what became of them. */
  readonly webhookMessages: ReadonlyMap<string, ReadonlyMap<DeliveryResult, number>>;
  /** Images that syncs added, changed and deleted. */
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
  /** Changes that a marker should have shown. */
  readonly mismatches: number;
  /** Images in which searches and listings differed. */
  readonly searchMisses: number;
  /** Hints that others gave, by whether they led to a space. */
  readonly hints: { readonly taken: number; readonly ignored: number };
  /** Collections that were to be listed because of hints, those of watched folders included. */
  readonly hintedCollections: number;
}

/** A trouble of a user's space. */
export interface UserTrouble extends Pick<SpaceTrouble, 'message' | 'at'> {
  readonly user: string;
}

/** What the index holds at one moment. Times are ms since the epoch, and null if no space has one. */
export interface IndexTotals {
  readonly spaces: ReadonlyMap<SpaceState, number>;
  readonly images: number;
  /** The same by their state. */
  readonly imagesByState: ReadonlyMap<ImageState, number>;
  readonly collections: number;
  /** Images whose removal is held. */
  readonly heldImages: number;
  readonly waitingSyncs: number;
  readonly runningSyncs: number;
  /** The end of the last complete sync, of the space that has waited longest for one; below it, of the median space. */
  readonly oldestSuccessAt: number | null;
  readonly medianSuccessAt: number | null;
  /** The user of the first of these spaces; null if there is none. */
  readonly oldestUser: string | null;
  /** The latest of the troubles in which spaces are; null if none is. */
  readonly lastTrouble: UserTrouble | null;
  /** How old lists are, by storage; see `namedStorages`. */
  readonly storages: readonly StorageFreshness[];
  /** The size of the index on disk, without `unmergedBytes`. */
  readonly storedBytes: number;
  /** The size of recent writes that are kept apart until they are merged into the rest. */
  readonly unmergedBytes: number;
}

/** How long a thread's event loop was blocked since this was last read, in seconds. */
export interface LoopDelay {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Results of the last time that the discoveries were asked. */
export interface DiscoveryCounts {
  readonly listed: number;
  readonly failed: number;
  /** Users who are found twice, and folders in doubt. */
  readonly warnings: number;
}

/** The hosts that share the index, by what the others know of them. */
export interface HostCounts {
  readonly alike: number;
  /** Those whose configuration differs from that of most. */
  readonly differing: number;
  /** Those that were not heard of for a minute. */
  readonly silent: number;
}

/**
 * Storages that a crawler does not ask for anything but whether they are back: they give no answer, refuse every request or are
 * in maintenance.
 */
export interface StoragesDown {
  /** Those that answer no crawler, as far as this one knows. */
  readonly everywhere: number;
  /** Those that answer other crawlers. */
  readonly onlyHere: number;
}

/** Storages that users have connected by themselves. */
export interface LinkCounts {
  readonly readable: number;
  /** Those whose app password no key opens. */
  readonly lost: number;
}

/** Who waits for something new at this moment. */
export interface WaitingCounts {
  /** Requests that are answered once something has changed, or after a time. */
  readonly clients: number;
  /** Streams of events that are open. */
  readonly streams: number;
}

/** How a database that keeps the index is seen by this host. */
export interface OutageCounts {
  /** Null if a file keeps the index. */
  readonly isAway: boolean | null;
  /** Lists that were served although the database could not be asked, since the process began. */
  readonly served: number;
}

/** Everything that the crawler's thread measures. */
export interface CrawlMeasurements {
  readonly counts: CrawlCounts;
  /** Not set while the database of the index is away. */
  readonly totals?: IndexTotals;
  /** Not set until a discovery has been asked. */
  readonly discoveries?: DiscoveryCounts;
  /** Not set until the crawl has begun. */
  readonly storagesDown?: StoragesDown;
  /** Not set if no other host may share the index. */
  readonly hosts?: HostCounts;
  /** Not set if nothing may be linked. */
  readonly links?: LinkCounts;
  /** Not set if there are no webhooks. */
  readonly webhooks?: readonly WebhookTotals[];
  readonly loop: LoopDelay;
}
