import type { Database } from 'better-sqlite3';
import { matchesUnread } from '../../domain/lists/image-groups.js';
import type { ImageQuery } from '../../domain/lists/image-list.js';
import type { Space } from '../../domain/model/space.js';
import { filterConditions } from '../../sql/filter-sql.js';
import { numberOfState } from '../../sql/image-states.js';
import type { ListSource } from '../../sql/list-sql.js';
import { SQLITE } from '../lists/dialect.js';
import type { ListReader } from '../lists/list-reader.js';
import { COLUMN_OF_FIELD } from './image-rows.js';
import { SHOWN_STATE_SQL } from './short-rows.js';

/** The groups of a space, with the columns of `images` that they tell. */
const GROUPS = `(SELECT state, is_settled, nullif(family, '') AS family, nullif(cpus, -1) AS cpus,
    nullif(memory_mib, -1) AS memory_mib, nullif(disk_count, -1) AS disk_count, images AS number
  FROM image_groups WHERE space = ?) AS images`;

/**
 * Creates the function that tells how many images of a space match a query of which `isToldByGroups` is true, without
 * counting them; to see a single moment, within the transaction that has read the space.
 */
export function createGroupCount(
  db: Database,
  lists: Pick<ListReader, 'sum'>,
): (space: Pick<Space, 'id' | 'images'>, query: ImageQuery) => number {
  const sumRead = db
    .prepare<[number], number>('SELECT coalesce(sum(images), 0) FROM image_groups WHERE space = ?')
    .pluck();
  const countUploading = db
    .prepare<[number], number>(
      `SELECT count(*) FROM images INDEXED BY images_troubled
       WHERE space = ? AND ${SHOWN_STATE_SQL} = ${numberOfState('uploading')} AND ${SHOWN_STATE_SQL} > 1
         AND missing_since IS NULL AND state IS NULL`,
    )
    .pluck();

  return ({ id, images }, { filter = [] }) => {
    const count = lists.sum(groupSource(id, filter));
    const [hasSettled, hasUploading] = [matchesUnread(filter, true), matchesUnread(filter, false)];
    if (!hasSettled && !hasUploading) return count;
    const uploading = countUploading.get(id) ?? 0;
    const settled = hasSettled ? images - (sumRead.get(id) ?? 0) - uploading : 0;
    return count + settled + (hasUploading ? uploading : 0);
  };
}

/** Selects the number of the images in the groups of a space that match a filter. */
export function groupSource(spaceId: number, filter: NonNullable<ImageQuery['filter']>): ListSource {
  return {
    columns: 'coalesce(sum(images.number), 0)',
    from: { sql: GROUPS, parameters: [spaceId] },
    conditions: filterConditions(SQLITE, filter, COLUMN_OF_FIELD),
  };
}
