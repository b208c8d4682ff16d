import { type ImageResource, nameKey } from '../model/image.js';
import type { ListedCollection, Listing } from '../model/listing.js';
import type { KnownChild } from '../model/markers.js';
import { isWithin, type ResourcePath, ROOT } from '../model/path.js';
import type { ComparedImages } from './compare-images.js';
import { type Emptying, isBackDated, judgeEmptying } from './emptying.js';
import type { KnownImage } from './known-images.js';

/** What the index holds of one collection; its images come by themselves, see `readKnownPages`. */
export interface KnownCollection {
  readonly path: ResourcePath;
  /** Marker of its last complete listing; null before that and where there is none. */
  readonly marker: string | null;
  /** That marker may be compared with a later one: see `isSettled`. */
  readonly isSettled: boolean;
  /** All that was below it when it had that marker was listed and committed. */
  readonly isProven: boolean;
  /** As in `Listing`, both, of the last one that was believed; null before that. */
  readonly modifiedAt: number | null;
  readonly listedAt: number | null;
  /** The sync in which it first showed nothing of what it held then, which was marked as absent; null: nothing of the kind. */
  readonly emptyInSync: number | null;
  /** Its date contradicts that: see `judgeEmptying`. Without `emptyInSync`: it was believed all the same. */
  readonly isContradicted: boolean;
  /** The last sync that committed a complete listing of it, or null. */
  readonly listedInSync: number | null;
  /** Where that sync goes on behind it; null: to all of `children`. */
  readonly toVisit: readonly ResourcePath[] | null;
  readonly children: readonly KnownChild[];
  /** Whether there is anything to compare its images with, tombstones included: a first crawl need not ask. */
  readonly holdsImages: boolean;
}

/** What a listing changes. Only a complete listing has any. */
export interface CollectionChanges {
  readonly collection: ResourcePath;
  /** As in `Listing`, all four. */
  readonly marker: string | null;
  readonly modifiedAt: number | null;
  readonly askedAt: number | null;
  readonly isSettled: boolean;
  /** Child collections that the listing shows. */
  readonly collections: readonly ListedCollection[];
  /** Images that are new or have returned. */
  readonly appeared: readonly ImageResource[];
  /** How many of them are new: no tombstone tells of them. */
  readonly newImages: number;
  /** Shown images whose size or content differ from what is known. */
  readonly altered: readonly { readonly id: number; readonly image: ImageResource }[];
  /** Shown images that a complete listing no longer has. */
  readonly disappeared: readonly KnownImage[];
  /** The same where an entry that can be no member may stand for one of them: a full sync later proves it. */
  readonly doubted: readonly KnownImage[];
  /** Shown images of which the listing has no more than a name: they stay as they are. */
  readonly guarded: readonly ResourcePath[];
  /** Something of what the collection held is still shown. */
  readonly isPartlyLeft: boolean;
  /** Shown images that are marked absent by a held removal but are there after all. */
  readonly reconfirmed: readonly number[];
  /** How many of those are the very same: another file may have taken the name of one that is away. */
  readonly backAsBefore: number;
  /** Shown images that have become settled (`isImageSettled`) and are the same otherwise. */
  readonly settled: readonly number[];
  /** Those of `appeared` and `altered` that may still be written to. Mostly empty. */
  readonly unsettled: ReadonlySet<ResourcePath>;
  /** Known child collections that the listing no longer has; gone only if a probe agrees. */
  readonly vanished: readonly VanishedChild[];
  /**
   * What to make of it that nothing is left of all that the collection held; null where something is, or nothing was.
   * What would be removed is held unless it is `believed`.
   */
  readonly emptying: Emptying | null;
  /** It is believed to be empty though its date doesn't say so: whatever its marker, the next sync looks again. */
  readonly isDoubtful: boolean;
}

export interface VanishedChild {
  readonly child: KnownChild;
  /** A collection that the listing shows under a name that differs in case or normal form alone. */
  readonly respelled: { readonly path: ResourcePath; readonly isKnown: boolean } | null;
}

/** The sync that reconciles. */
export interface ReconcilingSync {
  readonly id: number;
  /** A hint may follow the first look within a second: it gives no second opinion. */
  readonly isHint: boolean;
  /** It looks at everything. */
  readonly isFull: boolean;
  /** Markers of its space were seen to move with names. */
  readonly doDatesMove: boolean;
  /** An administrator let the removals through that were held: those that are marked as absent, and no others. */
  readonly isAccepted: boolean;
  /** What the configuration leaves out goes without a doubt. */
  readonly isExcluded: (path: ResourcePath) => boolean;
}

