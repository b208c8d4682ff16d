import type { ReadingCost } from '../domain/description/reading.js';
import {
  type CrawlCounts,
  createRecorder,
  type DeliveryResult,
  type Recorder,
  type SyncEnding,
  type SyncMeasurements,
} from '../domain/model/measurements.js';
import type { Search } from '../domain/model/search.js';
import type { SyncMode, SyncOutcome } from '../domain/model/sync.js';
import type { RemoteStore } from '../domain/ports/remote-store.js';

/** Counts the crawls of this process, for monitoring. */
export interface CrawlTally {
  /** Counts the end of a sync; null: it was given up, to be resumed; `broken`: it threw. */
  syncEnded(mode: SyncMode, outcome: SyncOutcome | 'broken' | null, seconds: number): void;
  requestEnded(outcome: string, seconds: number): void;
  /** Counts an image that was read, by what became of it. */
  imageRead(outcome: string, cost: ReadingCost): void;
  webhookTold(name: string, result: DeliveryResult): void;
  hintsReceived(taken: number, ignored: number): void;
  /** Counts collections that are to be listed because of hints. */
  hintsFollowed(collections: number): void;
  /** Returns the storage with its listings counted by their verdicts. */
  watch(store: RemoteStore): RemoteStore;
  read(): CrawlCounts;
}

/** Histogram bounds in seconds, from a poll of one request to a first crawl of half a day. */
const SYNC_BOUNDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200];
/** Histogram bounds in seconds, from a nearby storage to one that is about to be given up. */
const REQUEST_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface SyncPage {
  readonly byEnding: Map<SyncEnding, number>;
  readonly seconds: Recorder;
}

export function createCrawlTally(): CrawlTally {
  const pages = new Map<SyncMode, SyncPage>();
  const listings = new Map<string, number>();
  const searches = new Map<string, number>();
  const requests = new Map<string, number>();
  const imagesRead = new Map<string, number>();
  const webhookMessages = new Map<string, Map<DeliveryResult, number>>();
  let readRequests = 0;
  let bytesRead = 0;
  const requestSeconds = createRecorder(REQUEST_BOUNDS);
  const hints = { taken: 0, ignored: 0 };
  let hintedCollections = 0;
  const changes = { added: 0, changed: 0, deleted: 0, mismatches: 0, searchMisses: 0 };

  const pageOf = (mode: SyncMode): SyncPage => {
    const page = pages.get(mode) ?? { byEnding: new Map(), seconds: createRecorder(SYNC_BOUNDS) };
    pages.set(mode, page);
    return page;
  };

  return {
    syncEnded(mode, outcome, seconds) {
      const page = pageOf(mode);
      increment(page.byEnding, endingOf(outcome));
      page.seconds.note(seconds);
      if (outcome === null || outcome === 'broken') return;
      changes.added += outcome.counts.added;
      changes.changed += outcome.counts.altered;
      changes.deleted += outcome.counts.removed;
      changes.mismatches += outcome.findings.mismatches;
      changes.searchMisses += outcome.search?.misses ?? 0;
    },
    requestEnded(outcome, seconds) {
      increment(requests, outcome);
      requestSeconds.note(seconds);
    },
    imageRead(outcome, { requests: sent, bytes }) {
      increment(imagesRead, outcome);
      readRequests += sent;
      bytesRead += bytes;
    },
    webhookTold(name, result) {
      const results = webhookMessages.get(name) ?? new Map<DeliveryResult, number>();
      webhookMessages.set(name, results);
      increment(results, result);
    },
    hintsReceived(taken, ignored) {
      hints.taken += taken;
      hints.ignored += ignored;
    },
    hintsFollowed(collections) {
      hintedCollections += collections;
    },
    watch: (store) => ({
      async list(collection, signal) {
        const listing = await store.list(collection, signal);
        increment(listings, listing.verdict.complete ? 'complete' : listing.verdict.failure);
        return listing;
      },
      probe: (collection, signal) => store.probe(collection, signal),
      async search(signal, isFirst) {
        const search = await store.search(signal, isFirst);
        if (search !== null && search.requests > 0) increment(searches, outcomeOf(search));
        return search;
      },
      close: () => store.close(),
    }),
    read: () => ({
      syncs: [...pages].map(
        ([mode, { byEnding, seconds }]): SyncMeasurements => ({
          mode,
          byEnding: new Map(byEnding),
          seconds: seconds.read(),
        }),
      ),
      listings: new Map(listings),
      searches: new Map(searches),
      requests: new Map(requests),
      requestSeconds: requestSeconds.read(),
      imagesRead: new Map(imagesRead),
      readRequests,
      bytesRead,
      webhookMessages: new Map([...webhookMessages].map(([name, results]) => [name, new Map(results)])),
      hints: { ...hints },
      hintedCollections,
      ...changes,
    }),
  };
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function outcomeOf(search: Search): string {
  if (search.kind !== 'found') return search.kind === 'failed' ? search.failure : search.kind;
  return search.doubt === null ? 'answered' : 'contradictory';
}

function endingOf(outcome: SyncOutcome | 'broken' | null): SyncEnding {
  if (outcome === null) return 'interrupted';
  if (outcome === 'broken') return 'broken';
  if (outcome.status === 'CANCELLED') return 'cancelled';
  if (outcome.status === 'ERROR') return outcome.isUnauthorized ? 'unauthorized' : 'failed';
  if (outcome.heldRemovals !== null) return 'held';
  return outcome.counts.failures > 0 || outcome.warnings.length > 0 ? 'incomplete' : 'processed';
}
