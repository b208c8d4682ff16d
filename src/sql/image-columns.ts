import type { FilterTerm } from '../domain/lists/filter.js';
import type { ImageField, ImageQuery, SortKey } from '../domain/lists/image-list.js';
import { nameKey } from '../domain/model/image.js';
import type { Condition, Dialect } from './dialect.js';
import { containsCondition, type FieldColumns } from './filter-sql.js';
import { STATES } from './image-states.js';
import type { KeyColumns, ListSource } from './list-sql.js';

/** `stateFrom` in SQL. */
const STATE_SQL = `CASE WHEN NOT images.is_settled THEN 'uploading' ELSE CASE images.state
  ${STATES.map((state, number) => `WHEN ${number} THEN '${state}'`).join(' ')} ELSE 'unknown' END END`;

/** The columns that images are ordered by. */
export function imageKeys({ comparable }: Dialect): KeyColumns<SortKey> {
  return {
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
    capacityBytes: `coalesce(${comparable('images.capacity_bytes')}, -1)`,
  };
}

/** The columns that images are filtered by. */
export function imageFields({ comparable }: Dialect): FieldColumns<ImageField> {
  return {
    name: { kind: 'name', column: 'images.name', keyColumn: 'images.name_key' },
    path: { kind: 'text', column: 'images.path' },
    id: { kind: 'value', column: 'images.id' },
    size: { kind: 'value', column: 'images.size_bytes' },
    created_on: { kind: 'value', column: 'images.created_at' },
    updated_on: { kind: 'value', column: 'images.updated_at' },
    modified_on: { kind: 'value', column: 'images.modified_at' },
    settled: { kind: 'value', column: "CASE WHEN images.is_settled THEN 'true' ELSE 'false' END" },
    state: { kind: 'value', column: STATE_SQL },
    family: { kind: 'value', column: 'images.family' },
    os: { kind: 'text', column: 'images.os' },
    product: { kind: 'text', column: 'images.product' },
    version: { kind: 'text', column: 'images.version' },
    cpus: { kind: 'value', column: 'images.cpus' },
    memory_mib: { kind: 'value', column: 'images.memory_mib' },
    disk_count: { kind: 'value', column: 'images.disk_count' },
    capacity_bytes: { kind: 'value', column: comparable('images.capacity_bytes') },
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
export function textConditions(dialect: Dialect, nameContains: ImageQuery['nameContains']): readonly Condition[] {
  return nameContains.map((text) => containsCondition(dialect, 'images.name_key', nameKey(text)));
}

/** Lists texts that occur in the name key of every image that matches a query. */
export function textsIn<Field extends string>(
  nameContains: readonly string[],
  filter: readonly FilterTerm<Field>[] = [],
): readonly string[] {
  const patterns = filter.flatMap((term) => (term.field === 'name' && term.operator === 'like' ? [term.pattern] : []));
  return [...nameContains.map(nameKey), ...patterns.flat()].filter((text) => text !== '');
}
