import type { ImageResource } from '../model/image.js';

/** What the index holds of one image when its collection is reconciled. */
export interface KnownImage extends ImageResource {
  readonly id: number;
  /** A tombstone: it went missing and is not shown. */
  readonly isMissing: boolean;
  /** The sync that first found it absent while its removal was held, or null. */
  readonly absentInSync: number | null;
  /** The full sync that first found it absent while its removal was held, or null. */
  readonly absentInFull: number | null;
  /** Whether it was complete, as in `EarlierLook`, like the next member. */
  readonly isSettled: boolean;
  readonly unchangedMs: number;
}

/** Some of the images that the index holds of a collection, tombstones included. */
export interface KnownPage {
  readonly images: readonly KnownImage[];
  /** Where the next page begins; null after the last one. */
  readonly next: number | null;
}

/** Where the first page begins. */
const FIRST = 0;

/**
 * Reads page after page: a collection may contain hundreds of thousands of images. An async generator would take 10 µs
 * more for each collection.
 */
export async function readKnownPages(
  read: (after: number) => Promise<KnownPage>,
  take: (images: readonly KnownImage[]) => void,
): Promise<void> {
  for (let after: number | null = FIRST; after !== null; ) {
    const page: KnownPage = await read(after);
    take(page.images);
    after = page.next;
  }
}
