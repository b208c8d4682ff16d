import type { ImageResource } from '../model/image.js';
import type { ResourcePath } from '../model/path.js';
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

/** What a listing says of the images that a collection is known to hold. */
export interface ComparedImages {
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
export function compareImages(
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
