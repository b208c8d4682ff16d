import type { Database } from 'better-sqlite3';
import { agreeing, counted } from '../../domain/text/counted.js';

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
  const wrong =
    db
      .prepare<[], number>(
        `WITH counted AS (
         SELECT space, state, is_settled, coalesce(family, ''), coalesce(cpus, -1), coalesce(memory_mib, -1),
           coalesce(disk_count, -1), count(*)
         FROM images WHERE state IS NOT NULL AND missing_since IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7)
       SELECT count(*) FROM (
         SELECT 1 FROM (SELECT * FROM image_groups UNION ALL SELECT * FROM counted)
         GROUP BY space, state, is_settled, family, cpus, memory_mib, disk_count
         HAVING count(*) <> 2 OR min(images) <> max(images))`,
      )
      .pluck()
      .get() ?? 0;
  if (wrong !== 0) {
    note(
      `${counted(wrong, 'group')} of images that are alike ${agreeing(wrong, 'counts', 'count')} others than there are`,
    );
  }
}
