import type { Listing } from '../../src/domain/model/listing.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { ImageIndex } from '../../src/domain/ports/image-index.js';
import { startComparison } from '../../src/domain/reconcile/compare-images.js';
import type { KnownCollection } from '../../src/domain/reconcile/known-collection.js';
import { type KnownImage, readKnownPages } from '../../src/domain/reconcile/known-images.js';
import { type CollectionChanges, type ReconcilingSync, reconcile } from '../../src/domain/reconcile/reconcile.js';

/** What an index holds of a collection, with all of its images. */
export interface KnownWhole extends KnownCollection {
  readonly images: readonly KnownImage[];
}

export async function readWhole(
  index: Pick<ImageIndex, 'known' | 'knownImages'>,
  spaceId: number,
  collection: ResourcePath,
): Promise<KnownWhole> {
  const known = await index.known(spaceId, collection);
  const images: KnownImage[] = [];
  await readKnownPages(
    (after) => index.knownImages(spaceId, collection, after),
    (page) => void images.push(...page),
  );
  return { ...known, images };
}

/** Reconciles a listing with all of the known images at once. */
export function reconcileWhole(listing: Listing, known: KnownWhole, sync: ReconcilingSync): CollectionChanges | null {
  const comparison = startComparison(listing.images, listing.askedAt);
  comparison.add(known.images);
  return reconcile(listing, known, comparison.end(), sync);
}
