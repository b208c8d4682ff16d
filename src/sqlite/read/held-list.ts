import type { Database } from 'better-sqlite3';
import {
  HELD_LIST,
  type HeldField,
  type HeldImage,
  type HeldKey,
  type HeldQuery,
  requireAnswerableHeld,
} from '../../domain/lists/held-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { PagePlace } from '../../domain/lists/page.js';
import type { ResourcePath } from '../../domain/model/path.js';
import { type FieldColumns, filterConditions } from '../lists/filter-sql.js';
import type { ListReader } from '../lists/list-reader.js';
import type { KeyColumns, ListSource } from '../lists/list-sql.js';
import { imageAnchors, textConditions } from './image-rows.js';

type HeldRow = readonly [
  id: number,
  path: ResourcePath,
  name: string,
  sizeBytes: number | null,
  missedSince: number | null,
];

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

/** Lists the held images of a space within the caller's transaction. Throws OvadexError `usage` if that would take too long. */
export function createHeldList(
  db: Database,
  lists: ListReader,
): (spaceId: number, query: HeldQuery) => { readonly images: readonly HeldImage[]; readonly place: PagePlace } {
  const countHeld = db
    .prepare<[number], number>('SELECT count(*) FROM images WHERE space = ? AND absent_in_sync IS NOT NULL')
    .pluck();

  const requireBounds = (spaceId: number, query: HeldQuery) =>
    requireAnswerableHeld(query, countHeld.get(spaceId) ?? 0, () => lists.count(heldSource(spaceId, query)));

  return (spaceId, query) => {
    requireBounds(spaceId, query);
    const source = heldSource(spaceId, query);
    const order = orderOf(HELD_LIST, query.sort);
    const { rows, place } = lists.read<HeldRow, HeldKey>(source, order, HELD_KEY_COLUMNS, query.page, () =>
      lists.count(source),
    );
    return { images: rows.map(heldFromRow), place };
  };
}

/** Selects the images that match a query. */
export function heldSource(spaceId: number, { nameContains, filter = [] }: Omit<HeldQuery, 'sort'>): ListSource {
  return {
    columns: 'images.id, images.path, images.name, images.size_bytes, images.absent_since',
    from: { sql: 'images INDEXED BY images_absent', parameters: [] },
    conditions: [
      { sql: 'images.space = ? AND images.absent_in_sync IS NOT NULL', parameters: [spaceId] },
      ...textConditions(nameContains),
      ...filterConditions(filter, COLUMN_OF_FIELD),
    ],
    anchors: imageAnchors(spaceId),
  };
}

function heldFromRow([id, path, name, sizeBytes, missedSince]: HeldRow): HeldImage {
  return { id, path, name, sizeBytes, missedSince };
}
