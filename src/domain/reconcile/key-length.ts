import { nameKey } from '../model/image.js';
import type { GuardedMember, Listing } from '../model/listing.js';
import { nameOf, type ResourcePath } from '../model/path.js';

/** Lower case and composition make at most three bytes of one. */
const MOST_GROWTH = 3;
/** UTF-8 needs no more for a UTF-16 unit. */
const BYTES_A_UNIT = 3;

/** Returns how many bytes a path takes in the longest key of an index: with its name, and the name as it is compared. */
export function keyBytes(path: ResourcePath): number {
  const name = nameOf(path);
  return Buffer.byteLength(path) + Buffer.byteLength(name) + Buffer.byteLength(nameKey(name));
}

/** Whether a path fits into keys of `most` bytes. Nearly all do at first sight. */
export function fitsKeys(path: ResourcePath, most: number): boolean {
  return path.length * BYTES_A_UNIT * (2 + MOST_GROWTH) <= most || keyBytes(path) <= most;
}

/** Says why a path is not listed that doesn't fit. */
export function tooLong(path: ResourcePath): string {
  return `has a path of ${Buffer.byteLength(path)} bytes, which is too long for the database of the index; not listed`;
}

/**
 * Returns a complete listing with only the names of the members that an index with keys of `most` bytes can't keep: one
 * path that is refused would fail everything that is committed with it.
 */
export function leaveOutTooLong(listing: Listing, most: number): Listing {
  const fits = ({ path }: { readonly path: ResourcePath }) => fitsKeys(path, most);
  const { images, collections } = listing;
  const left: GuardedMember[] = [...images, ...collections]
    .filter((member) => !fits(member))
    .map(({ path }) => ({ path, status: null, why: tooLong(path) }));
  if (left.length === 0) return listing;
  return {
    ...listing,
    images: images.filter(fits),
    collections: collections.filter(fits),
    guarded: [...listing.guarded, ...left],
    isSettled: false,
  };
}
