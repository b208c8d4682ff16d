import type { ImageResource } from './image.js';
import type { ResourcePath } from './path.js';

/** Why a listing can't be believed. Nothing at or below its collection changes then. */
export type ListingFailure =
  | 'unreachable' // no connection, reset, name not found, TLS refused, no credentials to send
  | 'timeout'
  | 'unauthorized' // 401
  | 'forbidden' // 403
  | 'not-found' // 404, 410
  | 'rejected' // 400, 405: no PROPFIND of this URL; the place is wrong, or a file stands there
  | 'redirected' // 3xx that is not the missing slash
  | 'maintenance' // the whole server says that it is being maintained
  | 'busy' // 429, 503, 509 to every request: the host has too much to do
  | 'status' // any other status but 207
  | 'not-multistatus' // 207 (or 200) with another document: HTML of a portal, JSON, nothing
  | 'malformed' // XML that can't be read, or text after its end
  | 'truncated' // the document stopped before its end
  | 'no-self' // no entry for the collection itself, or it failed
  | 'no-collection' // it exists, but is not a collection (any more)
  | 'foreign-href' // an entry that lies outside the collection
  | 'paged' // the rest lies behind a link (Jianguoyun) or 507 (RFC 6578)
  | 'too-large'; // more bytes, entries or text than the caps allow

export type Verdict =
  | { readonly complete: true }
  | { readonly complete: false; readonly failure: ListingFailure; readonly detail: string };

/** A child collection, with its own marker as its parent shows it. */
export interface ListedCollection {
  readonly path: ResourcePath;
  readonly marker: string | null;
  /** External storage, or a group folder of an ownCloud: changes in it don't move the markers above it. */
  readonly isMount: boolean;
  /**
   * Its parent has it by a share or a team folder. The parent shows the latest date of its own and of all these, so its
   * date may go back when one of them is gone. External storage isn't meant: a disk that isn't mounted looks the same.
   * Not set: no.
   */
  readonly isJoined?: boolean;
}

/** A member of which only the name is known: its entry has an error of its own, or nothing that tells its type. */
export interface GuardedMember {
  readonly path: ResourcePath;
  /** The error that its entry has; null if it has none but shows no type. */
  readonly status: number | null;
  /** Why nothing else is kept of it, where that is not for its entry. */
  readonly why?: string;
}

/**
 * Whether the entry itself says that the member isn't there: it has gone since its name was read, or is a link to
 * nothing; or the status is meant for its properties.
 */
export function isSaidToBeGone({ status }: GuardedMember): boolean {
  return status === 404 || status === 410;
}

/** A file beside an `.ovf`, images included, as the listing of their collection shows it. */
export interface Sibling {
  readonly name: string;
  /** null if the storage doesn't say, or shows nothing but the name. */
  readonly sizeBytes: number | null;
}

/** The most siblings that are kept of a collection: an export has a few, and a folder of 10,000 files is no export. */
export const MOST_SIBLINGS = 10_000;

/** A file as a listing shows it, to tell by a later one if it is the same. What the storage doesn't say is null. */
export interface SeenFile {
  readonly sizeBytes: number | null;
  /** In ms since the epoch. */
  readonly modifiedAt: number | null;
  /** Normalised: no `W/`, no quotes, no `-gzip`. Kept whether or not there is a date. */
  readonly etag: string | null;
}

/** The answer to one PROPFIND with Depth 1, reduced to what the index needs. */
export interface Listing {
  readonly collection: ResourcePath;
  readonly verdict: Verdict;
  /** The collection's own getetag (`etag:...`) or else getlastmodified (`date:...`), normalised. */
  readonly marker: string | null;
  /** The collection's own getlastmodified, in ms since the epoch; null if missing or unreadable. */
  readonly modifiedAt: number | null;
  /** When the request was sent, by the storage's own clock, in ms since the epoch; null if that doesn't say. */
  readonly askedAt: number | null;
  /**
   * The marker may be compared with a later one: it is old enough (`isSettled`), no member is guarded, and none of
   * `siblings` may still grow (`mayGrow`).
   */
  readonly isSettled: boolean;
  /** The collection has ownCloud's `fileid` and `permissions`: its markers may stand for whole subtrees. */
  readonly mayPropagate: boolean;
  /** The collection itself is a mount; see `ListedCollection`. */
  readonly isMount: boolean;
  /**
   * The whole storage's `data-fingerprint`, which an administrator changes after restoring a backup (ownCloud, Nextcloud);
   * empty before the first time. Only of a root; null if the storage has none.
   */
  readonly fingerprint?: string | null;
  /**
   * The root's number in its ownCloud or Nextcloud (`oc:fileid`), where it is the only one that has it, whoever asks for
   * it and by which path. Not set: unknown.
   */
  readonly fileId?: string | null;
  readonly images: readonly ImageResource[];
  readonly collections: readonly ListedCollection[];
  /**
   * All files of the collection if it contains an `.ovf`, whose disks are among them; null if it contains none, or more
   * than `MOST_SIBLINGS` files, so that they are not known.
   */
  readonly siblings: readonly Sibling[] | null;
  /** All files of the collection, of every kind and excluded ones, too. Not set: they were not kept. */
  readonly files?: ReadonlyMap<ResourcePath, SeenFile>;
  /** Members that exist but about which nothing is known, so the index keeps what it knows about them and everything below. */
  readonly guarded: readonly GuardedMember[];
  /**
   * Entries that can't be members, such as `.` or a name with a slash, in words. Each may stand for something that
   * can't be named, so this listing does not prove that what it doesn't show is gone.
   */
  readonly misfits: readonly string[];
  /** Members of every kind, other files and misfits included: 0 means that the collection shows only itself. */
  readonly memberCount: number;
  /** Requests that the listing took, retries included. */
  readonly requests: number;
}

/**
 * Whether a collection exists, asked with Depth 0. Only 404 and 410, as the answer's status or inside a 207, and a
 * resource of another kind in its place mean `absent`.
 */
export interface Probe {
  readonly presence: 'present' | 'absent' | 'unknown';
  /** Why it is not present; null if it is. */
  readonly failure: ListingFailure | null;
  /** The collection's marker, as in `Listing`. */
  readonly marker: string | null;
  /** As in `Listing`. */
  readonly isSettled: boolean;
  readonly mayPropagate: boolean;
  /** As in `Listing`. */
  readonly fingerprint?: string | null;
  /** As in `Listing`. */
  readonly fileId?: string | null;
  /** As in `Listing`. Not set: unknown. */
  readonly askedAt?: number | null;
  readonly detail: string;
  readonly requests: number;
}

/** Returns a failed listing of `collection`: an empty one, so that it can't be mistaken for an answer. */
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
    siblings: null,
    guarded: [],
    misfits: [],
    memberCount: 0,
    requests,
  };
}
