import type { LinkRecord } from '../../domain/model/link.js';
import type { LinkStore } from '../../domain/ports/link-store.js';
import type { Database } from '../connection/database.js';
import { isStorable } from '../connection/values.js';

const COLUMNS = `user_name AS "user", server, login_name AS "loginName", key_id AS "keyId", sealed, via, linked_at AS "linkedAt"`;

/** Those who store a link of one user do so one after the other, also if there is none yet. */
const LOCK_SQL = `SELECT pg_advisory_xact_lock(hashtextextended('links ' || $1, 0))`;
const PUT_SQL = `INSERT INTO links (user_name, server, login_name, key_id, sealed, via, linked_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (user_name) DO UPDATE SET server = excluded.server, login_name = excluded.login_name,
    key_id = excluded.key_id, sealed = excluded.sealed, via = excluded.via, linked_at = excluded.linked_at`;

/** Creates the store of users' app passwords. Rejects with OvadexError `index`. */
export function createLinkStore(db: Database): LinkStore {
  return {
    put: ({ user, server, loginName, keyId, sealed, via, linkedAt }) =>
      db.write(async (session) => {
        const [, former] = await Promise.all([
          session.run(LOCK_SQL, [user]),
          session.row<LinkRecord>(`SELECT ${COLUMNS} FROM links WHERE user_name = $1 FOR UPDATE`, [user]),
          session.run(PUT_SQL, [user, server, loginName, keyId, sealed, via, linkedAt]),
        ]);
        return former ?? null;
      }),
    async find(user) {
      if (!isStorable(user)) return null;
      return (await db.row<LinkRecord>(`SELECT ${COLUMNS} FROM links WHERE user_name = $1`, [user])) ?? null;
    },
    list: () => db.rows<LinkRecord>(`SELECT ${COLUMNS} FROM links ORDER BY user_name`),
    async remove(user) {
      if (!isStorable(user)) return null;
      return (await db.row<LinkRecord>(`DELETE FROM links WHERE user_name = $1 RETURNING ${COLUMNS}`, [user])) ?? null;
    },
    sealedByOthers: (keyId, after, atMost) =>
      db.rows<LinkRecord>(
        `SELECT ${COLUMNS} FROM links WHERE key_id <> $1 AND user_name > $2 ORDER BY user_name LIMIT $3`,
        [keyId, after, atMost],
      ),
    async reseal(changes) {
      // One statement is all at once; one that waits for another's write compares with what that wrote.
      await db.run(
        `WITH given AS
           (SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[]) AS given (user_name, before, key_id, sealed)),
         unchanged AS
           (SELECT given.* FROM links JOIN given ON given.user_name = links.user_name AND given.before = links.sealed
            ORDER BY links.user_name FOR NO KEY UPDATE OF links)
         UPDATE links SET key_id = unchanged.key_id, sealed = unchanged.sealed
         FROM unchanged WHERE links.user_name = unchanged.user_name`,
        [
          changes.map(({ before }) => before.user),
          changes.map(({ before }) => before.sealed),
          changes.map(({ keyId }) => keyId),
          changes.map(({ sealed }) => sealed),
        ],
      );
    },
  };
}
