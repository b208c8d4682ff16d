import type { Database } from 'better-sqlite3';
import {
  HELD_LIST,
  type HeldImage,
  type HeldKey,
  type HeldQuery,
  requireAnswerableHeld,
  requireFewHeld,
} from '../../domain/lists/held-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { PagePlace } from '../../domain/lists/page.js';
import type { ResourcePath } from '../../domain/model/path.js';
import { HELD_KEY_COLUMNS, heldSource } from '../../sql/held-list.js';
import type { ListSource } from '../../sql/list-sql.js';
import { SQLITE } from '../lists/dialect.js';
import type { ListReader } from '../lists/list-reader.js';

type HeldRow = readonly [
  id: number,
  path: ResourcePath,
  name: string,
  sizeBytes: number | null,
  missedSince: number | null,
];

const COLUMNS = {
  columns: 'images.id, images.path, images.name, images.size_bytes, images.absent_since',
  from: 'images INDEXED BY images_absent',
};

/** Lists the held images of a space within the caller's transaction. Throws OvadexError `usage` if that would take too long. */
export function createHeldList(
  db: Database,
  lists: ListReader,
): (spaceId: number, query: HeldQuery) => { readonly images: readonly HeldImage[]; readonly place: PagePlace } {
  const countHeld = db
    .prepare<[number], number>('SELECT count(*) FROM images WHERE space = ? AND absent_in_sync IS NOT NULL')
    .pluck();

  return (spaceId, query) => {
    const source = heldImages(spaceId, query);
    if (requireAnswerableHeld(query, countHeld.get(spaceId) ?? 0)) requireFewHeld(lists.count(source));
    const order = orderOf(HELD_LIST, query.sort);
    const { rows, place } = lists.read<HeldRow, HeldKey>(source, order, HELD_KEY_COLUMNS, query.page, () =>
      lists.count(source),
    );
    return { images: rows.map(heldFromRow), place };
  };
}

/** Selects the images that match a query. */
export function heldImages(spaceId: number, query: Omit<HeldQuery, 'sort'>): ListSource {
  return heldSource(SQLITE, COLUMNS, spaceId, query);
}

function heldFromRow([id, path, name, sizeBytes, missedSince]: HeldRow): HeldImage {
  return { id, path, name, sizeBytes, missedSince };
}
