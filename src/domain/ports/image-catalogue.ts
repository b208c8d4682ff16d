import type { DescribedImage } from '../description/short-description.js';
import type { HeldImage, HeldQuery } from '../lists/held-list.js';
import type { ImageQuery } from '../lists/image-list.js';
import type { FoundImage, SearchQuery } from '../lists/image-search.js';
import type { PagePlace } from '../lists/page.js';
import type { SpaceQuery } from '../lists/space-list.js';
import type { Image } from '../model/image.js';
import type { Space } from '../model/space.js';
import type { SpaceContext } from '../policy/space-look.js';
import type { Description } from './description-store.js';
import type { ListHistories } from './image-changes.js';

/** The images of a space, or a page of them, and where that lies in the list. */
export interface ImageList {
  readonly space: Space;
  readonly images: readonly DescribedImage[];
  readonly place: PagePlace;
}

/** The images whose removal from a space is held, or a page of them. */
export interface HeldList {
  readonly space: Space;
  readonly images: readonly HeldImage[];
  readonly place: PagePlace;
}

/** Spaces, or a page of them. */
export interface SpaceList {
  readonly spaces: readonly Space[];
  readonly place: PagePlace;
}

/** Images of all spaces, or a page of them. */
export interface FoundImages {
  readonly images: readonly FoundImage[];
  readonly place: PagePlace;
}

/** The index as readers see it; each answer is true of one moment. */
export interface ImageCatalogue extends ListHistories {
  /** Returns null for a user without a space. */
  space(user: string): Promise<Space | null>;
  /** Returns the configured spaces of these users, in any order. */
  spacesOf(users: readonly string[]): Promise<readonly Space[]>;
  /** Lists all configured spaces by user, or those that match a query. */
  listSpaces(query?: SpaceQuery): Promise<SpaceList>;
  /** Returns what decides how these spaces are looked at besides their own rows, and perhaps that of others. */
  spaceContext(spaces: readonly Pick<Space, 'user' | 'url'>[]): Promise<SpaceContext>;
  /**
   * Returns the space and its images at the same revision; null for a user without a space. A whole list of more than
   * `atMost` images comes without them: `place.total` says how many there are. `stamp` is one of `Changes` since the
   * request arrived, if the caller has one: what was kept under it is recent enough.
   */
  images(user: string, query: ImageQuery, atMost?: number, stamp?: number): Promise<ImageList | null>;
  /** Returns null for an image that is unknown, missing, or in another user's space. */
  image(user: string, id: number): Promise<Image | null>;
  /** Returns all that is known of what an image is; null as for `image`. */
  description(user: string, id: number): Promise<Description | null>;
  /**
   * Lists what a held removal would remove; null for a user without a space. Rejects with OvadexError `usage` if that
   * would take too long.
   */
  held(user: string, query: HeldQuery): Promise<HeldList | null>;
  /** Lists images of all configured spaces. Rejects with OvadexError `usage` if too many would have to be checked. */
  search(query: SearchQuery): Promise<FoundImages>;
}

/** Tells whether what was read from the index can still be true. */
export interface Changes {
  /**
   * Returns a stamp: while it stays the same, no process has written what lists of images or the examination of a token
   * are made of, so all of that which was read since it was first seen is still true. It is that of the moment of the
   * call, or of the moment at which a batch of requests began to be answered, all of which had come before; with an index
   * that several hosts write, it may lag 250 ms behind a commit. Takes a microsecond at most, so it returns no promise.
   */
  current(): number;
}

/** A whole list at one revision, read in pieces while others write; its opener has to close it. */
export interface ImageSnapshot {
  readonly space: Space;
  /** Returns the next images, at most `limit`; none at the end. */
  next(limit: number): Promise<readonly DescribedImage[]>;
  close(): void;
}

/** Reads lists that are too long to be read at once. */
export interface ImageSnapshots {
  /** Returns null for a user without a space. Rejects with OvadexError `unavailable` if too many are open already. */
  open(user: string, query: ImageQuery): Promise<ImageSnapshot | null>;
}
