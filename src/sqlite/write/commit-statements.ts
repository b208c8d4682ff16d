import type { Database } from 'better-sqlite3';
import type { ResourcePath } from '../../domain/model/path.js';
import type { SyncMode } from '../../domain/model/sync.js';
import { COUNT_IMAGES, COUNTED_IMAGES, type CountColumns } from '../read/image-counts.js';
import type { PathRange } from './path-range.js';

export interface CollectionRow {
  readonly id: number;
  readonly isMount: 0 | 1;
  readonly isJoined: 0 | 1;
  readonly absentInSync: number | null;
  readonly emptyInSync: number | null;
  readonly modifiedAt: number | null;
  readonly listedAt: number | null;
  readonly hasSiblings: 0 | 1;
}

export type Settled = 0 | 1;
type Dates = readonly [modifiedAt: number | null, listedAt: number | null];
type Listed = [
  marker: string | null,
  ...Dates,
  isSettled: 0 | 1,
  isContradicted: 0 | 1,
  listedInSync: number | null,
  toVisit: string | null,
];
export type Content = [sizeBytes: number | null, etag: string | null, modifiedAt: number | null, isSettled: Settled];

/** What an image counts as; see `stateFrom`. */
export type StandingRow = readonly [isSettled: Settled, state: number | null];

/** Parameters of statements that mark what is held as absent. */
interface Held {
  readonly now: number;
  readonly syncId: number;
  /** The sync's id if it is a full one, else null. */
  readonly fullSync: number | null;
  readonly spaceId: number;
}

/** What an image hasn't that wasn't read. */
const UNDESCRIBED = `state = NULL, product = NULL, version = NULL, os = NULL, family = NULL, cpus = NULL, memory_mib = NULL,
  disk_count = NULL, capacity_bytes = NULL`;

export type CommitStatements = ReturnType<typeof prepareCommit>;

