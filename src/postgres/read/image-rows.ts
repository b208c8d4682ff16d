import type { DescribedImage, ShortDescription } from '../../domain/description/short-description.js';
import { troubleIn } from '../../domain/lists/image-groups.js';
import { type ImageQuery, isUnfiltered, needsShort, type SortKey, totalOrder } from '../../domain/lists/image-list.js';
import type { SearchQuery } from '../../domain/lists/image-search.js';
import type { Image } from '../../domain/model/image.js';
import type { Space } from '../../domain/model/space.js';
import type { Condition } from '../../sql/dialect.js';
import { filterConditions } from '../../sql/filter-sql.js';
import { imageAnchors, imageFields, imageKeys, textConditions, textsIn } from '../../sql/image-columns.js';
import { numberOfState, stateFrom } from '../../sql/image-states.js';
import type { ListSource } from '../../sql/list-sql.js';
import type { Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import type { OrderedList } from '../lists/list-reader.js';
import { findNames, INDEXED_FROM_IMAGES, LOOKED_UP_SHARE } from '../lists/name-search.js';

/** The columns of an `Image`, by the names in `ImageRow`. */
export const IMAGE_COLUMNS = `images.id, images.path, images.name, images.size_bytes AS "sizeBytes",
  images.created_at AS "createdAt", images.updated_at AS "updatedAt", images.modified_at AS "modifiedAt",
  images.is_settled AS "isSettled", images.state`;

export interface ImageRow extends Omit<Image, 'state'> {
  readonly state: number | null;
}

/** The columns of what an image is, in short, by the names in `ShortRow`. */
export const SHORT_COLUMNS = `images.product, images.version, images.os, images.family, images.cpus,
  images.memory_mib AS "memoryMib", images.disk_count AS "diskCount", images.capacity_bytes AS "capacityBytes"`;

export interface ShortRow extends Omit<ShortDescription, 'diskCount'> {
  /** null: the image has no descriptor that was read. */
  readonly diskCount: number | null;
}

const COLUMN_OF_KEY = imageKeys(POSTGRES);
const COLUMN_OF_FIELD = imageFields(POSTGRES);

/** The number of the state in which an image is shown, as the index of those that don't deploy has it; NULL if it wasn't read. */
export const SHOWN_STATE_SQL = '(CASE WHEN images.is_settled THEN images.state ELSE 3 END)';

/** Reads a row that has `IMAGE_COLUMNS`, and possibly others. */
export function imageFromRow(row: ImageRow): Image {
  const { id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled } = row;
  const state = stateFrom(isSettled, row.state);
  return { id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled, state };
}

/** Returns the columns that a query needs, and how its images are read from rows that have them. */
export function rowsFor(query: Omit<SearchQuery, 'filter'>): {
  readonly columns: string;
  readonly fromRow: (row: ImageRow & ShortRow) => DescribedImage;
} {
  return needsShort(query)
    ? { columns: `${IMAGE_COLUMNS}, ${SHORT_COLUMNS}`, fromRow: describedFromRow }
    : { columns: IMAGE_COLUMNS, fromRow: imageFromRow };
}

function describedFromRow(row: ImageRow & ShortRow): DescribedImage {
  const { product, version, os, family, cpus, memoryMib, diskCount, capacityBytes } = row;
  const short = diskCount === null ? null : { product, version, os, family, cpus, memoryMib, diskCount, capacityBytes };
  return Object.assign(imageFromRow(row), { short });
}

/** Requires one of these ids, if there are any. */
export function amongIds(ids: readonly number[] | null): readonly Condition[] {
  return ids === null ? [] : [POSTGRES.isAnyOf('images.id', ids)];
}

/** Selects the images of a space that match a query: among these ids, if they are known to include all matches, else all. */
function imageSource(spaceId: number, query: ImageQuery, ids: readonly number[] | null): ListSource {
  const { nameContains, filter = [] } = query;
  const trouble = troubleIn(filter);
  // In the words of the index of those that don't deploy.
  const inTrouble = ` AND ${SHOWN_STATE_SQL} > 1 AND ${SHOWN_STATE_SQL} = ${numberOfState(trouble ?? 'unknown')}`;
  return {
    columns: rowsFor(query).columns,
    from: { sql: 'images', parameters: [] },
    conditions: [
      {
        sql: `images.space = ? AND images.missing_since IS NULL${trouble === null ? '' : inTrouble}`,
        parameters: [spaceId],
      },
      ...amongIds(ids),
      ...textConditions(POSTGRES, nameContains),
      ...filterConditions(POSTGRES, filter, COLUMN_OF_FIELD),
    ],
    anchors: imageAnchors(spaceId),
  };
}

/** Finds a query's list of a space in its order, by the names in it if that is quicker. */
export async function findImages(session: Session, space: Space, query: ImageQuery): Promise<OrderedList<SortKey>> {
  const lookedUp = Math.floor(space.images * LOOKED_UP_SHARE);
  const texts = space.images < INDEXED_FROM_IMAGES ? [] : textsIn(query.nameContains, query.filter);
  const ids = await findNames(session, texts, space.id, lookedUp);
  const order = totalOrder(query.sort);
  const isUniform = order.every(({ direction }) => direction === order[0]?.direction);
  const isWalked = isUnfiltered(query) && isUniform && `${order.map(({ key }) => key)}` === 'nameKey,name,path';
  return { source: imageSource(space.id, query, ids), order, columnOf: COLUMN_OF_KEY, isWalked };
}
