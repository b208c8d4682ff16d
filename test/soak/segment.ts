import { parentOf, type ResourcePath } from '../../src/domain/path.js';
import type { ClaimedSync } from '../../src/domain/ports.js';
import type { KnownCollection } from '../../src/domain/reconcile.js';
import type { Sync } from '../../src/domain/sync.js';
import type { Shown } from './reader.js';
import type { Storage } from './storage.js';
import type { Evidence, Said } from './witness.js';

/** The index at one moment. */
export interface Snapshot extends Shown {
  readonly known: ReadonlyMap<string, KnownCollection>;
}

/** One run of a sync, from its claim to its end or its process's, and all that is known of it. */
export interface Segment {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly claimed: ClaimedSync;
  /** As it stands afterwards. */
  readonly sync: Sync;
  readonly ending: 'ran' | 'killed' | 'stolen';
  readonly evidence: Evidence;
  readonly storage: Storage;
  /** Of the storage, when it began. */
  readonly versionBefore: number;
  /** Nothing but the faults of answers can have been in the way. */
  readonly isUndisturbed: boolean;
  /** Of the storage when the sync was claimed first, and whether anything doubtful was said since. */
  readonly syncBegan: { readonly version: number; readonly isAllTrue: boolean };
}

export const parent = (path: string): string => parentOf(path as ResourcePath);

/** The path itself and every collection above it, the root not included. */
export function lineage(path: string): string[] {
  const line: string[] = [];
  for (let each = path; each !== ''; each = parent(each)) line.push(each);
  return line;
}

export function isWithin(path: string, collection: string): boolean {
  return collection === '' || path === collection || path.startsWith(`${collection}/`);
}

export function isChangedMeanwhile({ storage, versionBefore }: Segment): boolean {
  return storage.version !== versionBefore;
}

/** Images that were shown before and aren't any more. */
export function removedIn({ before, after }: Segment): string[] {
  return [...before.images.keys()].filter((path) => !after.images.has(path));
}

/**
 * Whether a listing that shows only the collection itself may be believed: the
 * collection held nothing, its marker has moved, or an earlier sync saw it so, too.
 */
export function isEmptinessBelievable(segment: Segment, listing: Said): boolean {
  if (listing.shown === null || listing.shown.members.length > 0) return true;
  const known = segment.before.known.get(listing.path);
  if (known === undefined) return true;
  const heldSomething = known.children.length > 0 || [...known.images].some((image) => !image.isMissing);
  // What moved meanwhile may have been seen at several moments.
  if (!heldSomething || isChangedMeanwhile(segment)) return true;
  const { etag, modifiedAt } = listing.shown.marker;
  const marker = etag === null ? `date:${Math.floor(modifiedAt / 1_000) * 1_000}` : `etag:${etag}`;
  if (known.marker !== null && known.marker !== marker) return true;
  const { id, mode } = segment.claimed.sync;
  return mode !== 'hint' && known.emptyInSync !== null && known.emptyInSync !== id;
}

/** The collections of which this run must not believe yet that they are empty. */
export function suspiciousCollections(segment: Segment): string[] {
  const { evidence, before, claimed } = segment;
  const seenNow = [...evidence.listed()].filter((collection) => {
    const listing = evidence.completeListing(collection);
    return listing !== null && !isEmptinessBelievable(segment, listing);
  });
  // A resumed sync doesn't ask again.
  const seenBefore = [...before.known.values()].filter(
    ({ emptyInSync }) => claimed.isResumed && emptyInSync === claimed.sync.id,
  );
  return [...seenNow, ...seenBefore.map(({ path }) => path)];
}

/** Whether the storage said that this image is gone, in a manner that must be believed. */
export function isRemovalGrounded(segment: Segment, path: string): boolean {
  const { evidence, storage } = segment;
  const isDenied = (each: string, kind: 'image' | 'collection') =>
    evidence.denials(each, kind).some((listing) => isEmptinessBelievable(segment, listing));
  if (isDenied(path, 'image')) return true;
  return lineage(parent(path)).some(
    (collection) =>
      isDenied(collection, 'collection') && (evidence.isDisowned(collection) || storage.isExcluded(collection)),
  );
}
