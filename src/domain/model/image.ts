import type { ResourcePath } from './path.js';

/** An image file as a storage lists it. */
export interface ImageResource {
  readonly path: ResourcePath;
  /** null if the storage doesn't say (RFC 4918 15.4 makes it optional). */
  readonly sizeBytes: number | null;
  /** Normalised: no `W/`, no quotes, no `-gzip`. Kept only if there is no date to compare, else null. */
  readonly etag: string | null;
  /** getlastmodified in ms since the epoch; null if missing or unreadable. */
  readonly modifiedAt: number | null;
}

export const IMAGE_STATES = ['ok', 'incomplete', 'uploading', 'broken', 'unknown'] as const;
/** Whether an image deploys, as far as can be told without reading its disks. */
export type ImageState = (typeof IMAGE_STATES)[number];

/** What a file was when it was listed, so that reading it later finds the very same. */
export type ListedFile = Pick<ImageResource, 'sizeBytes' | 'etag' | 'modifiedAt'>;

/** An image as the index shows it. Times are ms since the epoch. */
export interface Image {
  /** Stable for the life of the image, even if it vanishes and returns. */
  readonly id: number;
  readonly path: ResourcePath;
  readonly name: string;
  readonly sizeBytes: number | null;
  /** When the index first saw it. */
  readonly createdAt: number;
  /** When the index last saw its size or content change. */
  readonly updatedAt: number;
  /** When it was last changed according to its storage; null if that doesn't say. */
  readonly modifiedAt: number | null;
  /** It is complete, as far as its storage tells; false while an upload may still be under way: see `isImageSettled`. */
  readonly isSettled: boolean;
  /** `uploading` while it isn't settled. */
  readonly state: ImageState;
}

/**
 * The number of the rule below. Raise it with any change to what counts as an image: findings of earlier listings then
 * prove nothing, and every collection is listed again.
 */
export const IMAGE_RULE = 2;

const IMAGE_EXTENSION = /\.(?:ova|ovf)$/i;
/** macOS writes an AppleDouble file `._x.ova` beside `x.ova` on volumes without forks. */
const APPLE_DOUBLE = '._';

/**
 * Whether a file of this name is an image. Unfinished uploads (`.part`, `.filepart`, `.crdownload`, ...) have other
 * endings, so they are not.
 */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSION.test(name) && !name.startsWith(APPLE_DOUBLE);
}

/** Whether a file of this name is a descriptor alone, with its disks as files beside it. */
export function isDescriptorName(name: string): boolean {
  // Asked for every image that is listed: nearly all have another last letter.
  return isLetterF(name.charCodeAt(name.length - 1)) && isImageName(name);
}

function isLetterF(code: number): boolean {
  return code === 0x66 || code === 0x46;
}

/**
 * Returns the key that names are searched and ordered by: NFC, lower case. It is the one definition for the index, for
 * queries and for every order of names.
 */
export function nameKey(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
