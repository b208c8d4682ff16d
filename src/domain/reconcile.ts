import { doesStandStill, type Emptying, judgeEmptying } from './emptied.js';
import { type ImageResource, nameKey } from './image.js';
import type { ListedCollection, Listing } from './listing.js';
import type { KnownChild } from './markers.js';
import { isWithin, type ResourcePath, ROOT } from './path.js';
import { isImageSettled } from './settled.js';

/** What the index holds of one image when its collection is reconciled. */
export interface KnownImage extends ImageResource {
  readonly id: number;
  /** A tombstone: it went missing and is not shown. */
  readonly isMissing: boolean;
  /** The sync that first found it absent while its removal was held, or null. */
  readonly absentInSync: number | null;
  /** The same, of full syncs alone. */
  readonly absentInFull: number | null;
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
  /** As in `Listing`, both, of the last one that was believed; null before that. */
  readonly modifiedAt: number | null;
  readonly listedAt: number | null;
  /** The sync in which it first showed nothing of what it held then, which was marked as absent; null: nothing of the kind. */
  readonly emptyInSync: number | null;
  /** Its date contradicts that: see `judgeEmptying`. */
  readonly isContradicted: boolean;
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
  /** Shown images that are marked absent by a held removal but are there after all. */
  readonly reconfirmed: readonly number[];
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
  /** An administrator let removals through. */
  readonly isAccepted: boolean;
  /** What the configuration leaves out goes without a doubt. */
  readonly isExcluded: (path: ResourcePath) => boolean;
}

/** Compares a complete listing with what is known; a failed one gives null: no change. */
export function reconcile(listing: Listing, known: KnownCollection, sync: ReconcilingSync): CollectionChanges | null {
  if (!listing.verdict.complete) return null;
  const { collection, marker, modifiedAt, askedAt, collections } = listing;
  const images = compareImages(listing.images, known.images, askedAt);
  const emptying = judgeLoss(listing, known, images, sync);
  const { appeared, newImages, altered, reconfirmed, settled, unsettled } = images;
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
    emptying,
  };
  const isGuarded = (path: ResourcePath) => listing.guarded.some((guarded) => isWithin(path, guarded.path));
  const gone = images.disappeared.filter(({ path }) => !isGuarded(path));
  const isProven = (image: KnownImage) =>
    listing.misfits.length === 0 ||
    sync.isAccepted ||
    sync.isExcluded(image.path) ||
    (sync.isFull && isMarkedInFull(image, sync));
  return {
    ...base,
    // A file that is being written to grows without moving the marker: the next sync looks again.
    isSettled: listing.isSettled && images.areSettled && (emptying === null || emptying === 'believed'),
    disappeared: gone.filter(isProven),
    doubted: gone.filter((image) => !isProven(image)),
    vanished: vanishedChildren(listing, known).filter(({ child }) => !isGuarded(child.path)),
  };
}

