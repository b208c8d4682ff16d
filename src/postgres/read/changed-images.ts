import type { DescribedImage } from '../../domain/description/short-description.js';
import type { ChangesFrom } from '../../domain/lists/change-point.js';
import type { Session } from '../connection/database.js';
import { type ImageRow, rowsFor, type ShortRow } from './image-rows.js';

/** An image with the revision of its last change. */
export interface ChangedImage {
  readonly image: DescribedImage;
  readonly revision: number;
  /** null: it is shown. */
  readonly removedAt: number | null;
}

type ChangedRow = ImageRow & ShortRow & { readonly changedIn: number; readonly missingSince: number | null };

/**
 * Reads the images of a space in the order of their changes, removed ones among them, from somewhere on. A revision may
 * have a million images; the index has them in the order of their ids.
 */
export async function readChangedImages(
  session: Session,
  spaceId: number,
  { revision, after, removedAfter }: ChangesFrom,
  limit: number,
  withShort = true,
): Promise<readonly ChangedImage[]> {
  const { columns, fromRow } = rowsFor({ nameContains: [], sort: [], withShort });
  const rows = await session.rows<ChangedRow>(
    `SELECT ${columns}, images.changed_in AS "changedIn", images.missing_since AS "missingSince" FROM images
     WHERE images.space = $1 AND (images.changed_in, images.id) > ($2, $3)
       AND (images.missing_since IS NULL OR images.changed_in > $4)
     ORDER BY images.changed_in, images.id LIMIT $5`,
    [spaceId, revision, after, removedAfter, limit],
  );
  return rows.map((row) => ({ image: fromRow(row), revision: row.changedIn, removedAt: row.missingSince }));
}