/** Prepares the statements of a commit. `changed_in` is the revision that it raises its space to, if readers see a difference. */
export function prepareCommit(db: Database) {
  // `markedAbsent` in SQL; a test compares the two.
  const held = `absent_since = iif(absent_in_sync IS NULL, :now, absent_since),
    absent_in_full = iif(absent_in_sync IS NULL, :fullSync, coalesce(absent_in_full, :fullSync)),
    absent_in_sync = coalesce(absent_in_sync, :syncId)`;
  const listed = `marker = ?, modified_at = ?, listed_at = ?, is_settled = ?, is_proven = 0, is_contradicted = ?,
    listed_in_sync = ?, to_visit = ?, empty_in_sync = NULL`;
  const below = 'space = ? AND path >= ? AND path < ?';
  return {
    findCollection: db.prepare<[number, ResourcePath], CollectionRow>(
      `SELECT id, is_mount AS isMount, is_joined AS isJoined, absent_in_sync AS absentInSync,
         empty_in_sync AS emptyInSync, modified_at AS modifiedAt, listed_at AS listedAt,
         siblings IS NOT NULL AS hasSiblings
       FROM collections WHERE space = ? AND path = ?`,
    ),
    insertCollection: db.prepare<[number, number | null, ResourcePath]>(
      'INSERT INTO collections (space, parent, path) VALUES (?, ?, ?) ON CONFLICT (space, path) DO NOTHING',
    ),
    noteListed: db.prepare<[...Listed, number]>(`UPDATE collections SET ${listed} WHERE id = ?`),
    /** The same with the files beside its images. */
    noteListedBeside: db.prepare<[...Listed, string | null, number]>(
      `UPDATE collections SET ${listed}, siblings = ? WHERE id = ?`,
    ),
    noteHeld: db.prepare<[number | null, 0 | 1, number]>(
      `UPDATE collections SET is_settled = 0, is_proven = 0, empty_in_sync = ?, is_contradicted = ? WHERE id = ?`,
    ),
    noteMount: db.prepare<[0 | 1, 0 | 1, number]>('UPDATE collections SET is_mount = ?, is_joined = ? WHERE id = ?'),
    deleteCollectionsBelow: db.prepare<[number, ...PathRange]>(`DELETE FROM collections WHERE ${below}`),
    deleteCollection: db.prepare<[number, ResourcePath]>('DELETE FROM collections WHERE space = ? AND path = ?'),

    /**
     * Leaves a row that already has this path as it is. An upsert that updates it would make SQLite save every page
     * that the statement writes, for each image: a sixth of the time of a first crawl's commits.
     */
    insertImage: db.prepare<[number, number, ResourcePath, string, string, ...Content, number, number, number]>(
      `INSERT INTO images (space, collection, path, name, name_key, size_bytes, etag, modified_at, is_settled, created_at,
         updated_at, changed_in)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (space, path) DO NOTHING`,
    ),
    /** Brings a tombstone back with the same id; returns the state that it has kept. */
    returnImage: db
      .prepare<[number, ...Content, number, number, number, ResourcePath], number | null>(
        `UPDATE images SET collection = ?, size_bytes = ?, etag = ?, modified_at = ?, is_settled = ?, updated_at = ?,
           changed_in = ?, missing_since = NULL
         WHERE space = ? AND path = ? AND missing_since IS NOT NULL
         RETURNING state`,
      )
      .pluck(),
    /** What a shown image counts as. */
    standing: db
      .prepare<[number, number], StandingRow>(
        'SELECT is_settled, state FROM images WHERE id = ? AND space = ? AND missing_since IS NULL',
      )
      .raw(),
    /** Alters an image as most are: settled, and never read. */
    alterUnread: db.prepare<[...Content, number, number, number, number]>(
      `UPDATE images SET size_bytes = ?, etag = ?, modified_at = ?, is_settled = ?, updated_at = ?, changed_in = ?
       WHERE id = ? AND space = ? AND missing_since IS NULL AND state IS NULL AND is_settled = 1`,
    ),
    /** The same of any other: what it is now nobody knows. */
    alterAny: db.prepare<[...Content, number, number, number, number]>(
      `UPDATE images SET size_bytes = ?, etag = ?, modified_at = ?, is_settled = ?, updated_at = ?, changed_in = ?,
         ${UNDESCRIBED}
       WHERE id = ? AND space = ? AND missing_since IS NULL`,
    ),
    /** `keepsReading` in SQL: forgets what a tombstone was if another content returns in its place; a test compares the two. */
    forgetOther: db
      .prepare<[number, ResourcePath, number | null, number | null, string | null], number>(
        `UPDATE images SET ${UNDESCRIBED}
         WHERE space = ? AND path = ? AND missing_since IS NOT NULL AND state IS NOT NULL
           AND (size_bytes IS ? AND modified_at IS ? AND (modified_at IS NOT NULL OR etag = ?)) IS NOT 1
         RETURNING id`,
      )
      .pluck(),
    forgetReading: db.prepare<[number]>('DELETE FROM descriptions WHERE image = ?'),
    /** Settles an image as most are: never read. */
    settleUnread: db.prepare<[number, number, number]>(
      `UPDATE images SET is_settled = 1, changed_in = ?
       WHERE id = ? AND space = ? AND missing_since IS NULL AND is_settled = 0 AND state IS NULL`,
    ),
    settleAny: db
      .prepare<[number, number, number], number | null>(
        `UPDATE images SET is_settled = 1, changed_in = ?
         WHERE id = ? AND space = ? AND missing_since IS NULL AND is_settled = 0
         RETURNING state`,
      )
      .pluck(),
    reconfirmImage: db.prepare<[number, number]>('UPDATE images SET absent_in_sync = NULL WHERE id = ? AND space = ?'),

    holdImage: db.prepare<[Held & { readonly id: number }]>(
      `UPDATE images SET ${held} WHERE id = :id AND space = :spaceId AND missing_since IS NULL`,
    ),
    /** What this very sync has listed is there, whatever a folder above it shows. */
    holdBelow: db.prepare<[Held & { readonly from: string; readonly to: string | Buffer }]>(
      `UPDATE images SET ${held}
       WHERE space = :spaceId AND path >= :from AND path < :to AND missing_since IS NULL
         AND coalesce((SELECT listed_in_sync FROM collections WHERE id = images.collection), 0) <> :syncId`,
    ),
    findImageBelow: db.prepare<[number, ...PathRange], 1>(`SELECT 1 FROM images WHERE ${below} LIMIT 1`),
    renameCollection: db.prepare<[ResourcePath, number, ResourcePath]>(
      'UPDATE collections SET path = ? WHERE space = ? AND path = ?',
    ),
    renameCollections: db.prepare<[ResourcePath, number, number, ...PathRange]>(
      `UPDATE collections SET path = ? || substr(path, ?) WHERE ${below}`,
    ),
    /** Tombstones, too, since they return under the new path; but they are as gone as before. */
    renameImages: db.prepare<[ResourcePath, number, number, number, ...PathRange]>(
      `UPDATE images SET path = ? || substr(path, ?), changed_in = iif(missing_since IS NULL, ?, changed_in) WHERE ${below}`,
    ),
    modeOf: db.prepare<[number], SyncMode>('SELECT mode FROM syncs WHERE id = ?').pluck(),
    holdCollection: db.prepare<[number, number | null, number, ResourcePath]>(
      `UPDATE collections SET absent_in_sync = coalesce(absent_in_sync, ?), absent_in_full = coalesce(absent_in_full, ?)
       WHERE space = ? AND path = ?`,
    ),
    reconfirmCollection: db.prepare<[number, ResourcePath]>(
      'UPDATE collections SET absent_in_sync = NULL, absent_in_full = NULL WHERE space = ? AND path = ?',
    ),
    isRemovalRefused: db.prepare<[number], 0 | 1>('SELECT is_removal_refused FROM spaces WHERE id = ?').pluck(),
    /** `reconfirmedSince` in SQL, where nothing was refused; a test compares the two. */
    reconfirmBelow: db.prepare<
      [{ since: number; spaceId: number; path: ResourcePath; from: string; to: string | Buffer }]
    >(
      `WITH emptied AS MATERIALIZED (
         SELECT path, empty_in_sync FROM collections
         WHERE space = :spaceId AND (path = :path OR path >= :from AND path < :to) AND empty_in_sync >= :since
       )
       UPDATE images SET absent_in_full = iif(absent_in_full >= :since, NULL, absent_in_full),
         absent_in_sync = iif(absent_in_sync >= :since, (
           SELECT min(empty_in_sync) FROM emptied
           WHERE images.path > emptied.path || '/' AND images.path < emptied.path || '0'
         ), absent_in_sync)
       WHERE space = :spaceId AND path >= :from AND path < :to AND absent_in_sync IS NOT NULL`,
    ),
    removeImage: db.prepare<[number, number, number, number]>(
      `UPDATE images SET missing_since = ?, changed_in = ?, absent_in_sync = NULL
       WHERE id = ? AND space = ? AND missing_since IS NULL`,
    ),
    countBelow: db
      .prepare<[number, ...PathRange], CountColumns>(
        `SELECT ${COUNTED_IMAGES} FROM images WHERE ${below} AND missing_since IS NULL`,
      )
      .raw(),
    removeBelow: db.prepare<[number, number, number, ...PathRange]>(
      `UPDATE images SET missing_since = ?, changed_in = ?, absent_in_sync = NULL
       WHERE ${below} AND missing_since IS NULL`,
    ),
    orphanTombstones: db.prepare<[number, ...PathRange]>(
      `UPDATE images SET collection = NULL WHERE ${below} AND collection IS NOT NULL`,
    ),
    /**
     * Whether any space has tombstones without a collection: a first crawl has none, and looking for them below each
     * folder was a twelfth of its commits.
     */
    hasOrphans: db.prepare<[], 1>('SELECT 1 FROM images WHERE collection IS NULL LIMIT 1').pluck(),
    adoptTombstones: db.prepare<[number, number, ...PathRange, number]>(
      `UPDATE images SET collection = ?
       WHERE ${below} AND collection IS NULL AND instr(substr(path, ?), '/') = 0`,
    ),

    countSpace: db.prepare<
      [number, number | null, 0 | 1, images: number, collections: number, ...CountColumns, spaceId: number]
    >(
      `UPDATE spaces SET revision = revision + ?, changed_at = coalesce(?, changed_at), has_unread = max(has_unread, ?),
         images = images + ?, collections = collections + ?, ${COUNT_IMAGES}
       WHERE id = ?`,
    ),
  };
}
