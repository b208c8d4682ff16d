import { nameKey } from '../model/image.js';
import type { Listing } from '../model/listing.js';
import type { KnownChild } from '../model/markers.js';
import { type ResourcePath, ROOT } from '../model/path.js';
import type { ComparedImages } from './compare-images.js';
import { type Emptying, isBackDated, judgeEmptying } from './emptying.js';
import type { KnownCollection } from './known-collection.js';
import type { KnownImage } from './known-images.js';

/** The sync that judges. */
export interface JudgingSync {
  readonly id: number;
  /** A hint may follow the first listing within a second, so it gives no second opinion. */
  readonly isHint: boolean;
  /** Markers of its space were seen to move with names. */
  readonly doDatesMove: boolean;
  /** An administrator allowed the removals that were held: those that are marked as absent, and no others. */
  readonly isAccepted: boolean;
  /** Whether the configuration excludes a path: what it excludes is removed without a doubt. */
  readonly isExcluded: (path: ResourcePath) => boolean;
}

export interface Loss {
  /** Null unless the collection contained something of which nothing is left. */
  readonly emptying: Emptying | null;
  /** Its date says so, and not just an administrator or a second listing. */
  readonly isByDate: boolean;
  /** A hold by a date ends with this listing, and no administrator has decided: the disk is back. */
  readonly isOver: boolean;
  /** The hold is one that an earlier sync began. */
  readonly isHeldOn: boolean;
}

const NO_LOSS: Loss = { emptying: null, isByDate: false, isOver: false, isHeldOn: false };

/** Judges what a complete listing no longer shows of what its collection is known to contain. */
export function judgeLoss(listing: Listing, known: KnownCollection, images: ComparedImages, sync: JudgingSync): Loss {
  const loss = judge(listing, known, images, sync);
  const isOver = loss.emptying === null && known.emptyInSync !== null && known.isContradicted && !sync.isAccepted;
  return isOver ? { ...loss, isOver } : loss;
}

/**
 * Whether an image or a child collection was missed by the time at which its collection was found emptied: the hold is
 * about these, and about nothing that went later.
 */
export function isOfHold(
  { emptyInSync }: Pick<KnownCollection, 'emptyInSync'>,
  { absentInSync }: Pick<KnownChild, 'absentInSync'>,
): boolean {
  return emptyInSync !== null && absentInSync !== null && absentInSync <= emptyInSync;
}

function judge(listing: Listing, known: KnownCollection, images: ComparedImages, sync: JudgingSync): Loss {
  // Once it is emptied, only what it contained then can show that it is back: a new file in the place of a disk can't.
  // When nothing of that is missing any more, there is nothing to hold, and what came since is judged by itself.
  const isEmptied = [...images.disappeared, ...known.children].some((each) => isOfHold(known, each));
  // A search alone has shown what is in a folder that was never listed, and it is no witness of what was there.
  if (wasNeverListed(known) && !isEmptied && listing.collection !== ROOT) return NO_LOSS;
  const isBlankRoot = listing.collection === ROOT && listing.memberCount === 0;
  const isMeant = ({ path, absentInSync }: KnownImage | KnownChild, isInDoubt: boolean) =>
    (isEmptied ? isOfHold(known, { absentInSync }) : !isInDoubt || (isBlankRoot && !sync.isAccepted)) &&
    !sync.isExcluded(path);
  // What was in doubt when an emptying was judged and believed is not judged again, but where a root shows nothing at
  // all: that proves no removal. For images, the entries that put them in doubt tell that from a hold of something above.
  const hasMisfits = listing.misfits.length > 0;
  const children = known.children.filter((child) => isMeant(child, child.absentInSync !== null));
  const lost = images.disappeared.filter((image) => isMeant(image, hasMisfits && image.absentInSync !== null));
  const isLeft = isEmptied
    ? isOfHold(known, { absentInSync: images.backSince })
    : images.disappeared.length < images.shown;
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
    return isBelied ? { ...NO_LOSS, emptying: 'contradicted' } : NO_LOSS;
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
  const isSecondLook = !sync.isHint && isEmptied && known.emptyInSync !== sync.id;
  const isBelieved = (sync.isAccepted && isEmptied) || (emptying === 'unsure' && isSecondLook);
  return {
    emptying: isBelieved ? 'believed' : emptying,
    isByDate: emptying === 'believed',
    isOver: false,
    isHeldOn: isEmptied,
  };
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
