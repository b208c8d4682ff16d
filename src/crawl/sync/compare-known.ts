import type { Listing } from '../../domain/model/listing.js';
import type { ImageIndex } from '../../domain/ports.js';
import { type ComparedImages, startComparison } from '../../domain/reconcile/compare-images.js';
import { knownPages } from '../../domain/reconcile/known-images.js';

/** Compares a listing's images with those that the index holds, page by page: a collection may hold very many. */
export async function compareKnown(
  index: Pick<ImageIndex, 'knownImages'>,
  spaceId: number,
  { collection, images, askedAt }: Listing,
): Promise<ComparedImages> {
  const comparison = startComparison(images, askedAt);
  const pages = knownPages((after) => index.knownImages(spaceId, collection, after));
  for await (const page of pages) comparison.add(page);
  return comparison.end();
}
