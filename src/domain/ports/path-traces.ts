import type { PathTrace } from '../diagnosis/why.js';
import type { ResourcePath } from '../model/path.js';

/** The most places that are named for a name: as many as a person reads through. */
export const NAMED_PLACES = 20;

/** What the index holds about places in a space, from which it is explained why an image is listed or not. */
export interface PathTraces {
  /** Returns what is known about one path. Rejects with OvadexError `index`. */
  trace(spaceId: number, path: ResourcePath): Promise<PathTrace>;
  /**
   * Returns where images of this name, in any case or Unicode form, are listed or were: listed ones first, in the order of
   * paths, then those gone, the latest first; at most `NAMED_PLACES`. Rejects with OvadexError `index`.
   */
  placesOf(spaceId: number, name: string): Promise<readonly ResourcePath[]>;
}
