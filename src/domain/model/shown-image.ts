import type { ImageResource } from './image.js';
import type { ResourcePath } from './path.js';

/** An image of the list as the index compares it with what a search shows. */
export interface ShownImage extends ImageResource {
  /** It is complete, as far as its storage tells: see `isImageSettled`. */
  readonly isSettled: boolean;
}

/** Some of the shown images of a space, in the order of their paths. */
export interface ShownPage {
  readonly images: readonly ShownImage[];
  /** The path after which the next page begins; null after the last one. */
  readonly next: ResourcePath | null;
}
