import { LRUCache } from 'lru-cache';
import { matchesFilter } from '../../domain/lists/filter.js';
import {
  DEFAULT_SORT,
  fieldOf,
  IMAGE_FIELDS,
  type ImageQuery,
  keyOf,
  totalOrder,
} from '../../domain/lists/image-list.js';
import { compareBy } from '../../domain/lists/order.js';
import { type Image, nameKey } from '../../domain/model/image.js';
import type { Space } from '../../domain/model/space.js';
import { type JoinedKeys, joinKeys } from './joined-keys.js';

/** An image with its name key, which takes longer to make than to look through. */
export interface KeyedImage {
  readonly image: Image;
  readonly key: string;
}

/** Small spaces that are asked one question after another, in memory. */
export interface KeptSpaces {
  /**
   * The images that a question to the space, at the revision that it has, is answered with: the same and in the same
   * order as SQLite would. null: it isn't kept, and SQLite is to answer.
   */
  answer(space: Space, query: ImageQuery): readonly Image[] | null;
}

/** A space as it is kept. */
interface KeptSpace {
  readonly revision: number;
  readonly images: readonly Image[];
  /** Of the images, in their order. */
  readonly keys: JoinedKeys;
}

/** With 500 images a whole answer takes less than half as long as by SQLite. Larger spaces are few, and would push out many. */
const SMALL_IMAGES = 1_000;
/** Of all kept spaces: some 450 bytes each, 23 MB. */
const KEPT_IMAGES = 50_000;
/** Spaces that were asked once. */
const ASKED_SPACES = 10_000;

/** `readImages` gives the images of a space in the default order; null where the space isn't at that revision any more. */
export function createKeptSpaces(readImages: (space: Space) => readonly KeyedImage[] | null): KeptSpaces {
  const kept = new LRUCache<number, KeptSpace>({
    maxSize: KEPT_IMAGES,
    sizeCalculation: ({ images }) => images.length + 1,
  });
  // Whoever asks once would wait longer for all images than for some.
  const asked = new LRUCache<number, number>({ max: ASKED_SPACES });

  const keep = (space: Space): KeptSpace | null => {
    const { id, revision } = space;
    const found = kept.get(id);
    if (found?.revision === revision) return found;
    if (asked.get(id) !== revision) {
      asked.set(id, revision);
      return null;
    }
    const read = readImages(space);
    if (read === null) return null;
    const keys = joinKeys(read.map(({ key }) => key));
    const keptNow = { revision, images: read.map(({ image }) => image), keys };
    kept.set(id, keptNow);
    return keptNow;
  };

  return {
    answer(space, query) {
      if (space.images > SMALL_IMAGES || query.page !== undefined) return null;
      const keptSpace = keep(space);
      return keptSpace === null ? null : select(keptSpace, query);
    },
  };
}

function select({ images, keys }: KeptSpace, { nameContains, filter = [], sort }: ImageQuery): readonly Image[] {
  const matching: Image[] = [];
  for (const at of keys.holdersOf(nameContains.map(nameKey))) {
    const image = images[at];
    if (image === undefined) continue;
    if (filter.length > 0 && !matchesFilter(IMAGE_FIELDS, filter, (field) => fieldOf(image, field))) continue;
    matching.push(image);
  }
  return sort === DEFAULT_SORT ? matching : matching.sort(compareBy(totalOrder(sort), keyOf));
}
