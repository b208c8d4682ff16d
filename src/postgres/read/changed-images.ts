import type { DescribedImage } from '../../domain/description/short-description.js';
import type { ChangesFrom } from '../../domain/lists/change-point.js';
import type { Session } from '../connection/database.js';
import { describedFromRow, IMAGE_COLUMNS, type ImageRow, SHORT_COLUMNS, type ShortRow } from './image-rows.js';

/** An image with the revision of its last change. */
export interface ChangedImage {
  readonly image: DescribedImage;
  readonly revision: number;
  /** null: it is shown. */
  readonly removedAt: number | null;
}

/**
 * Reads the images of a space in the order of their changes, removed ones among them, from somewhere on. A revision may
 * have a million images; the index has them in the order of their ids.
 */
export async function readChangedImages(
  session: Session,
  spaceId: number,
  { revision, after, removedAfter }: ChangesFrom,
  limit: number,
): Promise<readonly ChangedImage[]> {
  const rows = await session.rows<ImageRow & ShortRow & { changed_in: number; missing_since: number | null }>(
    `SELECT ${IMAGE_COLUMNS}, ${SHORT_COLUMNS}, images.changed_in, images.missing_since FROM images
     WHERE images.space = $1 AND (images.changed_in, images.id) > ($2::bigint, $3::bigint)
       AND (images.missing_since IS NULL OR images.changed_in > $4)
     ORDER BY images.changed_in, images.id LIMIT $5`,
    [spaceId, revision, after, removedAfter, limit],
  );
  return rows.map((row) => ({
    image: describedFromRow(row),
    revision: row.changed_in,
    removedAt: row.missing_since,
  }));
}
