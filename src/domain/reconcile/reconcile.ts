import { type ImageResource, nameKey } from '../model/image.js';
import type { ListedCollection, Listing, Sibling } from '../model/listing.js';
import type { KnownChild } from '../model/markers.js';
import type { ResourcePath } from '../model/path.js';
import type { ComparedImages } from './compare-images.js';
import type { Emptying } from './emptying.js';
import type { KnownCollection } from './known-collection.js';
import type { KnownImage } from './known-images.js';
import { type JudgingSync, judgeLoss } from './loss.js';

/** What a listing changes. Only a complete listing has any changes. */
export interface CollectionChanges {
  readonly collection: ResourcePath;
  /** The collection's own marker, as in `Listing`, like the next four members. */
  readonly marker: string | null;
  readonly modifiedAt: number | null;
  readonly askedAt: number | null;
  readonly isSettled: boolean;
  /** It is known as a mount from now on. Only its parent's listing tells that it is none any more. */
  readonly isMount: boolean;
  /** Child collections that the listing shows. */
  readonly collections: readonly ListedCollection[];
  /**
   * As in `Listing`: what is known of the files beside its images is replaced by them, and forgotten if they are null,
   * unless the removals of the commit are held.
   */
  readonly siblings: readonly Sibling[] | null;
  /** Images that are new or have returned. */
  readonly appeared: readonly ImageResource[];
  /** How many of them are new, so that there is no tombstone of them. */
  readonly newImages: number;
  /** Shown images whose size or content differ from what is known. */
  readonly altered: readonly { readonly id: number; readonly image: ImageResource }[];
  /** Shown images that a complete listing no longer has. */
  readonly disappeared: readonly KnownImage[];
  /**
   * Shown images that the listing no longer has, while an entry that can't be a member may stand for one of them, which
   * a later full sync disproves; or which were held with others that are back now, until the next sync agrees.
   */
  readonly doubted: readonly KnownImage[];
  /** Shown images of which the listing has only the name: they stay as they are. */
  readonly guarded: readonly ResourcePath[];
  /** Some of what the collection contained is still shown, though `emptying` is not null. */
  readonly isPartlyLeft: boolean;
  /**
   * Shown images whose mark as absent no longer counts: they exist after all, or are missed anew in the very listing that
   * ends the hold.
   */
  readonly reconfirmed: readonly number[];
  /** As in `ComparedImages`. */
  readonly backSince: number | null;
  /** Shown images that have become settled (`isImageSettled`) and are otherwise unchanged. */
  readonly settled: readonly number[];
  /** Those of `appeared` and `altered` that are not settled yet. Mostly empty. */
  readonly unsettled: ReadonlySet<ResourcePath>;
  /** Known child collections that the listing no longer has; gone only if a probe agrees. */
  readonly vanished: readonly VanishedChild[];
  /** Those of them whose mark as absent no longer counts, as the hold that noted it ends. */
  readonly rejudged: readonly ResourcePath[];
  /** `emptying` is judged for the sake of what an earlier sync missed. */
  readonly isHeldOn: boolean;
  /** A hold by a date ends: what the collection contained is back, and its date is that of what is shown now. */
  readonly isHoldOver: boolean;
  /**
   * What to make of it if nothing is left of everything that the collection contained; null if something is, or nothing
   * was. What would be removed is held unless it is `believed`.
   */
  readonly emptying: Emptying | null;
  /** The collection is believed to be empty though its date doesn't say so: whatever its marker, the next sync lists it again. */
  readonly isDoubtful: boolean;
}

export interface VanishedChild {
  readonly child: KnownChild;
  /** A collection that the listing shows under a name that differs only in case or Unicode normalisation. */
  readonly respelled: { readonly path: ResourcePath; readonly isKnown: boolean } | null;
  /** It was held with others that are back now: whatever it answers, its removal waits for the next sync. */
  readonly isRejudged: boolean;
}

/** The sync that reconciles. */
export interface ReconcilingSync extends JudgingSync {
  /** The sync lists every collection. */
  readonly isFull: boolean;
}

