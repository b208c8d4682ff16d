import { LRUCache } from 'lru-cache';
import { matchesFilter } from '../domain/lists/filter.js';
import {
  DEFAULT_SORT,
  fieldOf,
  IMAGE_FIELDS,
  type ImageQuery,
  isAboutShort,
  keyOf,
  totalOrder,
} from '../domain/lists/image-list.js';
import { compareBy } from '../domain/lists/order.js';
import { type Image, nameKey } from '../domain/model/image.js';
import type { Space } from '../domain/model/space.js';

/** An image with its name key, which takes longer to compute than to compare. */
export interface KeyedImage {
  readonly image: Image;
  readonly key: string;
}

/** Keeps spaces that are queried again and again in memory. */
export interface SpaceCache {
  /** Returns the space as it was kept under this stamp (see `Changes`); null if it has to be read. */
  space(user: string, stamp: number): Space | null;
  /** Returns the space as it was kept last, whatever was written since. */
  lastSpace(user: string): Space | null;
  keepSpace(stamp: number, space: Space): void;
  /**
   * Returns the images that match a query for a space at its revision, the same and in the same order as the database would
   * find them; null if they aren't kept, or if it is about what images are, which isn't: then the database has to be asked.
   */
  images(space: Space, query: ImageQuery): readonly Image[] | null;
  /**
   * Whether the images of a space are worth keeping: it is small, not yet kept, and queried for the second time at its
   * revision, which is noted.
   */
  isWorthKeeping(space: Space): boolean;
  /** Keeps all images of a space at its revision, in the default order. */
  keepImages(space: Space, images: readonly KeyedImage[]): void;
}

/** The images of a space as they are kept. */
interface KeptImages {
  readonly revision: number;
  readonly images: readonly Image[];
  /** The name keys of the images, in their order. */
  readonly keys: JoinedKeys;
}

/** The most spaces that are kept, some 500 bytes each. As `maxSize`: by `max` memory for all would be allocated at once. */
const SPACES = 10_000;
/** With 500 images a whole answer takes less than half as long as by SQLite. Larger spaces are few, and would push out many. */
const SMALL_IMAGES = 1_000;
/** The most images of all kept spaces: some 450 bytes each, 23 MB. */
const KEPT_IMAGES = 50_000;

export function createSpaceCache(): SpaceCache {
  const spaces = new LRUCache<string, { readonly stamp: number; readonly space: Space }>({
    maxSize: SPACES,
    sizeCalculation: () => 1,
  });
  const kept = new LRUCache<number, KeptImages>({
    maxSize: KEPT_IMAGES,
    sizeCalculation: ({ images }) => images.length + 1,
  });
  // A client that asks once would wait longer for all images than for some.
  const asked = new LRUCache<number, number>({ maxSize: SPACES, sizeCalculation: () => 1 });

  return {
    space(user, stamp) {
      const known = spaces.get(user);
      return known?.stamp === stamp ? known.space : null;
    },
    lastSpace: (user) => spaces.get(user)?.space ?? null,
    keepSpace: (stamp, space) => void spaces.set(space.user, { stamp, space }),

    images({ id, revision }, query) {
      const found = isForMemory(query) ? kept.get(id) : undefined;
      return found?.revision === revision ? select(found, query) : null;
    },
    isWorthKeeping({ id, revision, images }) {
      if (!isSmall({ images }) || kept.peek(id)?.revision === revision) return false;
      const isAgain = asked.get(id) === revision;
      if (!isAgain) asked.set(id, revision);
      return isAgain;
    },
    keepImages({ id, revision }, keyed) {
      const keys = joinKeys(keyed.map(({ key }) => key));
      kept.set(id, { revision, images: keyed.map(({ image }) => image), keys });
    },
  };
}

/** Whether a space's images may be kept. */
export function isSmall({ images }: Pick<Space, 'images'>): boolean {
  return images <= SMALL_IMAGES;
}

/** Whether the images in memory can answer a query: they don't say what images are, which the usual list doesn't show. */
export function isForMemory(query: ImageQuery): boolean {
  const { page, sort, filter = [], withShort = false } = query;
  if (page !== undefined || withShort) return false;
  return (sort === DEFAULT_SORT && filter.length === 0) || !isAboutShort(query);
}

function select({ images, keys }: KeptImages, { nameContains, filter = [], sort }: ImageQuery): readonly Image[] {
  const matching: Image[] = [];
  for (const at of keys.holdersOf(nameContains.map(nameKey))) {
    const image = images[at];
    if (image === undefined) continue;
    if (filter.length > 0 && !matchesFilter(IMAGE_FIELDS, filter, (field) => fieldOf(image, field))) continue;
    matching.push(image);
  }
  return sort === DEFAULT_SORT ? matching : matching.sort(compareBy(totalOrder(sort), keyOf));
}

/** Some name keys, to be searched for texts. */
export interface JoinedKeys {
  /** Returns the places of all keys that contain every one of these texts, in ascending order. */
  holdersOf(texts: readonly string[]): readonly number[];
}

/** Hardly any text contains one; a text that does is searched for key by key, as two keys might contain it together. */
const SEPARATOR = '\n';
/** The occurrences of each ASCII character are counted; others are rare in names. */
const COUNTED = 128;

/**
 * Joins keys into one text, in which a text that few of 500 keys contain is found in a fifth of the time that comparing
 * each key takes (2 µs), one that all of them contain in twice that time (20 µs). With it, lists whose query changes at
 * every call are answered a tenth faster.
 * V8 stops at each first character of what it searches for: so the text is searched for from its rarest character on,
 * and what precedes that is compared wherever the rest is found.
 */
export function joinKeys(keys: readonly string[]): JoinedKeys {
  const joined = keys.join(SEPARATOR);
  const ends = new Uint32Array(keys.length);
  let end = -1;
  for (const [at, key] of keys.entries()) {
    end += key.length + 1;
    ends[at] = end;
  }
  const counts = new Uint32Array(COUNTED);
  for (let i = 0; i < joined.length; i++) {
    const code = joined.charCodeAt(i);
    if (code < COUNTED) counts[code] = (counts[code] ?? 0) + 1;
  }

  const rarestIn = (text: string): number => {
    let rarest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < text.length; i++) {
      const count = counts[text.charCodeAt(i)] ?? 0;
      if (count < least) [rarest, least] = [i, count];
    }
    return rarest;
  };
  const endOf = (at: number) => ends[at] ?? joined.length;
  const holdersOfOne = (text: string): number[] => {
    const holders: number[] = [];
    const before = rarestIn(text);
    const rest = text.slice(before);
    let at = 0;
    let found = joined.indexOf(rest, before);
    while (found !== -1) {
      let next = found + 1;
      if (before === 0 || joined.startsWith(text, found - before)) {
        while (endOf(at) < found) at++;
        holders.push(at);
        next = endOf(at) + before;
      }
      found = joined.indexOf(rest, next);
    }
    return holders;
  };

  return {
    holdersOf(texts) {
      const [first = '', ...others] = texts.toSorted((a, b) => b.length - a.length);
      const isJoinable = first !== '' && !first.includes(SEPARATOR);
      const holders = isJoinable ? holdersOfOne(first) : [...keys.keys()];
      const rest = isJoinable ? others : texts;
      return rest.length === 0 ? holders : holders.filter((at) => rest.every((text) => keys[at]?.includes(text)));
    },
  };
}
