import type { ImageResource } from './image.js';
import type { ListedCollection, Listing } from './listing.js';
import { isWithin, type ResourcePath } from './path.js';

/** What the index holds of one image when its collection is reconciled. */
export interface KnownImage extends ImageResource {
  readonly id: number;
  /** A tombstone: it went missing and is not shown. */
  readonly isMissing: boolean;
  /** The sync that first found it absent while its removal was held, or null. */
  readonly absentInSync: number | null;
}

/** What the index holds directly inside one collection. */
export interface KnownCollection {
  readonly path: ResourcePath;
  /** Marker of its last complete listing; null before that and where there is none. */
  readonly marker: string | null;
  /** The sync in which it first showed only itself without its marker moving, or null. */
  readonly emptyInSync: number | null;
  /** The last sync that committed a complete listing of it, or null. */
  readonly listedInSync: number | null;
  /** Tombstones included. */
  readonly images: readonly KnownImage[];
  readonly collections: readonly ResourcePath[];
}

/** What a listing changes. Only a complete listing has any. */
export interface CollectionChanges {
  readonly collection: ResourcePath;
  readonly marker: string | null;
  /** Child collections that the listing shows. */
  readonly collections: readonly ListedCollection[];
  /** Images that are new or have returned. */
  readonly appeared: readonly ImageResource[];
  /** Shown images whose size or content differ from what is known. */
  readonly altered: readonly { readonly id: number; readonly image: ImageResource }[];
  /** Shown images that a complete listing no longer has. */
  readonly disappeared: readonly KnownImage[];
  /** Shown images that are marked absent by a held removal but are there after all. */
  readonly reconfirmed: readonly number[];
  /** Known child collections that the listing no longer has; gone only if a probe agrees. */
  readonly vanished: readonly ResourcePath[];
  /** It shows only itself though it held something and its marker stands still. Nothing is removed. */
  readonly isSuspicious: boolean;
}

/**
 * Compares a complete listing with what is known; a failed one gives null: no change.
 * `syncId` is the run that asks, since a suspicious emptiness is believed only
 * in a later sync than the one that first saw it.
 */
export function reconcile(listing: Listing, known: KnownCollection, syncId: number): CollectionChanges | null {
  if (!listing.verdict.complete) return null;

  const knownByPath = new Map(known.images.map((image) => [image.path, image]));
  const appeared: ImageResource[] = [];
  const altered: { id: number; image: ImageResource }[] = [];
  const reconfirmed: number[] = [];
  const listedPaths = new Set<ResourcePath>();

  for (const image of listing.images) {
    if (listedPaths.has(image.path)) continue; // Zimbra and Davmail list a member twice
    listedPaths.add(image.path);
    const before = knownByPath.get(image.path);
    if (before === undefined || before.isMissing) {
      appeared.push(image);
      continue;
    }
    if (isAltered(before, image)) altered.push({ id: before.id, image });
    if (before.absentInSync !== null) reconfirmed.push(before.id);
  }

  const base = {
    collection: listing.collection,
    marker: listing.marker,
    collections: listing.collections,
    appeared,
    altered,
    reconfirmed,
  };
  if (isSuspiciouslyEmpty(listing, known, syncId)) {
    return { ...base, disappeared: [], vanished: [], isSuspicious: true };
  }

  const isGuarded = (path: ResourcePath) => listing.guarded.some((guarded) => isWithin(path, guarded));
  const listedCollections = new Set(listing.collections.map((child) => child.path));
  return {
    ...base,
    disappeared: known.images.filter(
      (image) => !image.isMissing && !listedPaths.has(image.path) && !isGuarded(image.path),
    ),
    vanished: known.collections.filter((path) => !listedCollections.has(path) && !isGuarded(path)),
    isSuspicious: false,
  };
}

/**
 * Size and modification date decide. An ETag does only where there is no date:
 * several servers make a new one at every call or after a restart
 * (owncloud/core#15125), and each false change would cost every consumer its cache.
 */
function isAltered(before: KnownImage, now: ImageResource): boolean {
  if (before.sizeBytes !== now.sizeBytes || before.modifiedAt !== now.modifiedAt) return true;
  return now.modifiedAt === null && before.etag !== now.etag;
}

/**
 * rclone serve answers a directory that it may not read, and any server an
 * unmounted one, exactly like an empty directory. Believed at once only if the
 * collection's own marker moved; else at the second sync in a row.
 */
function isSuspiciouslyEmpty(listing: Listing, known: KnownCollection, syncId: number): boolean {
  if (listing.memberCount > 0) return false;
  const heldSomething = known.collections.length > 0 || known.images.some((image) => !image.isMissing);
  if (!heldSomething) return false;
  const hasMoved = listing.marker !== null && known.marker !== null && listing.marker !== known.marker;
  if (hasMoved) return false;
  return known.emptyInSync === null || known.emptyInSync === syncId;
}
