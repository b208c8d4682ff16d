import type { KeyTypes } from './cursor.js';
import { type FilterTerm, matchesFilter } from './filter.js';
import { type Image, nameKey } from './image.js';
import { compareBy, type KeyTerm, type KeyValue, orderWithoutTies, parseOrder, type SortTerm } from './order.js';
import type { PageRequest } from './page.js';
import { parseFilter } from './parse-filter.js';

/** What image lists can be filtered and ordered by; the names are those of the wire contract. */
export const IMAGE_FIELDS = {
  name: 'name',
  path: 'text',
  id: 'integer',
  size: 'integer',
  created_on: 'time',
  updated_on: 'time',
} as const;
export type ImageField = keyof typeof IMAGE_FIELDS;
export const SORT_FIELDS = Object.keys(IMAGE_FIELDS) as ImageField[];

/** A validated question to the image list of one space. */
export interface ImageQuery {
  /** Every one must occur in the name, compared by `nameKey`; `%` and `_` are literal. */
  readonly nameContains: readonly string[];
  /** Every one must be met, too. */
  readonly filter?: readonly FilterTerm<ImageField>[];
  /** `totalOrder` makes it an order without ties. */
  readonly sort: readonly SortTerm<ImageField>[];
  /** The whole list where it is left out. */
  readonly page?: PageRequest;
}

export const DEFAULT_SORT: readonly SortTerm<ImageField>[] = [{ field: 'name', direction: 'asc' }];

/** Reads an order of images, see `parseOrder`. */
export function parseSort(text: string): readonly SortTerm<ImageField>[] {
  return parseOrder(text, SORT_FIELDS, DEFAULT_SORT);
}

/** Reads conditions on images, see `parseFilter`. */
export function parseImageFilter(text: string): readonly FilterTerm<ImageField>[] {
  return parseFilter(text, IMAGE_FIELDS);
}

/** The values that an order of images really compares. `name` means case-insensitive first, then exact. */
export type SortKey = 'nameKey' | 'name' | 'path' | 'id' | 'sizeBytes' | 'createdAt' | 'updatedAt';

export const SORT_KEY_TYPES: KeyTypes<SortKey> = {
  nameKey: 'text',
  name: 'text',
  path: 'text',
  id: 'number',
  sizeBytes: 'number',
  createdAt: 'number',
  updatedAt: 'number',
};

const KEYS_OF_FIELD: Readonly<Record<ImageField, readonly SortKey[]>> = {
  name: ['nameKey', 'name'],
  path: ['path'],
  id: ['id'],
  size: ['sizeBytes'],
  created_on: ['createdAt'],
  updated_on: ['updatedAt'],
};

/** The order of a query without ties: at last the path decides, which is unique in a space. */
export function totalOrder(sort: readonly SortTerm<ImageField>[]): readonly KeyTerm<SortKey>[] {
  return orderWithoutTies(sort, KEYS_OF_FIELD, 'path');
}

/** The order as a comparison in memory; unknown sizes come before all others. */
export function compareImages(sort: readonly SortTerm<ImageField>[]): (a: Image, b: Image) => number {
  return compareBy(totalOrder(sort), keyOf);
}

/** The question as a predicate in memory. */
export function matchesImage(
  { nameContains, filter = [] }: Pick<ImageQuery, 'nameContains' | 'filter'>,
  image: Image,
): boolean {
  const key = nameKey(image.name);
  return (
    nameContains.every((part) => key.includes(nameKey(part))) &&
    matchesFilter<ImageField>(IMAGE_FIELDS, filter, (field) => fieldOf(image, field))
  );
}

export function keyOf(image: Image, key: SortKey): KeyValue {
  return key === 'nameKey' ? nameKey(image.name) : image[key];
}

function fieldOf(image: Image, field: ImageField): KeyValue {
  switch (field) {
    case 'size':
      return image.sizeBytes;
    case 'created_on':
      return image.createdAt;
    case 'updated_on':
      return image.updatedAt;
    default:
      return image[field];
  }
}
