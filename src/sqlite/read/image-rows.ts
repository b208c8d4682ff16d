import type { DescribedImage } from '../../domain/description/short-description.js';
import type { FilterTerm } from '../../domain/lists/filter.js';
import { troubleIn } from '../../domain/lists/image-groups.js';
import { type ImageField, type ImageQuery, needsShort } from '../../domain/lists/image-list.js';
import type { SearchQuery } from '../../domain/lists/image-search.js';
import type { Image } from '../../domain/model/image.js';
import { nameOf, type ResourcePath } from '../../domain/model/path.js';
import type { Condition } from '../../sql/dialect.js';
import { filterConditions } from '../../sql/filter-sql.js';
import { imageAnchors, imageFields, imageKeys, textConditions } from '../../sql/image-columns.js';
import { numberOfState, stateFrom } from '../../sql/image-states.js';
import type { ListSource } from '../../sql/list-sql.js';
import { SQLITE } from '../lists/dialect.js';
import { SHORT_COLUMNS, SHOWN_STATE_SQL, type ShortRow, shortFromRow } from './short-rows.js';

/** A row of `images` as `IMAGE_COLUMNS` selects it. */
export type ImageRow = readonly [
  id: number,
  path: ResourcePath,
  sizeBytes: number | null,
  createdAt: number,
  updatedAt: number,
  modifiedAt: number | null,
  isSettled: 0 | 1,
  state: number | null,
];

/** The name isn't among them, as it is the end of the path: a further text takes a tenth of what it takes to read a row of a page at hand. */
export const IMAGE_COLUMNS =
  'images.id, images.path, images.size_bytes, images.created_at, images.updated_at, images.modified_at, images.is_settled, images.state';
/** How many columns they are. */
export const IMAGE_LENGTH = 8;

export const COLUMN_OF_KEY = imageKeys(SQLITE);
export const COLUMN_OF_FIELD = imageFields(SQLITE);

/** Reads a row that begins with `IMAGE_COLUMNS`. */
export function imageFromRow(row: readonly [...ImageRow, ...unknown[]]): Image {
  const [id, path, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled, state] = row;
  return {
    id,
    path,
    name: nameOf(path),
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

/** Selects the images of a space that match a query: among these ids, if they are known to include all matches, else all. */
export function imageSource(spaceId: number, query: ImageQuery, ids: readonly number[] | null): ListSource {
  const { nameContains, filter = [] } = query;
  const { from, where } = wayTo(filter);
  return {
    columns: rowsFor(query).columns,
    from: ids === null ? { sql: from, parameters: [] } : imagesByIds(ids),
    conditions: [
      { sql: `images.space = ? AND images.missing_since IS NULL${where}`, parameters: [spaceId] },
      ...textConditions(SQLITE, nameContains),
      ...filterConditions(SQLITE, filter, COLUMN_OF_FIELD),
    ],
    anchors: imageAnchors(spaceId),
  };
}

/**
 * Says by which index images are read, and what that requires. SQLite itself prefers the one that has all columns of a
 * list, and reads a million rows for the ten of a rare family.
 */
function wayTo(filter: readonly FilterTerm<ImageField>[]): { readonly from: string; readonly where: string } {
  const trouble = troubleIn(filter);
  if (trouble !== null) {
    const where = ` AND ${SHOWN_STATE_SQL} > 1 AND ${SHOWN_STATE_SQL} = ${numberOfState(trouble)}`;
    return { from: 'images INDEXED BY images_troubled', where };
  }
  const isOfFamily = filter.some(({ field, operator }) => field === 'family' && operator === 'eq');
  return { from: isOfFamily ? 'images INDEXED BY images_by_family' : 'images', where: '' };
}
