import { type ImageResource, nameKey } from '../model/image.js';
import type { ListedCollection, Listing, Sibling } from '../model/listing.js';
import type { KnownChild } from '../model/markers.js';
import { isWithin, type ResourcePath, ROOT } from '../model/path.js';
import type { ComparedImages } from './compare-images.js';
import { type Emptying, isBackDated, judgeEmptying } from './emptying.js';
import type { KnownCollection } from './known-collection.js';
import type { KnownImage } from './known-images.js';

/** What a listing changes. Only a complete listing has any changes. */
export interface CollectionChanges {
  readonly collection: ResourcePath;
  /** The collection's own marker, as in `Listing`, like the next three members. */
  readonly marker: string | null;
  readonly modifiedAt: number | null;
  readonly askedAt: number | null;
  readonly isSettled: boolean;
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
   * Shown images that the listing no longer has, while an entry that can't be a member may stand for one of them: a
   * later full sync proves it.
   */
  readonly doubted: readonly KnownImage[];
  /** Shown images of which the listing has only the name: they stay as they are. */
  readonly guarded: readonly ResourcePath[];
  /** Some of what the collection contained is still shown, though `emptying` is not null. */
  readonly isPartlyLeft: boolean;
  /** Shown images that a held removal marks as absent but that exist after all. */
  readonly reconfirmed: readonly number[];
  /** How many of `reconfirmed` are unchanged: another file may have taken the name of one that is away. */
  readonly backAsBefore: number;
  /** Shown images that have become settled (`isImageSettled`) and are otherwise unchanged. */
  readonly settled: readonly number[];
  /** Those of `appeared` and `altered` that are not settled yet. Mostly empty. */
  readonly unsettled: ReadonlySet<ResourcePath>;
  /** Known child collections that the listing no longer has; gone only if a probe agrees. */
  readonly vanished: readonly VanishedChild[];
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
}

