import type { HeldField, HeldKey, HeldQuery } from '../domain/lists/held-list.js';
import type { Dialect } from './dialect.js';
import { type FieldColumns, filterConditions } from './filter-sql.js';
import { imageAnchors, textConditions } from './image-columns.js';
import type { KeyColumns, ListSource } from './list-sql.js';

const COLUMN_OF_FIELD: FieldColumns<HeldField> = {
  path: { kind: 'text', column: 'images.path' },
  name: { kind: 'name', column: 'images.name', keyColumn: 'images.name_key' },
  id: { kind: 'value', column: 'images.id' },
  size: { kind: 'value', column: 'images.size_bytes' },
  missed_since: { kind: 'value', column: 'images.absent_since' },
};

export const HELD_KEY_COLUMNS: KeyColumns<HeldKey> = {
  path: 'images.path',
  nameKey: 'images.name_key',
  name: 'images.name',
  id: 'images.id',
  sizeBytes: 'coalesce(images.size_bytes, -1)',
  missedSince: 'coalesce(images.absent_since, -1)',
};

/** Selects the held images of a space that match a query. */
export function heldSource(
  dialect: Dialect,
  { columns, from }: { readonly columns: string; readonly from: string },
  spaceId: number,
  { nameContains, filter = [] }: Omit<HeldQuery, 'sort'>,
): ListSource {
  return {
    columns,
    from: { sql: from, parameters: [] },
    conditions: [
      { sql: 'images.space = ? AND images.absent_in_sync IS NOT NULL', parameters: [spaceId] },
      ...textConditions(dialect, nameContains),
      ...filterConditions(dialect, filter, COLUMN_OF_FIELD),
    ],
    anchors: imageAnchors(spaceId),
  };
}
