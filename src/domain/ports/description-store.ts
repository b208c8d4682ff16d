import type { ImageState } from '../description/image-state.js';
import type { Reading, ReadingCost } from '../description/reading.js';
import type { ImageResource } from '../model/image.js';

/** An image that is to be read. */
export interface ImageToRead extends ImageResource {
  readonly id: number;
}

/** All that is known of one image. */
export interface Description {
  readonly state: ImageState;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  /** null if it hasn't been read. */
  readonly reading: Reading | null;
  readonly cost: ReadingCost | null;
  /** When it was read, in ms since the epoch. */
  readonly readAt: number | null;
}

/** What images are, read out of themselves and kept beside them while their content stays the same. */
export interface DescriptionStore {
  /**
   * Returns images of a space that are shown, settled, and not read yet in their present content or by the present
   * reader (`READER`): those without any reading first, and of these the newest first. It looks through the list of the
   * space, so ask for many at once.
   */
  toRead(spaceId: number, limit: number): Promise<readonly ImageToRead[]>;
  /** Which of these spaces may have any such image. One of which `toRead` found none hasn't, until a commit changes it. */
  spacesToRead(spaceIds: readonly number[]): Promise<ReadonlySet<number>>;
  /**
   * Stores what was read of an image as it was listed then, judges its state anew, and raises the space's revision if
   * readers see a difference. If an `.ovf` lacks a file beside it, the space no longer counts as searched: it may have
   * come since it was listed. Returns false, and stores nothing, if the image has changed or vanished since.
   */
  store(spaceId: number, image: ImageToRead, reading: Reading, cost: ReadingCost): Promise<boolean>;
}
