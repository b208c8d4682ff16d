import type { ImageState } from '../model/image.js';

/** How many images of a space are in which state; those that are being uploaded are the rest of its images. */
export interface ImageCounts {
  /** Those of which it is known what they are: ok, incomplete or broken. */
  described: number;
  /** Settled ones of which it isn't known yet what they are, shown as unknown. */
  waiting: number;
  incomplete: number;
  broken: number;
}

/** Returns how many of so many shown images are in each state, by what was counted. */
export function imagesByState(
  images: number,
  { described, waiting, incomplete, broken }: ImageCounts,
): ReadonlyMap<ImageState, number> {
  return new Map([
    ['ok', described - incomplete - broken],
    ['incomplete', incomplete],
    ['broken', broken],
    ['unknown', waiting],
    ['uploading', images - described - waiting],
  ]);
}

export function noImages(): ImageCounts {
  return { described: 0, waiting: 0, incomplete: 0, broken: 0 };
}

/** Adds so many images that are shown in this state; fewer than none take them away. */
export function countImages(counts: ImageCounts, state: ImageState, by: number): void {
  if (state === 'uploading') return;
  if (state === 'unknown') {
    counts.waiting += by;
    return;
  }
  counts.described += by;
  if (state === 'incomplete') counts.incomplete += by;
  else if (state === 'broken') counts.broken += by;
}
