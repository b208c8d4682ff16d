import { type Image, nameKey } from '../model/image.js';
import { type FilterTerm, matchesFilter } from './filter.js';
import { type ListGrammar, type ListQuery, orderOf, sortFieldsOf } from './list-grammar.js';
import { compareBy, type KeyTerm, type KeyValue, parseOrder, type SortTerm } from './order.js';
import { parseFilter } from './parse-filter.js';

export const IMAGE_FIELDS = {
  name: 'name',
  path: 'text',
  id: 'integer',
  size: 'integer',
  created_on: 'time',
  updated_on: 'time',
  modified_on: 'time',
  settled: ['true', 'false'],
} as const;
export type ImageField = keyof typeof IMAGE_FIELDS;

/** A validated query for the image list of one space. */
export interface ImageQuery extends ListQuery<ImageField> {
  /** Texts that must all occur in the name, compared by `nameKey`; `%` and `_` are literal. */
  readonly nameContains: readonly string[];
}

export const DEFAULT_SORT: readonly SortTerm<ImageField>[] = [{ field: 'name', direction: 'asc' }];

/** What an image list is really ordered by. `name` means first case-insensitive, then exact. */
export type SortKey = 'nameKey' | 'name' | 'path' | 'id' | 'sizeBytes' | 'createdAt' | 'updatedAt' | 'modifiedAt';

/** The image list of one space, in which a path is unique. */
export const IMAGE_LIST: ListGrammar<ImageField, SortKey> = {
  fields: IMAGE_FIELDS,
  keysOfField: {
    name: ['nameKey', 'name'],
    path: ['path'],
    id: ['id'],
    size: ['sizeBytes'],
    created_on: ['createdAt'],
    updated_on: ['updatedAt'],
    modified_on: ['modifiedAt'],
    settled: [],
  },
  keyTypes: {
    nameKey: 'text',
    name: 'text',
    path: 'text',
    id: 'number',
    sizeBytes: 'number',
    createdAt: 'number',
    updatedAt: 'number',
    modifiedAt: 'number',
  },
  byDefault: DEFAULT_SORT,
  tieBreak: ['path'],
};

export const SORT_FIELDS = sortFieldsOf(IMAGE_LIST);

/** Reads an order of images; see `parseOrder`. */
export function parseSort(text: string): readonly SortTerm<ImageField>[] {
  return parseOrder(text, SORT_FIELDS, DEFAULT_SORT);
}

/** Reads conditions on images; see `parseFilter`. */
export function parseImageFilter(text: string): readonly FilterTerm<ImageField>[] {
  return parseFilter(text, IMAGE_FIELDS);
}

/** Returns the order of a query, completed so that it has no ties. */
export function totalOrder(sort: readonly SortTerm<ImageField>[]): readonly KeyTerm<SortKey>[] {
  return orderOf(IMAGE_LIST, sort);
}

/** Returns the order as a comparison in memory; unknown sizes and dates come before all others. */
export function compareImages(sort: readonly SortTerm<ImageField>[]): (a: Image, b: Image) => number {
  return compareBy(totalOrder(sort), keyOf);
}

/** Whether an image matches the query. */
export function matchesImage({ nameContains, filter = [] }: Omit<ImageQuery, 'sort'>, image: Image): boolean {
  return (
    holdsTexts(image, nameContains) && matchesFilter<ImageField>(IMAGE_FIELDS, filter, (field) => fieldOf(image, field))
  );
}

export function holdsTexts({ name }: Image, nameContains: readonly string[]): boolean {
  const key = nameKey(name);
  return nameContains.every((part) => key.includes(nameKey(part)));
}

export function keyOf(image: Image, key: SortKey): KeyValue {
  return key === 'nameKey' ? nameKey(image.name) : image[key];
}

export function fieldOf(image: Image, field: ImageField): KeyValue {
  switch (field) {
    case 'size':
      return image.sizeBytes;
    case 'created_on':
      return image.createdAt;
    case 'updated_on':
      return image.updatedAt;
    case 'modified_on':
      return image.modifiedAt;
    case 'settled':
      return `${image.isSettled}`;
    default:
      return image[field];
  }
}
