import type { Database } from 'better-sqlite3';
import { COUNTED_IMAGES, type CountColumns } from '../read/image-counts.js';
import { FORGOTTEN } from '../write/space-content.js';

/** The most findings of each check; a broken file has thousands. */
export const FINDINGS_AT_MOST = 100;

/** Nobody sees what is left of a user who is being forgotten, nor how much of it is counted. */
const IS_NAMED = `spaces.user NOT GLOB '${FORGOTTEN}*'`;

interface Counted {
  readonly user: string;
  readonly images: number;
  readonly collections: number;
  readonly countedImages: number;
  readonly countedCollections: number;
}

/** Compares the counters of each space with its rows; returns how many there are in total. */
export function compareCounters(db: Database, note: (detail: string) => void): { images: number; spaces: number } {
  const spaces = db
    .prepare<[], Counted>(
      `SELECT user, images, collections,
         (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL) AS countedImages,
         (SELECT count(*) FROM collections WHERE space = spaces.id) AS countedCollections
       FROM spaces WHERE ${IS_NAMED} ORDER BY id`,
    )
    .all();
  let noted = 0;
  for (const { user, images, collections, countedImages, countedCollections } of spaces) {
    if ((images === countedImages && collections === countedCollections) || noted++ >= FINDINGS_AT_MOST) continue;
    note(
      `the space of "${user}" counts ${images} images and ${collections} collections, but there are ${countedImages} and ${countedCollections}`,
    );
  }
  return { images: spaces.reduce((sum, { countedImages }) => sum + countedImages, 0), spaces: spaces.length };
}

/** Compares how many images of each space are counted in which state with its rows. */
export function compareImageCounters(db: Database, note: (detail: string) => void): void {
  const spaces = db
    .prepare<[], [user: string, ...kept: CountColumns, ...counted: CountColumns]>(
      `WITH counted (space, described, waiting, incomplete, broken) AS (
         SELECT space, ${COUNTED_IMAGES} FROM images WHERE missing_since IS NULL GROUP BY space)
       SELECT user, described_images, waiting_images, incomplete_images, broken_images,
         coalesce(described, 0), coalesce(waiting, 0), coalesce(incomplete, 0), coalesce(broken, 0)
       FROM spaces LEFT JOIN counted ON counted.space = spaces.id WHERE ${IS_NAMED} ORDER BY spaces.id`,
    )
    .raw()
    .iterate();
  let noted = 0;
  for (const [user, ...columns] of spaces) {
    const [kept, counted] = [columns.slice(0, 4), columns.slice(4)];
    if (kept.every((count, at) => count === counted[at]) || noted++ >= FINDINGS_AT_MOST) continue;
    note(
      `the space of "${user}" counts ${kept.join(', ')} images as described, waiting, incomplete, broken, but there are ${counted.join(', ')}`,
    );
  }
}
