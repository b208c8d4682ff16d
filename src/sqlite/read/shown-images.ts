import type { Database } from 'better-sqlite3';
import type { ResourcePath } from '../../domain/model/path.js';
import type { ShownPage } from '../../domain/model/shown-image.js';

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
