import type { Database } from 'better-sqlite3';

/** The most findings of each check; a broken file has thousands. */
export const FINDINGS_AT_MOST = 100;

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
       FROM spaces ORDER BY id`,
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
