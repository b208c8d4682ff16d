import type { ListingFailure } from '../../src/domain/model/listing.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Search } from '../../src/domain/model/search.js';

/** What goes wrong with a search; without any of it the answer is true. */
export interface MemorySearchFault {
  /** Shows no more than that, without a word. */
  readonly cutAt?: number;
  /** Images that it doesn't know. */
  readonly forget?: readonly string[];
  /** Images that it shows though they aren't there. */
  readonly phantoms?: readonly string[];
  readonly failure?: ListingFailure;
  readonly doubt?: string;
}

/** Searches a storage in memory. */
export function faultySearch(
  storage: {
    readonly images: readonly string[];
    readonly sizeOf: (path: ResourcePath) => number;
    readonly askedAt: number;
  },
  { cutAt, forget = [], phantoms = [], failure, doubt }: MemorySearchFault,
): Search {
  if (failure !== undefined) return { kind: 'failed', failure, detail: `scripted: ${failure}`, requests: 1 };
  const shown = [...storage.images.filter((path) => !forget.includes(path)), ...phantoms].slice(0, cutAt);
  const images = (shown as ResourcePath[]).map((path) => {
    return { path, sizeBytes: storage.sizeOf(path), etag: null, modifiedAt: 0 };
  });
  return { kind: 'found', images, askedAt: storage.askedAt, doubt: doubt ?? null, requests: 1 };
}
