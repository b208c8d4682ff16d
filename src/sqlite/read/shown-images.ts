import type { Database } from 'better-sqlite3';
import type { ResourcePath } from '../../domain/model/path.js';
import type { ShownPage } from '../../domain/model/shown-image.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { IncompleteFolder } from '../../domain/reconcile/late-files.js';
import { numberOfState } from '../../sql/image-states.js';
import { SHOWN_STATE_SQL } from './short-rows.js';

/** Images read at once: others can write in between, and of a large space no more are in memory at a time. */
const SHOWN_AT_ONCE = 1_000;

type ShownRow = readonly [
  path: ResourcePath,
  sizeBytes: number | null,
  etag: string | null,
  modifiedAt: number | null,
  isSettled: 0 | 1,
];

/** Creates the reader behind `KnownContent.shownImages`. */
export function createShownImages(db: Database): (spaceId: number, after: ResourcePath) => ShownPage {
  const select = db
    .prepare<[number, ResourcePath], ShownRow>(
      `SELECT path, size_bytes, etag, modified_at, is_settled FROM images
       WHERE space = ? AND path > ? AND missing_since IS NULL ORDER BY path LIMIT ${SHOWN_AT_ONCE}`,
    )
    .raw();
  return (spaceId, after) => {
    const rows = select.all(spaceId, after);
    return {
      images: rows.map(([path, sizeBytes, etag, modifiedAt, isSettled]) => ({
        path,
        sizeBytes,
        etag,
        modifiedAt,
        isSettled: isSettled === 1,
      })),
      next: rows.length < SHOWN_AT_ONCE ? null : (rows.at(-1)?.[0] ?? null),
    };
  };
}

/** Selects collections with incomplete descriptors by the index of what doesn't deploy: mostly there is nothing. */
export const INCOMPLETE_FOLDERS_SQL = `SELECT collections.path, max(images.updated_at), collections.listed_at
  FROM images INDEXED BY images_troubled JOIN collections ON collections.id = images.collection
  WHERE images.space = ? AND ${SHOWN_STATE_SQL} = ${numberOfState('incomplete')} AND ${SHOWN_STATE_SQL} > 1
    AND images.missing_since IS NULL AND images.name LIKE '%.ovf'
  GROUP BY collections.id ORDER BY 2 DESC, 1 LIMIT 1000`;

/** Creates the reader behind `KnownContent.incompleteFolders`. */
export function createIncompleteFolders(db: Database, clock: Clock): (spaceId: number) => readonly IncompleteFolder[] {
  const select = db.prepare<[number], IncompleteRow>(INCOMPLETE_FOLDERS_SQL).raw();
  return (spaceId) => {
    const rows = select.all(spaceId);
    const now = rows.length === 0 ? 0 : clock();
    return rows.map(([collection, changedAt, listedAt]) => ({
      collection,
      unchangedMs: Math.max(0, now - changedAt),
      listedAt,
    }));
  };
}

type IncompleteRow = readonly [collection: ResourcePath, changedAt: number, listedAt: number | null];
