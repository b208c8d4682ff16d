import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { type Image, nameKey } from '../domain/image.js';
import type { ResourcePath } from '../domain/path.js';
import type { ImageCatalogue } from '../domain/ports.js';
import { type ImageField, type ImageQuery, type SortKey, totalOrder } from '../domain/query.js';
import { attempt } from './attempt.js';
import { type Condition, containsCondition, type FieldColumns, filterConditions } from './filter-sql.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

/** Orders and numbers of filters that are asked for in practice; each costs a few KB and half a millisecond to prepare. */
const PREPARED_LISTS = 100;

type ImageRow = readonly [
  id: number,
  path: ResourcePath,
  name: string,
  sizeBytes: number | null,
  createdAt: number,
  updatedAt: number,
];

const IMAGE_COLUMNS = 'images.id, images.path, images.name, images.size_bytes, images.created_at, images.updated_at';

const COLUMN_OF_KEY: Record<SortKey, string> = {
  nameKey: 'name_key',
  name: 'name',
  path: 'path',
  id: 'id',
  sizeBytes: 'size_bytes',
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
  const lists = new LRUCache<string, Statement<(number | string)[], ImageRow>>({ max: PREPARED_LISTS });
  const listFor = (sql: string) => {
    const prepared = lists.get(sql) ?? db.prepare<(number | string)[], ImageRow>(sql).raw();
    lists.set(sql, prepared);
    return prepared;
  };

  // One transaction, so that the revision is that of the rows.
  const readImages = db.transaction((user: string, query: ImageQuery) => {
    const row = selectSpace.get(user);
    if (row === undefined) return null;
    const space = spaceFromRow(row);
    const { sql, parameters } = imageList(query);
    const images = listFor(sql)
      .all(space.id, ...parameters)
      .map(imageFromRow);
    return { space, images };
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

/** The list of a space, which is the first parameter. */
export function imageList(query: ImageQuery): Condition {
  const conditions = [
    ...query.nameContains.map((part) => containsCondition('name_key', nameKey(part))),
    ...filterConditions(query.filter ?? [], COLUMN_OF_FIELD),
  ];
  const filter = conditions.map(({ sql }) => ` AND ${sql}`).join('');
  const order = totalOrder(query.sort).map(({ key, direction }) => `${COLUMN_OF_KEY[key]} ${direction}`);
  const sql = `SELECT ${IMAGE_COLUMNS} FROM images
    WHERE space = ? AND missing_since IS NULL${filter} ORDER BY ${order.join(', ')}`;
  return { sql, parameters: conditions.flatMap(({ parameters }) => parameters) };
}

function imageFromRow([id, path, name, sizeBytes, createdAt, updatedAt]: ImageRow): Image {
  return { id, path, name, sizeBytes, createdAt, updatedAt };
}
