import type { Database } from 'better-sqlite3';
import type { DepartedUser, ListDeparted } from '../../domain/model/departed.js';
import { attempt } from '../file/run-query.js';

/** Lists users whose spaces are no longer configured. Rejects with OvadexError `index`. */
export function createListDeparted(db: Database): ListDeparted {
  const select = db.prepare<[number], DepartedUser>(
    `SELECT user, left_at AS leftAt, images, collections, coalesce(held.tokens, 0) AS tokens
     FROM spaces LEFT JOIN (SELECT user AS holder, count(*) AS tokens FROM tokens GROUP BY user) AS held
       ON held.holder = spaces.user
     WHERE left_at IS NOT NULL AND left_at <= ?
     ORDER BY user`,
  );
  return (before = Number.MAX_SAFE_INTEGER) => attempt(() => select.all(before));
}
