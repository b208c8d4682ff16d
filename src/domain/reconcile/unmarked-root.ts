import type { Listing, ListingFailure } from '../model/listing.js';

/**
 * Whether the listing of a space's root shows nothing at all: no member, and neither an ETag nor a date of its own.
 * Such a root tells nothing about the space's content. Nextcloud 32 shows another user's folder so, and one's own to an
 * app password without file access: with an empty ETag, and with the time of the answer for a date (its `NullCache`). A
 * storage with `fileid` and `permissions` has an ETag for every folder that can be read, even an empty one.
 */
export function isUnmarkedEmptyRoot(
  root: Pick<Listing, 'memberCount' | 'marker' | 'modifiedAt' | 'mayPropagate'>,
): boolean {
  if (root.memberCount > 0) return false;
  if (root.mayPropagate) return root.marker?.startsWith('etag:') !== true;
  return root.marker === null && root.modifiedAt === null;
}

/** Says what is wrong with such a root, and what to do. */
export const UNMARKED_ROOT_MESSAGE =
  "shows this folder to this account as empty and without ETag: Nextcloud does so with other users' folders and for " +
  "app passwords without file access; use the user's own credentials";

/** Returns why the listed root of a space, or folder of a discovery, can't be used; null if nothing is wrong with it. */
export function troubleOfRoot(root: Listing, kind: 'space' | 'discovery'): RootTrouble | null {
  const { verdict } = root;
  if (!verdict.complete) return verdict;
  return kind === 'space' && isUnmarkedEmptyRoot(root) ? { failure: 'unmarked', detail: UNMARKED_ROOT_MESSAGE } : null;
}

export interface RootTrouble {
  readonly failure: ListingFailure | 'unmarked';
  readonly detail: string;
}
