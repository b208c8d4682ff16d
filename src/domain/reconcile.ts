import type { ImageResource } from './image.js';
import type { ListedCollection, Listing } from './listing.js';
import type { KnownChild } from './markers.js';
import { isWithin, type ResourcePath } from './path.js';
import { isImageSettled } from './settled.js';

/** What the index holds of one image when its collection is reconciled. */
export interface KnownImage extends ImageResource {
  readonly id: number;
  /** A tombstone: it went missing and is not shown. */
  readonly isMissing: boolean;
  /** The sync that first found it absent while its removal was held, or null. */
  readonly absentInSync: number | null;
  /** Both as in `EarlierLook`. */
  readonly isSettled: boolean;
  readonly unchangedMs: number;
}

/** What the index holds directly inside one collection. */
export interface KnownCollection {
  readonly path: ResourcePath;
  /** Marker of its last complete listing; null before that and where there is none. */
  readonly marker: string | null;
  /** That marker may be compared with a later one: see `isSettled`. */
  readonly isSettled: boolean;
  /** All that was below it when it had that marker was listed and committed. */
  readonly isProven: boolean;
  /** The sync in which it first showed only itself without its marker moving, or null. */
  readonly emptyInSync: number | null;
  /** The last sync that committed a complete listing of it, or null. */
  readonly listedInSync: number | null;
  /** Where that sync goes on behind it; null: to all of `children`. */
  readonly toVisit: readonly ResourcePath[] | null;
  /** Tombstones included. Read while they are iterated: a collection may hold hundreds of thousands. */
  readonly images: Iterable<KnownImage>;
  readonly children: readonly KnownChild[];
}

/** What a listing changes. Only a complete listing has any. */
export interface CollectionChanges {
  readonly collection: ResourcePath;
  readonly marker: string | null;
  readonly isSettled: boolean;
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
  /** Shown images that have become settled (`isImageSettled`) and are the same otherwise. */
  readonly settled: readonly number[];
  /** Those of `appeared` and `altered` that may still be written to. Mostly empty. */
  readonly unsettled: ReadonlySet<ResourcePath>;
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
  const { collection, marker, collections } = listing;
  const isGuarded = (path: ResourcePath) => listing.guarded.some((guarded) => isWithin(path, guarded));
  const { areSettled, ...images } = compareImages(listing.images, known.images, listing.askedAt);
  // A file that is being written to grows without moving the marker: the next sync looks again.
  const isSettled = listing.isSettled && areSettled;
  const base = { collection, marker, isSettled, collections, ...images };
  if (isSuspiciouslyEmpty(listing, known, images.disappeared.length, syncId)) {
    return { ...base, isSettled: false, disappeared: [], vanished: [], isSuspicious: true };
  }
  const listed = new Set(collections.map((child) => child.path));
  return {
    ...base,
    disappeared: images.disappeared.filter(({ path }) => !isGuarded(path)),
    vanished: known.children.map(({ path }) => path).filter((path) => !listed.has(path) && !isGuarded(path)),
    isSuspicious: false,
  };
}

/** One pass over each side; of what is known only the images that are gone stay in memory. */
function compareImages(listed: readonly ImageResource[], known: Iterable<KnownImage>, askedAt: number | null) {
  const placeOf = new Map<ResourcePath, number>();
  const isShown = new Uint8Array(listed.length);
  for (const [place, { path }] of listed.entries()) {
    if (placeOf.has(path))
      isShown[place] = 1; // Zimbra and Davmail list a member twice
    else placeOf.set(path, place);
  }

  const altered: { id: number; image: ImageResource }[] = [];
  const disappeared: KnownImage[] = [];
  const reconfirmed: number[] = [];
  const settled: number[] = [];
  const unsettled = new Set<ResourcePath>();
  let areSettled = true;
  for (const before of known) {
    if (before.isMissing) continue;
    const place = placeOf.get(before.path);
    const image = place === undefined ? undefined : listed[place];
    if (place === undefined || image === undefined) {
      disappeared.push(before);
      continue;
    }
    isShown[place] = 1;
    const hasChanged = isAltered(before, image);
    if (hasChanged) altered.push({ id: before.id, image });
    if (before.absentInSync !== null) reconfirmed.push(before.id);
    if (!isImageSettled(image, askedAt, before, hasChanged)) {
      areSettled = false;
      if (hasChanged) unsettled.add(image.path);
    } else if (!before.isSettled && !hasChanged) settled.push(before.id);
  }
  const appeared = listed.filter((_, place) => isShown[place] === 0);
  for (const image of appeared) if (!isImageSettled(image, askedAt, null, false)) unsettled.add(image.path);
  areSettled &&= unsettled.size === 0;
  return { appeared, altered, disappeared, reconfirmed, settled, unsettled, areSettled };
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
function isSuspiciouslyEmpty(listing: Listing, known: KnownCollection, shownImages: number, syncId: number): boolean {
  if (listing.memberCount > 0) return false;
  if (known.children.length === 0 && shownImages === 0) return false;
  const hasMoved = listing.marker !== null && known.marker !== null && listing.marker !== known.marker;
  if (hasMoved) return false;
  return known.emptyInSync === null || known.emptyInSync === syncId;
}