/** Says what a complete listing changes; `images` is its comparison with the known ones. A failed one gives null: no change. */
export function reconcile(
  listing: Listing,
  known: KnownCollection,
  images: ComparedImages,
  sync: ReconcilingSync,
): CollectionChanges | null {
  if (!listing.verdict.complete) return null;
  const { collection, marker, modifiedAt, askedAt, collections } = listing;
  const { emptying, isByDate } = judgeLoss(listing, known, images, sync);
  const wasDoubtful = known.isContradicted && known.emptyInSync === null;
  const isDoubtful = emptying === 'believed' ? !isByDate : wasDoubtful && listing.memberCount === 0;
  const { appeared, newImages, altered, reconfirmed, backAsBefore, settled, unsettled } = images;
  const base = {
    collection,
    marker,
    modifiedAt,
    askedAt,
    collections,
    appeared,
    newImages,
    altered,
    settled,
    unsettled,
    reconfirmed,
    backAsBefore,
    emptying,
    isDoubtful,
  };
  const isGuarded = (path: ResourcePath) => listing.guarded.some((guarded) => isWithin(path, guarded.path));
  const gone = images.disappeared.filter(({ path }) => !isGuarded(path));
  const isProven = (image: KnownImage) =>
    listing.misfits.length === 0 ||
    (sync.isAccepted && image.absentInSync !== null) ||
    sync.isExcluded(image.path) ||
    (sync.isFull && isMarkedInFull(image, sync));
  return {
    ...base,
    // A file that is being written to grows without moving the marker: the next sync looks again.
    isSettled: listing.isSettled && images.areSettled && (emptying === null || emptying === 'believed') && !isDoubtful,
    disappeared: gone.filter(isProven),
    doubted: gone.filter((image) => !isProven(image)),
    guarded: images.disappeared.filter(({ path }) => isGuarded(path)).map(({ path }) => path),
    isPartlyLeft: isPartlyLeft(listing, known, images),
    vanished: vanishedChildren(listing, known).filter(({ child }) => !isGuarded(child.path)),
  };
}

/** An earlier full sync found it absent, too. */
function isMarkedInFull({ absentInFull }: KnownImage, sync: Pick<ReconcilingSync, 'id'>): boolean {
  return absentInFull !== null && absentInFull !== sync.id;
}

function vanishedChildren(listing: Listing, known: KnownCollection): readonly VanishedChild[] {
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

/** An image may be shown as a collection now, whose name it has. */
function isPartlyLeft({ collections }: Listing, { children }: KnownCollection, images: ComparedImages): boolean {
  if (images.disappeared.length < images.shown) return true;
  const listed = new Set(collections.map(({ path }) => path));
  return [...children, ...images.disappeared].some(({ path }) => listed.has(path));
}

interface Loss {
  /** null unless the collection held something of which nothing is left. */
  readonly emptying: Emptying | null;
  /** Its date says so, and not only who accepts it or a second look. */
  readonly isByDate: boolean;
}

const NO_LOSS: Loss = { emptying: null, isByDate: false };

function judgeLoss(listing: Listing, known: KnownCollection, images: ComparedImages, sync: ReconcilingSync): Loss {
  // Once it is emptied only what it held then can say that it is back: a new file in the place of a disk can't.
  const isEmptied = known.emptyInSync !== null;
  const isMeant = ({ path, absentInSync }: KnownImage | KnownChild, isInDoubt: boolean) =>
    (isEmptied ? absentInSync !== null : !isInDoubt) && !sync.isExcluded(path);
  // What was in doubt when an emptying was judged and found good is not judged again. Of images that is told from a hold
  // of something above by the entries that put them in doubt.
  const hasMisfits = listing.misfits.length > 0;
  const children = known.children.filter((child) => isMeant(child, child.absentInSync !== null));
  const lost = images.disappeared.filter((image) => isMeant(image, hasMisfits && image.absentInSync !== null));
  const isLeft = isEmptied ? images.backAsBefore > 0 : images.disappeared.length < images.shown;
  if (lost.length + children.length === 0) return NO_LOSS;
  // What the configuration leaves out from now on may well be what is left.
  const leftOut = [...images.disappeared, ...known.children].some(({ path }) => sync.isExcluded(path));
  if (leftOut && listing.memberCount > 0) return NO_LOSS;
  // A mere name may stand for what a collection held when it is missed for the first time; it doesn't say that it is back.
  const isNamed = !isEmptied && listing.guarded.length > 0;
  if (isLeft || isNamed || hasOneOf(listing, children, isEmptied)) {
    // A deletion moves no date back, whatever the mount point and its disk have in common.
    const isOlder =
      !isEmptied && !sync.isAccepted && isBackDated(known, listing.modifiedAt) && isLosing(listing, lost, children);
    return isOlder ? { emptying: 'contradicted', isByDate: false } : NO_LOSS;
  }
  const emptying = judgeEmptying(
    { ...known, isContradicted: known.isContradicted && isEmptied },
    {
      modifiedAt: listing.modifiedAt,
      marker: listing.marker,
      isRoot: listing.collection === ROOT,
      hasMembers: listing.memberCount > 0,
      doDatesMove: sync.doDatesMove,
    },
  );
  const isSecondLook = !sync.isHint && known.emptyInSync !== null && known.emptyInSync !== sync.id;
  const isBelieved = (sync.isAccepted && isEmptied) || (emptying === 'unsure' && isSecondLook);
  return { emptying: isBelieved ? 'believed' : emptying, isByDate: emptying === 'believed' };
}

/** Whether any of these is gone, and not merely shown as no more than a name or in another spelling. */
function isLosing(
  { collections, guarded }: Listing,
  lost: readonly KnownImage[],
  children: readonly KnownChild[],
): boolean {
  const keys = new Set([...collections, ...guarded].map(({ path }) => nameKey(path)));
  return [...lost, ...children].some(({ path }) => !keys.has(nameKey(path)));
}

/**
 * Whether the listing shows one of these, in this or another spelling. `asBefore`: with the marker that it had, as far as that is
 * known, since whoever misses a folder at a bare mount point makes one.
 */
function hasOneOf({ collections }: Listing, children: readonly KnownChild[], asBefore: boolean): boolean {
  const markers = new Map(collections.map(({ path, marker }) => [nameKey(path), marker]));
  return children.some(({ path, marker }) => {
    const shown = markers.get(nameKey(path));
    return shown !== undefined && (!asBefore || shown === null || marker === null || shown === marker);
  });
}
