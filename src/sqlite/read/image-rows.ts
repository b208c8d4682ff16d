import type { DescribedImage } from '../../domain/description/short-description.js';
import type { FilterTerm } from '../../domain/lists/filter.js';
import { type ImageField, needsShort, type SortKey } from '../../domain/lists/image-list.js';
import type { SearchQuery } from '../../domain/lists/image-search.js';
import { type Image, nameKey } from '../../domain/model/image.js';
import type { ResourcePath } from '../../domain/model/path.js';
import { type Condition, containsCondition, type FieldColumns } from '../lists/filter-sql.js';
import type { KeyColumns, ListSource } from '../lists/list-sql.js';
import { CAPACITY_SQL, SHORT_COLUMNS, type ShortRow, STATE_SQL, shortFromRow, stateFrom } from './short-rows.js';

/** A row of `images` as `IMAGE_COLUMNS` selects it. */
export type ImageRow = readonly [
  id: number,
  path: ResourcePath,
  name: string,
  sizeBytes: number | null,
  createdAt: number,
  updatedAt: number,
  modifiedAt: number | null,
  isSettled: 0 | 1,
  state: number | null,
];

export const IMAGE_COLUMNS =
  'images.id, images.path, images.name, images.size_bytes, images.created_at, images.updated_at, images.modified_at, images.is_settled, images.state';
/** How many columns they are. */
export const IMAGE_LENGTH = 9;

export const COLUMN_OF_KEY: KeyColumns<SortKey> = {
  nameKey: 'images.name_key',
  name: 'images.name',
  path: 'images.path',
  id: 'images.id',
  sizeBytes: 'coalesce(images.size_bytes, -1)',
  createdAt: 'images.created_at',
  updatedAt: 'images.updated_at',
  modifiedAt: 'coalesce(images.modified_at, -1)',
  family: "coalesce(images.family, '')",
  os: "coalesce(images.os, '')",
  product: "coalesce(images.product, '')",
  version: "coalesce(images.version, '')",
  cpus: 'coalesce(images.cpus, -1)',
  memoryMib: 'coalesce(images.memory_mib, -1)',
  diskCount: 'coalesce(images.disk_count, -1)',
  capacityBytes: `coalesce(${CAPACITY_SQL}, -1)`,
};

export const COLUMN_OF_FIELD: FieldColumns<ImageField> = {
  name: { kind: 'name', column: 'images.name', keyColumn: 'images.name_key' },
  path: { kind: 'text', column: 'images.path' },
  id: { kind: 'value', column: 'images.id' },
  size: { kind: 'value', column: 'images.size_bytes' },
  created_on: { kind: 'value', column: 'images.created_at' },
  updated_on: { kind: 'value', column: 'images.updated_at' },
  modified_on: { kind: 'value', column: 'images.modified_at' },
  settled: { kind: 'value', column: "iif(images.is_settled, 'true', 'false')" },
  state: { kind: 'value', column: STATE_SQL },
  family: { kind: 'value', column: 'images.family' },
  os: { kind: 'text', column: 'images.os' },
  product: { kind: 'text', column: 'images.product' },
  version: { kind: 'text', column: 'images.version' },
  cpus: { kind: 'value', column: 'images.cpus' },
  memory_mib: { kind: 'value', column: 'images.memory_mib' },
  disk_count: { kind: 'value', column: 'images.disk_count' },
  capacity_bytes: { kind: 'value', column: CAPACITY_SQL },
};

/** Reads a row that begins with `IMAGE_COLUMNS`. */
export function imageFromRow(row: readonly [...ImageRow, ...unknown[]]): Image {
  const [id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled, state] = row;
  return {
    id,
    path,
    name,
    sizeBytes,
    createdAt,
    updatedAt,
    modifiedAt,
    isSettled: isSettled === 1,
    state: stateFrom(isSettled, state),
  };
}

/** Returns the columns that a query needs, and how its images are read from rows that begin with them. */
export function rowsFor(query: Omit<SearchQuery, 'filter'>): {
  readonly columns: string;
  readonly fromRow: (row: readonly [...ImageRow, ...unknown[]]) => DescribedImage;
} {
  return needsShort(query)
    ? { columns: `${IMAGE_COLUMNS}, ${SHORT_COLUMNS}`, fromRow: describedFromRow }
    : { columns: IMAGE_COLUMNS, fromRow: imageFromRow };
}

function describedFromRow(row: readonly [...ImageRow, ...unknown[]]): DescribedImage {
  const short = shortFromRow(row.slice(IMAGE_LENGTH) as unknown as ShortRow);
  return Object.assign(imageFromRow(row), { short });
}

/** Selects the images with these ids, one by one. */
export function imagesByIds(ids: readonly number[]): Condition {
  return {
    sql: '(SELECT value AS candidate FROM json_each(?)) CROSS JOIN images ON images.id = candidate',
    parameters: [JSON.stringify(ids)],
  };
}

/** Selects the images of a space that a page may have ended with, including those that have since gone, but no other space's. */
export function imageAnchors(spaceId: number): NonNullable<ListSource['anchors']> {
  return {
    id: 'images.id',
    from: 'images',
    conditions: [{ sql: 'images.space = ?', parameters: [spaceId] }],
  };
}

/** Requires each of these texts in the name. */
export function textConditions(nameContains: readonly string[]): readonly Condition[] {
  return nameContains.map((text) => containsCondition('images.name_key', nameKey(text)));
}

/** Lists texts that occur in the name key of every image that matches a query. */
export function textsIn<Field extends string>(
  nameContains: readonly string[],
  filter: readonly FilterTerm<Field>[] = [],
): readonly string[] {
  const patterns = filter.flatMap((term) => (term.field === 'name' && term.operator === 'like' ? [term.pattern] : []));
  return [...nameContains.map(nameKey), ...patterns.flat()].filter((text) => text !== '');
}
