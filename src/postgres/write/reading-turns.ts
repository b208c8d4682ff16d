import type { Clock } from '../../domain/ports/clock.js';
import type { ReadingTurns } from '../../domain/ports/storage-places.js';
import type { Database } from '../connection/database.js';

const TAKE_SQL = `INSERT INTO reading_turns (storage, owner, until) VALUES ($1, $2, $3)
  ON CONFLICT (storage) DO UPDATE SET owner = EXCLUDED.owner, until = EXCLUDED.until
  WHERE reading_turns.owner = EXCLUDED.owner OR reading_turns.until <= $4`;
const GIVE_BACK_SQL = 'DELETE FROM reading_turns WHERE storage = $1 AND (owner = $2 OR until <= $3)';

/** Creates the turns of the crawlers of a database, a row with a lease for each storage that is read. Rejects with OvadexError `index`. */
export function createReadingTurns(db: Database, clock: Clock): ReadingTurns {
  return {
    async take(storage, owner, leaseMs) {
      const now = clock();
      return (await db.run(TAKE_SQL, [storage, owner, now + leaseMs, now])) > 0;
    },
    async giveBack(storage, owner) {
      await db.run(GIVE_BACK_SQL, [storage, owner, clock()]);
    },
  };
}
