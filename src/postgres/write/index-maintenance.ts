import type { IndexMaintenance } from '../../domain/ports/image-index.js';
import type { Database } from '../connection/database.js';

/** Tombstones deleted in one transaction: some 50 ms, so that no commit waits longer. */
const TOMBSTONES_AT_ONCE = 5_000;
/** Rows of the log checked in one transaction. */
const SYNCS_AT_ONCE = 5_000;

const ANALYZE_SQL = 'ANALYZE spaces, collections, images, descriptions, syncs';

/**
 * Keeps an index small and fast, in steps between which others can commit. What the server does by itself is left to it.
 * Rejects with OvadexError `index`.
 */
export function createIndexMaintenance(db: Database): IndexMaintenance {
  const forgetTombstones = (before: number) =>
    db.write(async (session): Promise<number> => {
      // A commit brings tombstones back that it has read before; it has its space's row locked meanwhile.
      const spaces = await session.rows<{ readonly id: number }>(SPACES_WITH_TOMBSTONES_SQL, [before]);
      if (spaces.length === 0) return 0;
      const gone = await session.row<{ readonly images: number }>(FORGET_TOMBSTONES_SQL, [
        before,
        spaces.map(({ id }) => id),
      ]);
      return gone?.images ?? 0;
    });

  return {
    async forgetMissing(before, signal) {
      let forgotten = 0;
      for (let gone = 1; gone > 0 && !signal.aborted; ) {
        gone = await forgetTombstones(before);
        forgotten += gone;
      }
      return forgotten;
    },

    async forgetSyncs(before, signal) {
      let forgotten = 0;
      for (let after = 0; !signal.aborted; ) {
        const part = await db.row<SyncsPart>(FORGET_SYNCS_SQL, [after, before]);
        forgotten += part?.forgotten ?? 0;
        // Syncs are numbered in the order of their creation: after a part without an old one there are only newer ones.
        if (part === undefined || part.last === null || part.forgotten === 0) break;
        after = part.last;
      }
      return forgotten;
    },

    async tidy(signal) {
      // In transactions, which may take as long as they take.
      const cleaned = await db.write((session) => session.row<{ readonly pages: number }>(CLEAN_TRIGRAMS_SQL));
      if (!signal.aborted) await db.write((session) => session.run(ANALYZE_SQL));
      return (cleaned?.pages ?? 0) > 0 ? 1 : 0;
    },

    // The server writes its log into its files by itself, and the log is that of all its databases.
    async merge() {
      const size = await db.row<{ readonly storedBytes: number }>(SIZE_SQL);
      return { storedBytes: size?.storedBytes ?? 0, unmergedBytes: 0 };
    },
  };
}

interface SyncsPart {
  readonly last: number | null;
  readonly forgotten: number;
}

const SPACES_WITH_TOMBSTONES_SQL = `SELECT id FROM spaces
  WHERE id IN (SELECT space FROM images WHERE missing_since < $1 LIMIT ${TOMBSTONES_AT_ONCE})
  ORDER BY id FOR NO KEY UPDATE`;
const FORGET_TOMBSTONES_SQL = `WITH gone AS (
    DELETE FROM images WHERE id IN (
      SELECT id FROM images WHERE missing_since < $1 AND space = ANY ($2) LIMIT ${TOMBSTONES_AT_ONCE})
    RETURNING space, changed_in),
  noted AS (
    UPDATE spaces SET forgotten_in = greatest(forgotten_in, last.changed_in)
    FROM (SELECT space, max(changed_in) AS changed_in FROM gone GROUP BY space) AS last WHERE spaces.id = last.space)
  SELECT count(*) AS images FROM gone`;
/** No join: if the server believed that there are next to no syncs, it would read the whole table for each of a part. */
const FORGET_SYNCS_SQL = `WITH part AS (
    SELECT max(id) AS last FROM (SELECT id FROM syncs WHERE id > $1 ORDER BY id LIMIT ${SYNCS_AT_ONCE}) AS following),
  gone AS (DELETE FROM syncs WHERE id > $1 AND id <= (SELECT last FROM part) AND ended_at < $2 RETURNING id)
  SELECT last, (SELECT count(*) FROM gone) AS forgotten FROM part`;
/** New names are searched one by one until they are taken into the index itself. */
const CLEAN_TRIGRAMS_SQL = `SELECT gin_clean_pending_list('images_by_trigrams') AS pages`;
const SIZE_SQL = 'SELECT pg_database_size(current_database()) AS "storedBytes"';
