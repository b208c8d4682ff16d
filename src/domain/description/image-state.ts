import type { Reading } from './reading.js';

export const IMAGE_STATES = ['ok', 'incomplete', 'uploading', 'broken', 'unknown'] as const;
/** Whether an image deploys, as far as can be told without reading its disks. */
export type ImageState = (typeof IMAGE_STATES)[number];

/** A file beside an image, as the listing of their collection shows it. */
export interface Sibling {
  readonly name: string;
  readonly sizeBytes: number | null;
}

/** What is to be said of an image's state. */
export interface JudgedState {
  readonly state: ImageState;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Judges an image by its reading, null if it hasn't been read, and, for an `.ovf`, by the files beside it; null if those
 * are not known. An image that isn't settled is `uploading`, whatever else is known of it.
 */
export type JudgeState = (
  image: { readonly name: string; readonly isSettled: boolean },
  reading: Reading | null,
  siblings: readonly Sibling[] | null,
) => JudgedState;
