import type { Database } from 'better-sqlite3';
import type { LinkRecord } from '../../domain/model/link.js';
import type { LinkStore, Resealed } from '../../domain/ports/link-store.js';
import { durably } from '../file/durably.js';
import { attempt } from '../file/run-query.js';

const COLUMNS = 'user, server, login_name AS loginName, key_id AS keyId, sealed, via, linked_at AS linkedAt';

/** Creates the store of users' app passwords. Rejects with OvadexError `index`. */
export function createLinkStore(db: Database): LinkStore {
  const put = db.prepare<[LinkRecord]>(
    `INSERT INTO links (user, server, login_name, key_id, sealed, via, linked_at)
     VALUES (:user, :server, :loginName, :keyId, :sealed, :via, :linkedAt)
     ON CONFLICT (user) DO UPDATE SET server = excluded.server, login_name = excluded.login_name,
       key_id = excluded.key_id, sealed = excluded.sealed, via = excluded.via, linked_at = excluded.linked_at`,
  );
  const find = db.prepare<[string], LinkRecord>(`SELECT ${COLUMNS} FROM links WHERE user = ?`);
  const all = db.prepare<[], LinkRecord>(`SELECT ${COLUMNS} FROM links ORDER BY user`);
  const remove = db.prepare<[string], LinkRecord>(`DELETE FROM links WHERE user = ? RETURNING ${COLUMNS}`);
  const replace = db.transaction((record: LinkRecord): LinkRecord | null => {
    const former = find.get(record.user) ?? null;
    put.run(record);
    return former;
  });
  const byOthers = db.prepare<[string, string, number], LinkRecord>(
    `SELECT ${COLUMNS} FROM links WHERE key_id <> ? AND user > ? ORDER BY user LIMIT ?`,
  );
  const reseal = db.prepare<[string, Uint8Array, string, Uint8Array]>(
    'UPDATE links SET key_id = ?, sealed = ? WHERE user = ? AND sealed = ?',
  );
  const resealAll = db.transaction((changes: readonly Resealed[]) => {
    for (const { before, keyId, sealed } of changes) reseal.run(keyId, sealed, before.user, before.sealed);
  });

  return {
    put: (record) => attempt(() => durably(db, () => replace.immediate(record))),
    find: (user) => attempt(() => find.get(user) ?? null),
    list: () => attempt(() => all.all()),
    remove: (user) => attempt(() => durably(db, () => remove.get(user) ?? null)),
    sealedByOthers: (keyId, after, atMost) => attempt(() => byOthers.all(keyId, after, atMost)),
    reseal: (changes) => attempt(() => durably(db, () => resealAll.immediate(changes))),
  };
}
