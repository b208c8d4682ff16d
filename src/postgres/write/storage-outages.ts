import type { Clock } from '../../domain/ports/clock.js';
import type { LastingOutage, StorageOutages } from '../../domain/ports/storage-places.js';
import type { Database } from '../connection/database.js';
import { storable } from '../connection/storable.js';

const DROP_ENDED_SQL = 'DELETE FROM storage_outages WHERE until <= $1';
const TELL_SQL = `INSERT INTO storage_outages (storage, owner, kind, failure, detail, since, until)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (storage, owner) DO UPDATE SET kind = $3, failure = $4, detail = $5, since = $6, until = $7,
    contradicted_until = CASE WHEN storage_outages.since = $6 THEN storage_outages.contradicted_until ELSE 0 END`;
const RENEW_SQL = 'UPDATE storage_outages SET until = $3 WHERE owner = $1 AND storage = ANY($2::text[])';
const CONTRADICT_SQL = `UPDATE storage_outages SET contradicted_until = $4
  WHERE storage = $1 AND owner <> $2 AND since <= $3`;
const TOLD_SQL = `SELECT storage, owner, kind, failure, detail, since, until - $1 AS "leftMs",
    contradicted_until > $1 AS "isContradicted" FROM storage_outages
  WHERE until > $1 ORDER BY storage, since, owner`;

/** Creates what crawlers tell each other of storages over a database. */
export function createStorageOutages(db: Database, clock: Clock): StorageOutages {
  return {
    async tell({ storage, owner, kind, failure, detail, since }, forMs) {
      const now = clock();
      await db.run(DROP_ENDED_SQL, [now]);
      await db.run(TELL_SQL, [storage, owner, kind, failure, storable(detail), since, now + forMs]);
    },
    async renew(owner, storages, forMs) {
      await db.run(RENEW_SQL, [owner, storages, clock() + forMs]);
    },
    async contradict(storage, { owner, answeredAt }, forMs) {
      await db.run(CONTRADICT_SQL, [storage, owner, answeredAt, clock() + forMs]);
    },
    async end(storage) {
      await db.run('DELETE FROM storage_outages WHERE storage = $1', [storage]);
    },
    async withdraw(owner) {
      await db.run('DELETE FROM storage_outages WHERE owner = $1', [owner]);
    },
    told: () => db.rows<LastingOutage>(TOLD_SQL, [clock()]),
  };
}
