import type { Listing, Probe } from '../model/listing.js';
import type { ResourcePath } from '../model/path.js';

/** One space's storage. Failures of the storage are in the answer; only an abort rejects. */
export interface RemoteStore {
  /** Lists a collection by PROPFIND with Depth 1. */
  list(collection: ResourcePath, signal: AbortSignal): Promise<Listing>;
  /** Checks by PROPFIND with Depth 0 if this collection still exists. */
  probe(collection: ResourcePath, signal: AbortSignal): Promise<Probe>;
  close(): Promise<void>;
}
