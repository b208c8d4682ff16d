import type { DepartedUser, ListDeparted } from '../../domain/model/departed.js';
import type { Session } from '../connection/database.js';

const DEPARTED_SQL = `SELECT user_name AS "user", left_at AS "leftAt", images, collections,
    (SELECT count(*) FROM tokens WHERE tokens.user_name = spaces.user_name) AS tokens
  FROM spaces WHERE left_at IS NOT NULL AND left_at <= $1 ORDER BY user_name`;

/** Lists users whose spaces are no longer configured. Rejects with OvadexError `index`. */
export function createListDeparted(db: Session): ListDeparted {
  return (before = Number.MAX_SAFE_INTEGER) => db.rows<DepartedUser>(DEPARTED_SQL, [before]);
}
