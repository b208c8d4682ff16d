import type { Database } from 'better-sqlite3';
import type { PathTrace } from '../../domain/diagnosis/why.js';
import { compareCodePoints } from '../../domain/lists/order.js';
import { nameKey } from '../../domain/model/image.js';
import { nameOf, parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import { NAMED_PLACES, type PathTraces } from '../../domain/ports/path-traces.js';
import { attempt } from '../file/run-query.js';

/** The most other places that are named: as many as a person reads through. */
const NAMED_ELSEWHERE = 5;

/** The most listed places of a name that are put in order. */
const MOST_OF_A_NAME = 1_000;

type ImageRow = Omit<NonNullable<PathTrace['image']>, 'isSettled'> & { readonly isSettled: 0 | 1 };

interface FolderRow {
  readonly path: ResourcePath;
  readonly isListed: 0 | 1;
  readonly listedAt: number | null;
}

export function createPathTraces(db: Database): PathTraces {
  const selectImage = db.prepare<[number, ResourcePath], ImageRow>(
    `SELECT missing_since AS missingSince, iif(absent_in_sync IS NULL, NULL, coalesce(absent_since, updated_at)) AS absentSince,
            is_settled AS isSettled
     FROM images WHERE space = ? AND path = ?`,
  );
  const selectFolder = db.prepare<[number, ResourcePath], FolderRow>(
    `SELECT path, listed_in_sync IS NOT NULL AS isListed, listed_at AS listedAt
     FROM collections WHERE space = ? AND path = ?`,
  );
  const selectWarnings = db
    .prepare<[number], string>(
      `SELECT warnings FROM syncs
       WHERE space = ? AND mode <> 'hint' AND status IN ('PROCESSED', 'ERROR') ORDER BY id DESC LIMIT 1`,
    )
    .pluck();
  const selectShown = db
    .prepare<[number, string], ResourcePath>(
      `SELECT path FROM images INDEXED BY images_shown WHERE space = ? AND name_key = ? AND missing_since IS NULL
       LIMIT ${MOST_OF_A_NAME}`,
    )
    .pluck();
  const shownOf = (spaceId: number, name: string): readonly ResourcePath[] =>
    selectShown.all(spaceId, nameKey(name)).sort(compareCodePoints);
  // Of all spaces, the latest first: tombstones are few beside images, since they are forgotten after a while.
  const selectGone = db
    .prepare<[number, string], ResourcePath>(
      `SELECT path FROM images INDEXED BY images_missing WHERE missing_since IS NOT NULL AND space = ? AND name_key = ?
       ORDER BY missing_since DESC LIMIT ${NAMED_PLACES}`,
    )
    .pluck();

  const nearestFolder = (spaceId: number, path: ResourcePath): FolderRow | null => {
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      const found = selectFolder.get(spaceId, folder);
      if (found !== undefined) return found;
      if (folder === ROOT) return null;
    }
  };
  const trace = db.transaction((spaceId: number, path: ResourcePath): PathTrace => {
    const folder = nearestFolder(spaceId, path);
    const image = selectImage.get(spaceId, path);
    return {
      image: image === undefined ? null : { ...image, isSettled: image.isSettled === 1 },
      folder: folder === null ? null : { ...folder, isListed: folder.isListed === 1 },
      warnings: JSON.parse(selectWarnings.get(spaceId) ?? '[]') as string[],
      elsewhere: shownOf(spaceId, nameOf(path))
        .filter((each) => each !== path)
        .slice(0, NAMED_ELSEWHERE),
    };
  });
  return {
    trace: (spaceId, path) => attempt(() => trace.deferred(spaceId, path)),
    placesOf: (spaceId, name) =>
      attempt(() => {
        const shown = shownOf(spaceId, name);
        if (shown.length >= NAMED_PLACES) return shown.slice(0, NAMED_PLACES);
        return [...shown, ...selectGone.all(spaceId, nameKey(name))].slice(0, NAMED_PLACES);
      }),
  };
}
