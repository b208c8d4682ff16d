import type { Database } from 'better-sqlite3';
import type { ImageToRead } from '../../domain/ports/description-store.js';
import { COUNT_IMAGES, type CountColumns } from '../read/image-counts.js';
import { SHORT_COLUMNS, type ShortRow } from '../read/short-rows.js';

const IMAGE_TO_READ =
  'images.id, images.path, images.size_bytes AS sizeBytes, images.etag, images.modified_at AS modifiedAt';
/**
 * The newest images of a space that wait for being read. They are chosen in the covering index of its list, since no
 * index has them in this order: it would cost every commit, and this is asked for a thousand at a time.
 */
export const UNREAD_SQL = `WITH newest AS MATERIALIZED (
    SELECT id, modified_at FROM images WHERE space = ? AND state IS NULL AND is_settled = 1 AND missing_since IS NULL
    ORDER BY modified_at DESC, id DESC LIMIT ?)
  SELECT ${IMAGE_TO_READ} FROM newest CROSS JOIN images ON images.id = newest.id
  ORDER BY newest.modified_at DESC, newest.id DESC`;
/** Readings by older rules (`reader` in the first parameter, an array) of images that are to be read again. */
const READ_BEFORE = `descriptions CROSS JOIN images ON images.id = descriptions.image
  WHERE descriptions.reader IN (SELECT value FROM json_each(?)) AND descriptions.space = ?
    AND images.is_settled = 1 AND images.missing_since IS NULL`;

type FoundRow = readonly [
  name: string,
  isSettled: 0 | 1,
  siblings: string | null,
  state: number | null,
  ...short: ShortRow,
];

/** Prepares the statements of `DescriptionStore`. */
export function prepareDescriptions(db: Database) {
  return {
    /** The revision of a space of which an image may wait. */
    mayBeUnread: db.prepare<[number], number>('SELECT revision FROM spaces WHERE id = ? AND has_unread = 1').pluck(),
    unread: db.prepare<[number, number], ImageToRead>(UNREAD_SQL),
    /** Notes that no image waits, unless there has been a commit since this revision. */
    noteAllRead: db.prepare<[number, number]>('UPDATE spaces SET has_unread = 0 WHERE id = ? AND revision = ?'),
    readBefore: db.prepare<[string, number, number], ImageToRead>(
      `SELECT ${IMAGE_TO_READ} FROM ${READ_BEFORE} LIMIT ?`,
    ),
    maybeUnread: db.prepare<[], number>('SELECT id FROM spaces WHERE has_unread = 1 AND images > 0').pluck(),
    /** The next space with an image that was read by these rules. */
    nextReadBy: db
      .prepare<[number, number], number>(
        `SELECT descriptions.space FROM descriptions CROSS JOIN images ON images.id = descriptions.image
         WHERE descriptions.reader = ? AND descriptions.space > ? AND images.is_settled = 1 AND images.missing_since IS NULL
         ORDER BY descriptions.space LIMIT 1`,
      )
      .pluck(),
    /** Finds an image that is still as it was read; see `isAltered`. */
    find: db
      .prepare<[Omit<ImageToRead, 'id'> & { readonly id: number; readonly spaceId: number }], FoundRow>(
        `SELECT images.name, images.is_settled, collections.siblings, images.state, ${SHORT_COLUMNS}
         FROM images LEFT JOIN collections ON collections.id = images.collection
         WHERE images.id = :id AND images.space = :spaceId AND images.path = :path AND images.missing_since IS NULL
           AND images.size_bytes IS :sizeBytes AND images.modified_at IS :modifiedAt
           AND (images.modified_at IS NOT NULL OR images.etag IS :etag)`,
      )
      .raw(),
    describe: db.prepare<[number, ...ShortRow, number]>(
      `UPDATE images SET state = ?, product = ?, version = ?, os = ?, family = ?, cpus = ?, memory_mib = ?, disk_count = ?,
         capacity_bytes = ?
       WHERE id = ?`,
    ),
    keep: db.prepare<[number, number, number, number, number, number, string]>(
      `INSERT OR REPLACE INTO descriptions (image, space, reader, requests, bytes, read_at, reading)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    /** Has the next look search again: a file that lacks may have come between the listing and the last search. */
    forgetSearched: db.prepare<[number]>(
      'UPDATE spaces SET searched_marker = NULL WHERE id = ? AND searched_marker IS NOT NULL',
    ),
    countBytes: db.prepare<[number, number]>('UPDATE spaces SET read_bytes = read_bytes + ? WHERE id = ?'),
    /** Returns the new revision. */
    raise: db
      .prepare<[number, ...CountColumns, spaceId: number], number>(
        `UPDATE spaces SET revision = revision + 1, changed_at = ?, ${COUNT_IMAGES} WHERE id = ? RETURNING revision`,
      )
      .pluck(),
    noteChanged: db.prepare<[number, number]>('UPDATE images SET changed_in = ? WHERE id = ?'),
  };
}
