import type { PathTrace } from '../../domain/diagnosis/why.js';
import { compareCodePoints } from '../../domain/lists/order.js';
import { nameKey } from '../../domain/model/image.js';
import { nameOf, parentOf, type ResourcePath, withAncestors } from '../../domain/model/path.js';
import { NAMED_PLACES, type PathTraces } from '../../domain/ports/path-traces.js';
import type { Database, Session } from '../connection/database.js';
import { storable } from '../connection/storable.js';

/** The most other places that are named: as many as a person reads through. */
const NAMED_ELSEWHERE = 5;

/** The most listed places of a name that are put in order. */
const MOST_OF_A_NAME = 1_000;

type Traced<Part extends keyof PathTrace> = NonNullable<PathTrace[Part]>;

export function createPathTraces(db: Database): PathTraces {
  return {
    trace: (spaceId, path) =>
      db.read(async (session): Promise<PathTrace> => {
        const image = await session.row<Traced<'image'>>(
          `SELECT missing_since AS "missingSince", is_settled AS "isSettled",
             CASE WHEN absent_in_sync IS NOT NULL THEN coalesce(absent_since, updated_at) END AS "absentSince"
           FROM images WHERE space = $1 AND path = $2`,
          [spaceId, storable(path)],
        );
        const folder = await session.row<Traced<'folder'>>(
          `SELECT path, listed_in_sync IS NOT NULL AS "isListed", listed_at AS "listedAt" FROM collections
           WHERE space = $1 AND path = ANY($2::text[]) ORDER BY length(path) DESC LIMIT 1`,
          [spaceId, withAncestors(parentOf(path)).map(storable)],
        );
        const sync = await session.row<Pick<PathTrace, 'warnings'>>(
          `SELECT warnings FROM syncs
           WHERE space = $1 AND mode <> 'hint' AND status IN ('PROCESSED', 'ERROR') ORDER BY id DESC LIMIT 1`,
          [spaceId],
        );
        const shown = await shownOf(session, spaceId, nameOf(path));
        return {
          image: image ?? null,
          folder: folder ?? null,
          warnings: sync?.warnings ?? [],
          elsewhere: shown.filter((each) => each !== path).slice(0, NAMED_ELSEWHERE),
        };
      }),
    placesOf: async (spaceId, name) => {
      const shown = await shownOf(db, spaceId, name);
      if (shown.length >= NAMED_PLACES) return shown.slice(0, NAMED_PLACES);
      const gone = await db.rows<{ path: ResourcePath }>(
        `SELECT path FROM images WHERE missing_since IS NOT NULL AND space = $1 AND name_key = $2
         ORDER BY missing_since DESC LIMIT ${NAMED_PLACES}`,
        [spaceId, storable(nameKey(name))],
      );
      return [...shown, ...gone.map(({ path }) => path)].slice(0, NAMED_PLACES);
    },
  };
}

async function shownOf(session: Session, spaceId: number, name: string): Promise<readonly ResourcePath[]> {
  const rows = await session.rows<{ path: ResourcePath }>(
    `SELECT path FROM images WHERE space = $1 AND name_key = $2 AND missing_since IS NULL LIMIT ${MOST_OF_A_NAME}`,
    [spaceId, storable(nameKey(name))],
  );
  return rows.map(({ path }) => path).sort(compareCodePoints);
}
