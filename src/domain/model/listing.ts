import type { ImageResource } from './image.js';
import type { ResourcePath } from './path.js';

/** Why a listing can't be believed. Nothing below its collection changes then. */
export type ListingFailure =
  | 'unreachable' // no connection, reset, name not found, TLS refused, nothing to say who asks
  | 'timeout'
  | 'unauthorized' // 401
  | 'forbidden' // 403
  | 'not-found' // 404, 410
  | 'rejected' // 400, 405: no PROPFIND of this URL; the place is wrong, or a file stands there
  | 'redirected' // 3xx that is not the missing slash
  | 'busy' // 429, 503, 509 to whatever is asked for: the host has too much to do
  | 'status' // any other status but 207
  | 'not-multistatus' // 207 (or 200) with another document: HTML of a portal, JSON, nothing
  | 'malformed' // XML that can't be read, or text behind its end
  | 'truncated' // the document stopped before its end
  | 'no-self' // no entry for the collection itself, or it failed
  | 'no-collection' // it is there, but is no collection (any more)
  | 'foreign-href' // an entry that lies outside the collection
  | 'paged' // the rest stands behind a link (Jianguoyun) or 507 (RFC 6578)
  | 'too-large'; // more bytes, entries or text than the caps allow

export type Verdict =
  | { readonly complete: true }
  | { readonly complete: false; readonly failure: ListingFailure; readonly detail: string };

/** A child collection, with its own marker as its parent shows it. */
export interface ListedCollection {
  readonly path: ResourcePath;
  readonly marker: string | null;
  /** ownCloud's `M`: external storage or a group folder, whose changes don't move the markers above it. */
  readonly isMount: boolean;
}

/** A member of which only its name is known: an error of its own, or nothing that tells its type. */
export interface GuardedMember {
  readonly path: ResourcePath;
  /** The error that its entry has, or null where it has none and shows no type. */
  readonly status: number | null;
}

/**
 * Whether its own entry says that it isn't there: it has gone since its name was read, or is a link to nothing; or its
 * properties are meant.
 */
export function isSaidToBeGone({ status }: GuardedMember): boolean {
  return status === 404 || status === 410;
}

/** The answer to one PROPFIND with Depth 1, reduced to what the index wants of it. */
export interface Listing {
  readonly collection: ResourcePath;
  readonly verdict: Verdict;
  /** The collection's own getetag (`etag:...`) or else getlastmodified (`date:...`), normalised. */
  readonly marker: string | null;
  /** The collection's own getlastmodified, in ms since the epoch; null where missing or unreadable. */
  readonly modifiedAt: number | null;
  /** When it was asked for, by the storage's own clock, in ms since the epoch; null where that doesn't say. */
  readonly askedAt: number | null;
  /** The marker may be compared with a later one: it is old enough (`isSettled`), and no member is guarded. */
  readonly isSettled: boolean;
  /** It answered ownCloud's `fileid` and `permissions`: markers may stand for whole subtrees here. */
  readonly mayPropagate: boolean;
  /** The collection itself is a mount; see `ListedCollection`. */
  readonly isMount: boolean;
  readonly images: readonly ImageResource[];
  readonly collections: readonly ListedCollection[];
  /** They are there, but nothing is known of them, so what the index knows of them and all below stays. */
  readonly guarded: readonly GuardedMember[];
  /**
   * Entries that can be no member, such as `.` or a name with a slash, in words. Each may stand for something that
   * can't be named, so what this listing doesn't show is not proven gone by it.
   */
  readonly misfits: readonly string[];
  /** Members of every kind, other files and misfits included: 0 means that it shows only itself. */
  readonly memberCount: number;
  /** Requests that it took, retries included. */
  readonly requests: number;
}

/**
 * Whether a collection is there, by Depth 0. Only 404 and 410, as the answer's status or inside of a 207, and another kind
 * of resource in its place say `absent`.
 */
export interface Probe {
  readonly presence: 'present' | 'absent' | 'unknown';
  /** Why it is not present; null where it is. */
  readonly failure: ListingFailure | null;
  /** As in `Listing`. */
  readonly marker: string | null;
  readonly mayPropagate: boolean;
  readonly detail: string;
  readonly requests: number;
}

/** A failed listing of `collection`: empty, so that nobody can mistake it for an answer. */
export function failedListing(
  collection: ResourcePath,
  failure: ListingFailure,
  detail: string,
  requests: number,
): Listing {
  return {
    collection,
    verdict: { complete: false, failure, detail },
    marker: null,
    modifiedAt: null,
    askedAt: null,
    isSettled: false,
    mayPropagate: false,
    isMount: false,
    images: [],
    collections: [],
    guarded: [],
    misfits: [],
    memberCount: 0,
    requests,
  };
}
