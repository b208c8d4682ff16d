import type { ResourcePath } from './path.js';

/** An image file as a storage lists it. */
export interface ImageResource {
  readonly path: ResourcePath;
  /** null where the storage doesn't say (RFC 4918 15.4 makes it optional). */
  readonly sizeBytes: number | null;
  /** Normalised: no `W/`, no quotes, no `-gzip`. Kept only where there is no date to compare, else null. */
  readonly etag: string | null;
  /** getlastmodified in ms since the epoch; null where missing or unreadable. */
  readonly modifiedAt: number | null;
}

/** An image as the index shows it. Times are ms since the epoch. */
export interface Image {
  /** Stable for the life of the image, also when it vanishes and returns. */
  readonly id: number;
  readonly path: ResourcePath;
  readonly name: string;
  readonly sizeBytes: number | null;
  /** When the index first saw it. */
  readonly createdAt: number;
  /** When the index last saw its size or content change. */
  readonly updatedAt: number;
  /** When its storage says that it was last changed; null where it doesn't. */
  readonly modifiedAt: number | null;
  /** It is whole, as far as its storage tells; false while it may still be written to: see `isImageSettled`. */
  readonly isSettled: boolean;
}

/**
 * The number of the rule below. Raise it with any change of what counts as an image: what earlier
 * listings were found to hold proves nothing then, and every collection is looked at again.
 */
export const IMAGE_RULE = 1;

const IMAGE_EXTENSION = /\.(?:ova|ovf)$/i;
/** macOS writes an AppleDouble file `._x.ova` beside `x.ova` on volumes without forks. */
const APPLE_DOUBLE = '._';

/**
 * Whether a file of this name is an image. Unfinished uploads (`.part`,
 * `.filepart`, `.crdownload`, ...) carry another ending and are none.
 */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSION.test(name) && !name.startsWith(APPLE_DOUBLE);
}

/**
 * The key that names are searched and ordered by: NFC, lower case. The one
 * definition for the index, for queries and for every order of names.
 */
export function nameKey(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
