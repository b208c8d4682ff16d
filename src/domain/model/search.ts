import type { ImageResource } from './image.js';
import type { ListingFailure } from './listing.js';
import { type Evidence, weighEvidence } from './markers.js';

/**
 * What a storage's own search for images (SEARCH, RFC 5323) answered. What it found is there; what it didn't find may
 * be there all the same, since an answer may be cut by a limit and nothing in it says so.
 */
export type Search =
  | {
      readonly kind: 'found';
      /** By the same rules of names and exclusions as in a `Listing`; each path once. */
      readonly images: readonly ImageResource[];
      /** As in `Listing`. */
      readonly askedAt: number | null;
      /** How the answer contradicts itself, in words; null if it doesn't. */
      readonly doubt: string | null;
      readonly requests: number;
    }
  /** The storage has no such search, or refuses it for this space. */
  | { readonly kind: 'unoffered'; readonly detail: string; readonly requests: number }
  | {
      readonly kind: 'failed';
      readonly failure: ListingFailure;
      readonly detail: string;
      readonly requests: number;
    };

/** What is known of a space's search: learned from full syncs, like what markers prove, and never assumed. */
export interface SearchEvidence {
  /** `seen` after a sync that listed everything and found what the search had found; `refuted` after one that didn't. */
  readonly search: Evidence;
  /** Full syncs in a row since it was refuted in which it matched. */
  readonly searchProofs: number;
  /** Images that it missed, or showed where there were none. */
  readonly searchMisses: number;
  /** The root's marker under which the search showed no more than what the index has; null if there is none. */
  readonly searchedMarker: string | null;
  /** Why the last sync that asked could not use it; null if it could. */
  readonly searchTrouble: string | null;
}

/** What one sync saw of the search. */
export interface SearchFindings {
  /** How it compares with what a sync that listed everything has found; null if that was not compared. */
  readonly found: 'matched' | 'missed' | null;
  readonly misses: number;
  /** As in `SearchEvidence`. */
  readonly searchedMarker: string | null;
  /** As in `SearchEvidence`; not set if the sync did not ask. */
  readonly trouble?: string | null;
}

export const NO_SEARCH: SearchEvidence = {
  search: 'none',
  searchProofs: 0,
  searchMisses: 0,
  searchedMarker: null,
  searchTrouble: null,
};

/**
 * Returns the evidence after another sync. `isInOrder`: the sync left nothing unlisted and held nothing; otherwise the
 * next one has to look again, whatever the root's marker.
 */
export function learnSearch(
  before: SearchEvidence,
  findings: SearchFindings | undefined,
  { isFull, isInOrder }: { readonly isFull: boolean; readonly isInOrder: boolean },
): SearchEvidence {
  if (findings === undefined) return before.searchedMarker === null ? before : { ...before, searchedMarker: null };
  const moved = findings.found === 'matched' ? 'moved' : findings.found === 'missed' ? 'stood' : null;
  const { evidence, proofs } = weighEvidence(before.search, before.searchProofs, moved, isFull);
  return {
    search: evidence,
    searchProofs: proofs,
    searchMisses: before.searchMisses + findings.misses,
    searchedMarker: isInOrder && evidence === 'seen' ? findings.searchedMarker : null,
    searchTrouble: findings.trouble === undefined ? before.searchTrouble : findings.trouble,
  };
}

/** Returns the evidence where the index may lack what a search cannot tell: it is used once a full sync has compared both. */
export function uncompared(before: SearchEvidence): SearchEvidence {
  return { ...before, search: before.search === 'seen' ? 'none' : before.search, searchedMarker: null };
}

/** How a space is searched, in one word. */
export type SearchUse =
  | 'none' // the storage offers none that could be used, it is not allowed, or not compared with a whole crawl yet
  | 'on' // it tells where to look between full syncs
  | 'off'; // it missed something, so it is not used until it has matched for a week

/** Returns the word for a space; `isAllowed`: the configuration lets storages be searched. */
export function searchUseOf({ search, searchTrouble }: SearchEvidence, isAllowed = true): SearchUse {
  if (!isAllowed) return 'none';
  if (search === 'refuted') return 'off';
  return search === 'seen' && searchTrouble === null ? 'on' : 'none';
}
