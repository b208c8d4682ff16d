import { type PlaceHolder, renewPlaces } from '../../domain/hosts/places.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { StoragePause, StoragePlaces } from '../../domain/ports/storage-places.js';
import type { Database } from '../connection/database.js';

/** Those who divide one storage's places do so one after the other, also if nobody has any yet. */
const LOCK_SQL = `SELECT pg_advisory_xact_lock(hashtextextended('storage_places ' || $1, 0))`;
const HOLDERS_SQL = `SELECT owner, most AS "limit", wants, places, since, until FROM storage_places WHERE storage = $1`;
const PUT_SQL = `INSERT INTO storage_places (storage, owner, most, wants, places, since, until)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (storage, owner) DO UPDATE SET most = $3, wants = $4, places = $5, since = $6, until = $7`;
const DROP_SQL = 'DELETE FROM storage_places WHERE storage = $1 AND (owner = $2 OR until <= $3)';
const DROP_ENDED_SQL = 'DELETE FROM storage_places WHERE storage = $1 AND until <= $2';
const PAUSE_SQL = `INSERT INTO storage_pauses (storage, owner, until) VALUES ($1, $2, $3)
  ON CONFLICT (storage) DO UPDATE SET owner = $2, until = $3 WHERE storage_pauses.until < $3`;
const DROP_PAUSES_SQL = 'DELETE FROM storage_pauses WHERE until <= $1';
const PAUSES_SQL = 'SELECT storage, until - $2 AS "leftMs" FROM storage_pauses WHERE owner <> $1 AND until > $2';

/** Creates what all hosts know of storages over a database. */
export function createStoragePlaces(db: Database, clock: Clock): StoragePlaces {
  return {
    renew: (storage, asked) =>
      db.write(async (session) => {
        await session.run(LOCK_SQL, [storage]);
        const rows = await session.rows<PlaceHolder>(HOLDERS_SQL, [storage]);
        const now = clock();
        const { holder, places, share } = renewPlaces(asked, rows, now);
        if (holder === null) await session.run(DROP_SQL, [storage, asked.owner, now]);
        else {
          const { owner, limit, wants, since, until } = holder;
          if (rows.some((row) => row.until <= now)) await session.run(DROP_ENDED_SQL, [storage, now]);
          await session.run(PUT_SQL, [storage, owner, limit, wants, holder.places, since, until]);
        }
        return { places, share };
      }),
    async pause(storage, owner, forMs) {
      const now = clock();
      await db.run(DROP_PAUSES_SQL, [now]);
      await db.run(PAUSE_SQL, [storage, owner, now + Math.ceil(forMs)]);
    },
    pauses: (owner) => db.rows<StoragePause>(PAUSES_SQL, [owner, clock()]),
  };
}