/** Returns what a complete listing changes; `images` is its comparison with the known ones. A failed one changes nothing: null. */
export function reconcile(
  listing: Listing,
  known: KnownCollection,
  images: ComparedImages,
  sync: ReconcilingSync,
): CollectionChanges | null {
  if (!listing.verdict.complete) return null;
  const { collection, marker, modifiedAt, askedAt, collections, siblings } = listing;
  const { emptying, isByDate, isOver, isHeldOn } = judgeLoss(listing, known, images, sync);
  const wasDoubtful = known.isContradicted && known.emptyInSync === null;
  const isDoubtful = emptying === 'believed' ? !isByDate : wasDoubtful && listing.memberCount === 0;
  // A storage may answer so for every one of a hundred thousand images.
  const guarded = new Set(listing.guarded.map(({ path }) => path));
  const gone = images.disappeared.filter(({ path }) => !guarded.has(path));
  // The looks at a bare mount point tell nothing of what is still missing once its disk is back.
  const isRejudged = (each: KnownImage | KnownChild) =>
    isOver && each.absentInSync !== null && !sync.isExcluded(each.path);
  const isProven = (image: KnownImage) =>
    !isRejudged(image) &&
    (listing.misfits.length === 0 ||
      (sync.isAccepted && image.absentInSync !== null) ||
      sync.isExcluded(image.path) ||
      (sync.isFull && isMarkedInFull(image, sync)));
  const vanished = vanishedChildren(listing, known)
    .filter(({ child }) => !guarded.has(child.path))
    .map((each) => ({ ...each, isRejudged: each.respelled === null && isRejudged(each.child) }));
  return {
    collection,
    marker,
    modifiedAt,
    askedAt,
    collections,
    siblings,
    appeared: images.appeared,
    newImages: images.newImages,
    altered: images.altered,
    settled: images.settled,
    unsettled: images.unsettled,
    reconfirmed: [...images.reconfirmed, ...gone.filter(isRejudged).map(({ id }) => id)],
    backSince: images.backSince,
    emptying,
    isDoubtful,
    // A file that is being written grows without moving the marker, so the next sync lists this again.
    isSettled: listing.isSettled && images.areSettled && (emptying === null || emptying === 'believed') && !isDoubtful,
    isMount: listing.isMount,
    disappeared: gone.filter(isProven),
    doubted: gone.filter((image) => !isProven(image)),
    guarded: images.disappeared.filter(({ path }) => guarded.has(path)).map(({ path }) => path),
    isHeldOn,
    isHoldOver: isOver,
    isPartlyLeft: emptying !== null && isPartlyLeft(listing, known, images),
    vanished,
    rejudged: vanished.flatMap(({ child, isRejudged }) => (isRejudged ? child.path : [])),
  };
}

/** Whether the listing shows other images than the index, or fewer folders. */
export function isChange(changes: CollectionChanges): boolean {
  const { appeared, altered, disappeared, doubted, vanished } = changes;
  return appeared.length + altered.length + disappeared.length + doubted.length + vanished.length > 0;
}

/** Whether an earlier full sync also found it absent. */
function isMarkedInFull({ absentInFull }: KnownImage, sync: Pick<ReconcilingSync, 'id'>): boolean {
  return absentInFull !== null && absentInFull !== sync.id;
}

function vanishedChildren(listing: Listing, known: KnownCollection): readonly Omit<VanishedChild, 'isRejudged'>[] {
  if (known.children.length === 0) return [];
  const listed = new Set(listing.collections.map(({ path }) => path));
  const vanished = known.children.filter(({ path }) => !listed.has(path));
  if (vanished.length === 0) return [];
  const isKnown = new Set(known.children.map(({ path }) => path));
  const byKey = new Map(listing.collections.map(({ path }) => [nameKey(path), path]));
  return vanished.map((child) => {
    const path = byKey.get(nameKey(child.path));
    return { child, respelled: path === undefined ? null : { path, isKnown: isKnown.has(path) } };
  });
}

/** Whether some of it is left; an image may now be shown as a collection of the same name. */
function isPartlyLeft({ collections }: Listing, { children }: KnownCollection, images: ComparedImages): boolean {
  if (images.disappeared.length < images.shown) return true;
  const listed = new Set(collections.map(({ path }) => path));
  return [...children, ...images.disappeared].some(({ path }) => listed.has(path));
}
