import type { Database } from 'better-sqlite3';
import { counted } from '../../domain/text/counted.js';

/** Finds images with a state of which no reading is kept, and readings of images that have no state or another space. */
export function compareReadings(db: Database, note: (detail: string) => void): void {
  const unread =
    db
      .prepare<[], number>(
        `SELECT count(*) FROM images
       WHERE state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM descriptions WHERE descriptions.image = images.id)`,
      )
      .pluck()
      .get() ?? 0;
  const stray =
    db
      .prepare<[], number>(
        `SELECT count(*) FROM descriptions LEFT JOIN images ON images.id = descriptions.image
       WHERE images.state IS NULL OR images.space <> descriptions.space`,
      )
      .pluck()
      .get() ?? 0;
  if (unread !== 0)
    note(`${counted(unread, 'image has', 'images have')} a state, but no reading that it was judged by`);
  if (stray !== 0)
    note(`${counted(stray, 'reading belongs', 'readings belong')} to no image of their space that has a state`);
}
