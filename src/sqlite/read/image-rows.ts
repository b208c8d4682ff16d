import type { DescribedImage } from '../../domain/description/short-description.js';
import { needsShort } from '../../domain/lists/image-list.js';
import type { SearchQuery } from '../../domain/lists/image-search.js';
import type { Image } from '../../domain/model/image.js';
import type { ResourcePath } from '../../domain/model/path.js';
import type { Condition } from '../../sql/dialect.js';
import { imageFields, imageKeys } from '../../sql/image-columns.js';
import { stateFrom } from '../../sql/image-states.js';
import { SQLITE } from '../lists/dialect.js';
import { SHORT_COLUMNS, type ShortRow, shortFromRow } from './short-rows.js';

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

export const COLUMN_OF_KEY = imageKeys(SQLITE);
export const COLUMN_OF_FIELD = imageFields(SQLITE);

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
