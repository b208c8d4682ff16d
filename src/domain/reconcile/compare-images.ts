import type { ImageResource } from '../model/image.js';
import type { ResourcePath } from '../model/path.js';
import type { KnownImage } from './known-images.js';
import { isImageSettled } from './settled.js';

/** What a listing tells about the images that a collection is known to contain. */
export interface ComparedImages {
  /** The number of known images that are shown. */
  readonly shown: number;
  readonly appeared: readonly ImageResource[];
  readonly newImages: number;
  readonly altered: readonly { readonly id: number; readonly image: ImageResource }[];
  readonly disappeared: readonly KnownImage[];
  readonly reconfirmed: readonly number[];
  /**
   * The earliest sync that missed one of those that are unchanged, or null: another file may have taken the name of one
   * that is away.
   */
  readonly backSince: number | null;
  readonly settled: readonly number[];
  readonly unsettled: ReadonlySet<ResourcePath>;
  /** All listed images are settled (`isImageSettled`). */
  readonly areSettled: boolean;
}

/** Compares what is listed with what is known, of which only the images that are gone stay in memory. */
export interface ImageComparison {
  /** Takes some of the known images, each once. */
  add(known: readonly KnownImage[]): void;
  /** Returns what the listing tells once all of them were added. */
  end(): ComparedImages;
}

/** Begins a comparison; `askedAt` is when the listing was requested, by the storage's clock. */
export function startComparison(listed: readonly ImageResource[], askedAt: number | null): ImageComparison {
  const placeOf = new Map<ResourcePath, number>();
  const isShown = new Uint8Array(listed.length);
  let place = 0;
  for (const { path } of listed) {
    if (placeOf.has(path))
      isShown[place] = 1; // Zimbra and Davmail list a member twice
    else placeOf.set(path, place);
    place += 1;
  }

  let shown = 0;
  let returned = 0;
  let backSince: number | null = null;
  const altered: { id: number; image: ImageResource }[] = [];
  const disappeared: KnownImage[] = [];
  const reconfirmed: number[] = [];
  const settled: number[] = [];
  const unsettled = new Set<ResourcePath>();
  let areSettled = true;

  const addOne = (before: KnownImage) => {
    const place = placeOf.get(before.path);
    if (before.isMissing) {
      if (place !== undefined) returned += 1;
      return;
    }
    shown += 1;
    const image = place === undefined ? undefined : listed[place];
    if (place === undefined || image === undefined) {
      disappeared.push(before);
      return;
    }
    isShown[place] = 1;
    const hasChanged = isAltered(before, image);
    if (hasChanged) altered.push({ id: before.id, image });
    if (before.absentInSync !== null) {
      reconfirmed.push(before.id);
      if (!hasChanged) backSince = Math.min(before.absentInSync, backSince ?? before.absentInSync);
    }
    if (!isImageSettled(image, askedAt, before, hasChanged)) {
      areSettled = false;
      if (hasChanged) unsettled.add(image.path);
    } else if (!before.isSettled && !hasChanged) settled.push(before.id);
  };

  return {
    add(known) {
      for (const image of known) addOne(image);
    },
    end() {
      const appeared = listed.filter((_, place) => isShown[place] === 0);
      for (const image of appeared) if (!isImageSettled(image, askedAt, null, false)) unsettled.add(image.path);
      const newImages = appeared.length - returned;
      return {
        shown,
        appeared,
        newImages,
        altered,
        disappeared,
        reconfirmed,
        backSince,
        settled,
        unsettled,
        areSettled: areSettled && unsettled.size === 0,
      };
    },
  };
}

/**
 * Whether an image has changed. Size and modification date decide, an ETag only if there is no date: several servers
 * make a new one at every call or after a restart (owncloud/core#15125), and each false change would cost every
 * consumer its cache.
 */
export function isAltered(before: ImageResource, now: ImageResource): boolean {
  if (before.sizeBytes !== now.sizeBytes || before.modifiedAt !== now.modifiedAt) return true;
  return now.modifiedAt === null && before.etag !== now.etag;
}

/**
 * Whether what was read of an image is true of the one that returns in its place. If neither a date nor an ETag tells,
 * equal sizes prove nothing of a file that was away.
 */
export function keepsReading(before: ImageResource, now: ImageResource): boolean {
  return !isAltered(before, now) && (now.modifiedAt !== null || now.etag !== null);
}
