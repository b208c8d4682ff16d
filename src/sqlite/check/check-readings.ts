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

/** Finds groups of images that are alike (`image_groups`) that count others than there are. */
export function compareGroups(db: Database, note: (detail: string) => void): void {
  const wrong = db
    .prepare<[], number>(
      `WITH counted AS (
         SELECT space, state, is_settled, coalesce(family, ''), coalesce(cpus, -1), coalesce(memory_mib, -1),
           coalesce(disk_count, -1), count(*)
         FROM images WHERE state IS NOT NULL AND missing_since IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7)
       SELECT (SELECT count(*) FROM (SELECT * FROM image_groups EXCEPT SELECT * FROM counted))
         + (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM image_groups))`,
    )
    .pluck()
    .get();
  if (wrong !== 0) note(`${wrong} groups of images that are alike count others than there are`);
}