/** An earlier full sync found it absent, too. */
function isMarkedInFull({ absentInFull }: KnownImage | KnownChild, sync: Pick<ReconcilingSync, 'id'>): boolean {
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

/** null unless the collection held something of which nothing is left. */
function judgeLoss(
  listing: Listing,
  known: KnownCollection,
  images: ComparedImages,
  sync: ReconcilingSync,
): Emptying | null {
  // Once it is emptied only what it held then can say that it is back: a new file in the place of a disk can't. What was
  // marked without that was in doubt, or too much to believe, when the emptying was judged and found good.
  const isEmptied = known.emptyInSync !== null;
  const isMeant = ({ path, absentInSync }: KnownImage | KnownChild) =>
    (absentInSync !== null) === isEmptied && !sync.isExcluded(path);
  const children = known.children.filter(isMeant);
  const lost = images.disappeared.filter(isMeant);
  const isLeft = isEmptied ? images.backAsBefore > 0 : images.disappeared.length < images.shown;
  if (isLeft || lost.length + children.length === 0 || hasOneOf(listing, children)) return null;
  if (sync.isAccepted) return 'believed';
  const emptying = judgeEmptying(known, {
    modifiedAt: listing.modifiedAt,
    marker: listing.marker,
    isRoot: listing.collection === ROOT,
    hasMembers: listing.memberCount > 0,
    doDatesMove: sync.doDatesMove,
  });
  // rclone before 1.65 never moves the date of a folder: an unmounted disk looks there like a deletion for as long as it is away.
  const isSecondLook = doesStandStill(known, listing)
    ? sync.isFull && [...lost, ...children].every((each) => isMarkedInFull(each, sync))
    : !sync.isHint && known.emptyInSync !== null && known.emptyInSync !== sync.id;
  return emptying === 'unsure' && isSecondLook ? 'believed' : emptying;
}

/** Whether the listing shows one of these, in this or another spelling, or something of which it shows no more than the name. */
function hasOneOf({ collections, guarded }: Listing, children: readonly KnownChild[]): boolean {
  if (guarded.length > 0) return true;
  const keys = new Set(collections.map(({ path }) => nameKey(path)));
  return children.some(({ path }) => keys.has(nameKey(path)));
}

interface ComparedImages {
  /** Shown images that were known. */
  readonly shown: number;
  readonly appeared: readonly ImageResource[];
  readonly newImages: number;
  readonly altered: readonly { readonly id: number; readonly image: ImageResource }[];
  readonly disappeared: readonly KnownImage[];
  readonly reconfirmed: readonly number[];
  /** How many of those are the very same: another file may have taken the name of one that is away. */
  readonly backAsBefore: number;
  readonly settled: readonly number[];
  readonly unsettled: ReadonlySet<ResourcePath>;
  /** None of those listed may still be written to. */
  readonly areSettled: boolean;
}

/** One pass over each side; of what is known only the images that are gone stay in memory. */
function compareImages(
  listed: readonly ImageResource[],
  known: Iterable<KnownImage>,
  askedAt: number | null,
): ComparedImages {
  const placeOf = new Map<ResourcePath, number>();
  const isShown = new Uint8Array(listed.length);
  for (const [place, { path }] of listed.entries()) {
    if (placeOf.has(path))
      isShown[place] = 1; // Zimbra and Davmail list a member twice
    else placeOf.set(path, place);
  }

  let shown = 0;
  let returned = 0;
  let backAsBefore = 0;
  const altered: { id: number; image: ImageResource }[] = [];
  const disappeared: KnownImage[] = [];
  const reconfirmed: number[] = [];
  const settled: number[] = [];
  const unsettled = new Set<ResourcePath>();
  let areSettled = true;
  for (const before of known) {
    const place = placeOf.get(before.path);
    if (before.isMissing) {
      if (place !== undefined) returned += 1;
      continue;
    }
    shown += 1;
    const image = place === undefined ? undefined : listed[place];
    if (place === undefined || image === undefined) {
      disappeared.push(before);
      continue;
    }
    isShown[place] = 1;
    const hasChanged = isAltered(before, image);
    if (hasChanged) altered.push({ id: before.id, image });
    if (before.absentInSync !== null) {
      reconfirmed.push(before.id);
      if (!hasChanged) backAsBefore += 1;
    }
    if (!isImageSettled(image, askedAt, before, hasChanged)) {
      areSettled = false;
      if (hasChanged) unsettled.add(image.path);
    } else if (!before.isSettled && !hasChanged) settled.push(before.id);
  }
  const appeared = listed.filter((_, place) => isShown[place] === 0);
  for (const image of appeared) if (!isImageSettled(image, askedAt, null, false)) unsettled.add(image.path);
  areSettled &&= unsettled.size === 0;
  const newImages = appeared.length - returned;
  return {
    shown,
    appeared,
    newImages,
    altered,
    disappeared,
    reconfirmed,
    backAsBefore,
    settled,
    unsettled,
    areSettled,
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