/** The sync that reconciles. */
export interface ReconcilingSync {
  readonly id: number;
  /** A hint may follow the first listing within a second, so it gives no second opinion. */
  readonly isHint: boolean;
  /** The sync lists every collection. */
  readonly isFull: boolean;
  /** Markers of its space were seen to move with names. */
  readonly doDatesMove: boolean;
  /** An administrator allowed the removals that were held: those that are marked as absent, and no others. */
  readonly isAccepted: boolean;
  /** Whether the configuration excludes a path: what it excludes is removed without a doubt. */
  readonly isExcluded: (path: ResourcePath) => boolean;
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
  const { emptying, isByDate } = judgeLoss(listing, known, images, sync);
  const wasDoubtful = known.isContradicted && known.emptyInSync === null;
  const isDoubtful = emptying === 'believed' ? !isByDate : wasDoubtful && listing.memberCount === 0;
  const isGuarded = (path: ResourcePath) => listing.guarded.some((guarded) => isWithin(path, guarded.path));
  const gone = images.disappeared.filter(({ path }) => !isGuarded(path));
  const isProven = (image: KnownImage) =>
    listing.misfits.length === 0 ||
    (sync.isAccepted && image.absentInSync !== null) ||
    sync.isExcluded(image.path) ||
    (sync.isFull && isMarkedInFull(image, sync));
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
    reconfirmed: images.reconfirmed,
    backAsBefore: images.backAsBefore,
    emptying,
    isDoubtful,
    // A file that is being written grows without moving the marker, so the next sync lists this again.
    isSettled: listing.isSettled && images.areSettled && (emptying === null || emptying === 'believed') && !isDoubtful,
    disappeared: gone.filter(isProven),
    doubted: gone.filter((image) => !isProven(image)),
    guarded: images.disappeared.filter(({ path }) => isGuarded(path)).map(({ path }) => path),
    isPartlyLeft: emptying !== null && isPartlyLeft(listing, known, images),
    vanished: vanishedChildren(listing, known).filter(({ child }) => !isGuarded(child.path)),
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

function vanishedChildren(listing: Listing, known: KnownCollection): readonly VanishedChild[] {
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

interface Loss {
  /** Null unless the collection contained something of which nothing is left. */
  readonly emptying: Emptying | null;
  /** Its date says so, and not just an administrator or a second listing. */
  readonly isByDate: boolean;
}

const NO_LOSS: Loss = { emptying: null, isByDate: false };

function judgeLoss(listing: Listing, known: KnownCollection, images: ComparedImages, sync: ReconcilingSync): Loss {
  // Once it is emptied, only what it contained then can show that it is back: a new file in the place of a disk can't.
  const isEmptied = known.emptyInSync !== null;
  // A search alone has shown what is in a folder that was never listed, and it is no witness of what was there.
  if (wasNeverListed(known) && !isEmptied && listing.collection !== ROOT) return NO_LOSS;
  const isBlankRoot = listing.collection === ROOT && listing.memberCount === 0;
  const isMeant = ({ path, absentInSync }: KnownImage | KnownChild, isInDoubt: boolean) =>
    (isEmptied ? absentInSync !== null : !isInDoubt || (isBlankRoot && !sync.isAccepted)) && !sync.isExcluded(path);
  // What was in doubt when an emptying was judged and believed is not judged again, but where a root shows nothing at
  // all: that proves no removal. For images, the entries that put them in doubt tell that from a hold of something above.
  const hasMisfits = listing.misfits.length > 0;
  const children = known.children.filter((child) => isMeant(child, child.absentInSync !== null));
  const lost = images.disappeared.filter((image) => isMeant(image, hasMisfits && image.absentInSync !== null));
  const isLeft = isEmptied ? images.backAsBefore > 0 : images.disappeared.length < images.shown;
  if (lost.length + children.length === 0) return NO_LOSS;
  // What the configuration now excludes may well be what is left.
  const leftOut = [...images.disappeared, ...known.children].some(({ path }) => sync.isExcluded(path));
  if (leftOut && listing.memberCount > 0) return NO_LOSS;
  // A mere name may stand for what a collection contained when it is first missed; it doesn't show that it is back.
  const isNamed = !isEmptied && listing.guarded.length > 0;
  const isOlder = isBackDated(known, listing.modifiedAt);
  const isOfJoined = isOlder && isLossOfJoined(listing, lost, children);
  // One that was in doubt and is shown is left, too.
  const isChildLeft = hasOneOf(listing, isEmptied ? children : known.children, isEmptied);
  if (isLeft || isNamed || isChildLeft) {
    // A deletion moves no date back, whatever the mount point and its disk have in common.
    const isBelied = !isEmptied && !sync.isAccepted && isOlder && !isOfJoined && isLosing(listing, lost, children);
    return isBelied ? { emptying: 'contradicted', isByDate: false } : NO_LOSS;
  }
  const emptying = judgeEmptying(
    { ...known, isContradicted: known.isContradicted && isEmptied },
    {
      modifiedAt: isOfJoined ? null : listing.modifiedAt,
      marker: listing.marker,
      isRoot: listing.collection === ROOT,
      hasMembers: listing.memberCount > 0,
      // Of those that it held none is shown as it was, or it would not have been emptied.
      hasNewImages: listing.images.length > 0,
      doDatesMove: sync.doDatesMove,
    },
  );
  const isSecondLook = !sync.isHint && known.emptyInSync !== null && known.emptyInSync !== sync.id;
  const isBelieved = (sync.isAccepted && isEmptied) || (emptying === 'unsure' && isSecondLook);
  return { emptying: isBelieved ? 'believed' : emptying, isByDate: emptying === 'believed' };
}

function wasNeverListed({ listedInSync, listedAt, modifiedAt, marker }: KnownCollection): boolean {
  return listedInSync === null && listedAt === null && modifiedAt === null && marker === null;
}

/** Whether all that is gone of these came from other storages: without them, a collection shows its own, older date. */
function isLossOfJoined(listing: Listing, lost: readonly KnownImage[], children: readonly KnownChild[]): boolean {
  const own = children.filter(({ isJoined }) => !isJoined);
  return isLosing(listing, lost, children) && !isLosing(listing, lost, own);
}

/** Whether any of these is gone, and not just shown only by name or in another spelling. */
function isLosing(
  { collections, guarded }: Listing,
  lost: readonly KnownImage[],
  children: readonly KnownChild[],
): boolean {
  const keys = new Set([...collections, ...guarded].map(({ path }) => nameKey(path)));
  return [...lost, ...children].some(({ path }) => !keys.has(nameKey(path)));
}

/**
 * Whether the listing shows one of these, in this or another spelling. `asBefore`: with the marker that it had, as far
 * as that is known, since people who miss a folder at a bare mount point create one.
 */
function hasOneOf({ collections }: Listing, children: readonly KnownChild[], asBefore: boolean): boolean {
  const markers = new Map(collections.map(({ path, marker }) => [nameKey(path), marker]));
  return children.some(({ path, marker }) => {
    const shown = markers.get(nameKey(path));
    return shown !== undefined && (!asBefore || shown === null || marker === null || shown === marker);
  });
}
