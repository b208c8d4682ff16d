import { OS_FAMILIES } from '../description/descriptor.js';
import { comparable, type DescribedImage } from '../description/short-description.js';
import { IMAGE_STATES, type Image, nameKey } from '../model/image.js';
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
  state: IMAGE_STATES,
  family: OS_FAMILIES,
  os: 'text',
  product: 'text',
  version: 'text',
  cpus: 'integer',
  memory_mib: 'integer',
  disk_count: 'integer',
  capacity_bytes: 'integer',
} as const;
export type ImageField = keyof typeof IMAGE_FIELDS;

/** Fields that an image has only once it was read. */
const DESCRIBED_FIELDS: ReadonlySet<string> = new Set<ImageField>([
  'family',
  'os',
  'product',
  'version',
  'cpus',
  'memory_mib',
  'disk_count',
  'capacity_bytes',
]);

/** A validated query for the image list of one space. */
export interface ImageQuery extends ListQuery<ImageField> {
  /** Texts that must all occur in the name, compared by `nameKey`; `%` and `_` are literal. */
  readonly nameContains: readonly string[];
  /** Shows what each image is, in short. */
  readonly withShort?: boolean;
}

export const DEFAULT_SORT: readonly SortTerm<ImageField>[] = [{ field: 'name', direction: 'asc' }];

/** What an image list is really ordered by. `name` means first case-insensitive, then exact. */
export type SortKey =
  | ('nameKey' | 'name' | 'path' | 'id' | 'sizeBytes' | 'createdAt' | 'updatedAt' | 'modifiedAt')
  | ShortKey;
type ShortKey = 'family' | 'os' | 'product' | 'version' | 'cpus' | 'memoryMib' | 'diskCount' | 'capacityBytes';

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
    state: [],
    family: ['family'],
    os: ['os'],
    product: ['product'],
    version: ['version'],
    cpus: ['cpus'],
    memory_mib: ['memoryMib'],
    disk_count: ['diskCount'],
    capacity_bytes: ['capacityBytes'],
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
    family: 'text',
    os: 'text',
    product: 'text',
    version: 'text',
    cpus: 'number',
    memoryMib: 'number',
    diskCount: 'number',
    capacityBytes: 'number',
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

/** Whether a list shows what images are, or is ordered by it. */
export function needsShort({
  sort,
  withShort = false,
}: Pick<ImageQuery, 'withShort'> & { readonly sort: readonly SortTerm<string>[] }): boolean {
  return withShort || sort.some(({ field }) => DESCRIBED_FIELDS.has(field));
}

/** Whether a query asks for all images of a space, which has counted them already. */
export function isUnfiltered({ nameContains, filter = [] }: ImageQuery): boolean {
  return nameContains.length === 0 && filter.length === 0;
}

/** Whether a query needs to know what images are, and not only what their storage shows. */
export function isAboutShort(query: ImageQuery): boolean {
  return needsShort(query) || (query.filter ?? []).some(({ field }) => DESCRIBED_FIELDS.has(field));
}

/** Returns the order as a comparison in memory; what isn't known comes before all others. */
export function compareImages(sort: readonly SortTerm<ImageField>[]): (a: DescribedImage, b: DescribedImage) => number {
  return compareBy(totalOrder(sort), keyOf);
}

/** Whether an image matches the query. */
export function matchesImage({ nameContains, filter = [] }: Omit<ImageQuery, 'sort'>, image: DescribedImage): boolean {
  return (
    holdsTexts(image, nameContains) && matchesFilter<ImageField>(IMAGE_FIELDS, filter, (field) => fieldOf(image, field))
  );
}

export function holdsTexts({ name }: Image, nameContains: readonly string[]): boolean {
  const key = nameKey(name);
  return nameContains.every((part) => key.includes(nameKey(part)));
}

export function keyOf(image: DescribedImage, key: SortKey): KeyValue {
  switch (key) {
    case 'nameKey':
      return nameKey(image.name);
    case 'family':
    case 'os':
    case 'product':
    case 'version':
      return image.short?.[key] ?? '';
    case 'cpus':
    case 'memoryMib':
    case 'diskCount':
      return image.short?.[key] ?? null;
    case 'capacityBytes':
      return comparable(image.short?.capacityBytes ?? null);
    default:
      return image[key];
  }
}

export function fieldOf(image: DescribedImage, field: ImageField): KeyValue {
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
    case 'family':
    case 'os':
    case 'product':
    case 'version':
      return image.short?.[field] ?? null;
    case 'cpus':
    case 'memory_mib':
    case 'disk_count':
    case 'capacity_bytes': {
      const [key = 'cpus'] = IMAGE_LIST.keysOfField[field];
      return keyOf(image, key);
    }
    default:
      return image[field];
  }
}
