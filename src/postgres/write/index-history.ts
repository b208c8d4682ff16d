import {
  type HourRecord,
  hourOf,
  hoursToDrop,
  type Stock,
  type TroubledUsers,
} from '../../domain/diagnosis/history.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import type { Database, Session } from '../connection/database.js';

/** Images whose sizes are summed up in one statement, unless a single space has more: some 0.1 s. */
const IMAGES_AT_ONCE = 100_000;

interface HourRow extends Omit<HourRecord, 'stock'> {
  readonly spaces: number | null;
  readonly images: number | null;
  readonly bytes: number | null;
}

/** The sizes of a space's images together, at a revision. */
interface Summed {
  readonly id: number;
  readonly revision: number;
  readonly bytes: number;
}

/** Keeps the past of all spaces by hours; the syncs of each are written with their ends, see `createSyncLog`. */
export function createIndexHistory(db: Database, atOnce = IMAGES_AT_ONCE): IndexHistory {
  /** Sums up the images of those spaces that have changed since; false if that was ended. */
  const refresh = async (signal: AbortSignal): Promise<boolean> => {
    const changed = await db.rows<{ readonly id: number; readonly images: number }>(CHANGED_SQL);
    for (const ids of inPieces(changed, atOnce)) {
      if (signal.aborted) return false;
      // Summed up before a row is locked, so that no commit waits for it.
      const sums = await db.rows<Summed>(SUMS_SQL, [ids]);
      await db.run(WRITE_SUMS_SQL, [
        sums.map(({ id }) => id),
        sums.map(({ revision }) => revision),
        sums.map(({ bytes }) => bytes),
      ]);
    }
    return !signal.aborted;
  };

  return {
    async count(now, signal) {
      if (!(await refresh(signal))) return;
      await db.write(async (session) => {
        const stock = await session.row<Stock>(STOCK_SQL);
        await session.run(NOTE_SQL, [hourOf(now), stock?.spaces ?? 0, stock?.images ?? 0, stock?.bytes ?? 0]);
        const gone = hoursToDrop(await readHours(session), now);
        if (gone.length > 0) await session.run('DELETE FROM hours WHERE hour = ANY ($1)', [gone]);
      });
    },
    hours: () => readHours(db),
    troubled: (atMost) =>
      db.read(async (session): Promise<TroubledUsers> => {
        const usersOf = async (sql: string) =>
          (await session.rows<{ readonly user: string }>(sql, [atMost])).map(({ user }) => user);
        return {
          held: await usersOf(HELD_USERS_SQL),
          suspended: await usersOf(SUSPENDED_USERS_SQL),
          failing: await usersOf(FAILING_USERS_SQL),
        };
      }),
  };
}

async function readHours(session: Session): Promise<readonly HourRecord[]> {
  const rows = await session.rows<HourRow>(HOURS_SQL);
  return rows.map(({ spaces, images, bytes, ...row }) => {
    const stock = spaces === null || images === null || bytes === null ? null : { spaces, images, bytes };
    return { ...row, stock };
  });
}

/** Returns the ids of spaces in groups that have about so many images. */
function inPieces(
  spaces: readonly { readonly id: number; readonly images: number }[],
  atOnce: number,
): readonly (readonly number[])[] {
  const pieces: number[][] = [];
  let left = 0;
  for (const { id, images } of spaces) {
    if (left <= 0) {
      pieces.push([]);
      left = atOnce;
    }
    pieces.at(-1)?.push(id);
    // One without images is work, too.
    left -= images + 1;
  }
  return pieces;
}

const CHANGED_SQL = 'SELECT id, images FROM spaces WHERE is_configured AND bytes_revision <> revision ORDER BY id';
/** A sum and its revision are of the same moment, as those of one statement are. */
const SUMS_SQL = `SELECT spaces.id, spaces.revision,
    (SELECT coalesce(sum(size_bytes), 0) FROM images WHERE space = spaces.id AND missing_since IS NULL) AS bytes
  FROM spaces WHERE spaces.id = ANY ($1)`;
const WRITE_SUMS_SQL = `WITH summed AS MATERIALIZED (
    SELECT spaces.id, sums.revision, sums.bytes
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS sums (id, revision, bytes) JOIN spaces ON spaces.id = sums.id
    ORDER BY spaces.id FOR NO KEY UPDATE OF spaces)
  UPDATE spaces SET bytes_revision = summed.revision, image_bytes = summed.bytes FROM summed WHERE spaces.id = summed.id`;
const STOCK_SQL = `SELECT count(*) AS spaces, coalesce(sum(images), 0) AS images, coalesce(sum(image_bytes), 0) AS bytes
  FROM spaces WHERE is_configured`;
const NOTE_SQL = `INSERT INTO hours (hour, spaces, images, bytes) VALUES ($1, $2, $3, $4)
  ON CONFLICT (hour) DO UPDATE SET spaces = excluded.spaces, images = excluded.images, bytes = excluded.bytes`;
const HOURS_SQL = 'SELECT hour, syncs, failed, added, removed, spaces, images, bytes FROM hours ORDER BY hour';

const TROUBLED = 'SELECT user_name AS "user" FROM spaces WHERE is_configured';
/** `stateOf` as conditions, so that an index answers each. */
const HELD_USERS_SQL = `${TROUBLED} AND held_removals IS NOT NULL AND trouble_kind IS DISTINCT FROM 'unauthorized'
  ORDER BY user_name LIMIT $1`;
const SUSPENDED_USERS_SQL = `${TROUBLED} AND trouble_kind = 'unauthorized' ORDER BY user_name LIMIT $1`;
const FAILING_USERS_SQL = `${TROUBLED} AND trouble_kind = 'failed' AND held_removals IS NULL ORDER BY user_name LIMIT $1`;
