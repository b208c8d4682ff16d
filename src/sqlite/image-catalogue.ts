import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { type Image, nameKey } from '../domain/image.js';
import type { ResourcePath } from '../domain/path.js';
import type { ImageCatalogue } from '../domain/ports.js';
import { type ImageField, type ImageQuery, type SortKey, totalOrder } from '../domain/query.js';
import type { Space } from '../domain/space.js';
import { attempt } from './attempt.js';
import { containsCondition, type FieldColumns, filterConditions } from './filter-sql.js';
import { createListReader } from './list-reader.js';
import type { KeyColumns, ListSource } from './list-sql.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

/** Counts of filtered lists, kept for the further pages of the same question, by the length of that. */
const KEPT_COUNT_CHARACTERS = 1024 * 1024;

type ImageRow = readonly [
  id: number,
  path: ResourcePath,
  name: string,
  sizeBytes: number | null,
  createdAt: number,
  updatedAt: number,
];

const IMAGE_COLUMNS = 'images.id, images.path, images.name, images.size_bytes, images.created_at, images.updated_at';

export const COLUMN_OF_KEY: KeyColumns<SortKey> = {
  nameKey: 'name_key',
  name: 'name',
  path: 'path',
  id: 'id',
  sizeBytes: 'coalesce(size_bytes, -1)',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
};

const COLUMN_OF_FIELD: FieldColumns<ImageField> = {
  name: { kind: 'name', column: 'name', keyColumn: 'name_key' },
  path: { kind: 'text', column: 'path' },
  id: { kind: 'value', column: 'id' },
  size: { kind: 'value', column: 'size_bytes' },
  created_on: { kind: 'value', column: 'created_at' },
  updated_on: { kind: 'value', column: 'updated_at' },
};

/** What readers see of the configured spaces; a read-only connection serves it best. Rejects with OvadexError `index`. */
export function createImageCatalogue(db: Database): ImageCatalogue {
  const selectSpace = db
    .prepare<[string], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE user = ? AND is_configured = 1`)
    .raw();
  const selectSpaces = db
    .prepare<[], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE is_configured = 1 ORDER BY user`)
    .raw();
  const selectImage = db
    .prepare<[number, string], ImageRow>(
      `SELECT ${IMAGE_COLUMNS} FROM images JOIN spaces ON spaces.id = images.space
       WHERE images.id = ? AND images.missing_since IS NULL AND spaces.user = ? AND spaces.is_configured = 1`,
    )
    .raw();

  db.function('name_key', { deterministic: true }, (text) => nameKey(`${text}`));
  const lists = createListReader(db);
  const counts = new LRUCache<string, number>({
    maxSize: KEPT_COUNT_CHARACTERS,
    sizeCalculation: (_count, key) => key.length,
  });
  const countOf = (space: Space, query: ImageQuery, source: ListSource) => {
    if (isUnfiltered(query)) return space.images;
    const key = JSON.stringify([space.id, space.revision, query.nameContains, query.filter]);
    const count = counts.get(key) ?? lists.count(source);
    counts.set(key, count);
    return count;
  };

  // One transaction, so that the revision is that of the rows.
  const readImages = db.transaction((user: string, query: ImageQuery) => {
    const row = selectSpace.get(user);
    if (row === undefined) return null;
    const space = spaceFromRow(row);
    const source = imageSource(space.id, query);
    const { rows, place } = lists.read<ImageRow, SortKey>(
      source,
      totalOrder(query.sort),
      COLUMN_OF_KEY,
      query.page,
      () => countOf(space, query, source),
    );
    return { space, images: rows.map(imageFromRow), place };
  });

  // Another connection's commits raise it (https://sqlite.org/pragma.html#pragma_data_version); this one writes nothing.
  const selectVersion = db.prepare<[], number>('PRAGMA data_version').pluck();

  return {
    version: () => selectVersion.get() ?? 0,
    space: (user) =>
      attempt(() => {
        const row = selectSpace.get(user);
        return row === undefined ? null : spaceFromRow(row);
      }),
    spaces: () => attempt(() => selectSpaces.all().map(spaceFromRow)),
    images: (user, query) => attempt(() => readImages.deferred(user, query)),
    image: (user, id) =>
      attempt(() => {
        const row = selectImage.get(id, user);
        return row === undefined ? null : imageFromRow(row);
      }),
  };
}

/** The images of a space that a query asks for. */
export function imageSource(spaceId: number, { nameContains, filter = [] }: ImageQuery): ListSource {
  return {
    columns: IMAGE_COLUMNS,
    from: { sql: 'images', parameters: [] },
    conditions: [
      { sql: 'space = ? AND missing_since IS NULL', parameters: [spaceId] },
      ...nameContains.map((part) => containsCondition('name_key', nameKey(part))),
      ...filterConditions(filter, COLUMN_OF_FIELD),
    ],
  };
}

/** The space has counted the images of such a query already. */
function isUnfiltered({ nameContains, filter = [] }: ImageQuery): boolean {
  return nameContains.length === 0 && filter.length === 0;
}

function imageFromRow([id, path, name, sizeBytes, createdAt, updatedAt]: ImageRow): Image {
  return { id, path, name, sizeBytes, createdAt, updatedAt };
}
