import type { ImageResource } from '../domain/model/image.js';
import { type GuardedMember, isSaidToBeGone, MOST_SIBLINGS, type Sibling } from '../domain/model/listing.js';
import { nameOf } from '../domain/model/path.js';
import { mayGrow } from '../domain/reconcile/settled.js';
import { parseModified, parseSize } from './multistatus/properties.js';
import type { MultistatusResponse } from './multistatus/response.js';
import { detached } from './multistatus/xml-text.js';

/** What else a collection shows, for the `.ovf` that may be in it. */
export interface FilesBeside {
  /** Takes a file that is not among the images. */
  add(response: MultistatusResponse, name: string): void;
  /**
   * Returns all files of a collection with an `.ovf`, as in `Listing`; `mayGrow` tells if one of those that are not
   * images may still be written to.
   */
  finish(
    images: readonly ImageResource[],
    guarded: readonly GuardedMember[],
    askedAt: number | null,
  ): { readonly siblings: readonly Sibling[] | null; readonly mayGrow: boolean };
}

interface Member {
  readonly name: string;
  readonly contentLength: string | null;
  readonly lastModified: string | null;
}

/**
 * Keeps the texts of the answer as they are until its end: only then is it known if there is an `.ovf`, and without one
 * nothing more is done with them.
 */
export function createFilesBeside(): FilesBeside {
  const members: Member[] = [];
  return {
    add({ contentLength, lastModified }, name) {
      if (members.length <= MOST_SIBLINGS) members.push({ name, contentLength, lastModified });
    },
    finish(images, guarded, askedAt) {
      let isGrowing = false;
      const sizes = new Map<string, number | null>();
      for (const member of guarded) if (!isSaidToBeGone(member)) sizes.set(nameOf(member.path), null);
      for (const { path, sizeBytes } of images) sizes.set(nameOf(path), sizeBytes);
      for (const { name, contentLength, lastModified } of members) {
        sizes.set(detached(name), parseSize(contentLength));
        // Most files have been there for long, and one that may grow is enough.
        isGrowing ||= mayGrow(parseModified(lastModified), askedAt);
      }
      if (sizes.size > MOST_SIBLINGS) return { siblings: null, mayGrow: isGrowing };
      const siblings: Sibling[] = [];
      for (const [name, sizeBytes] of sizes) siblings.push({ name, sizeBytes });
      return { siblings, mayGrow: isGrowing };
    },
  };
}
