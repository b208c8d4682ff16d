import { AUDIT_KEPT, type AuditRecord } from '../../domain/model/audit.js';
import type { AuditLog } from '../../domain/ports/audit-log.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Database } from '../connection/database.js';
import { storable, storableJson } from '../connection/storable.js';

/** So many entries are added until the oldest ones are deleted at once. */
const DELETED_EVERY = 1_000;

const ADD_SQL = `INSERT INTO audit (at, host, act, actor, origin, details, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)
  RETURNING id`;
const NEWEST_SQL = `SELECT at AS time, host, act, actor AS by, origin AS "from", details, outcome
  FROM audit ORDER BY id DESC LIMIT $1`;

/** Creates the audit log of all hosts of a database; times are those of its clock. Rejects with OvadexError `index`. */
export function createAuditLog(db: Database, clock: Clock, kept: number = AUDIT_KEPT): AuditLog {
  return {
    async add(host, { act, by, from, details, outcome }) {
      const texts = [host, act, by, from].map(storable);
      const row = await db.row<{ id: number }>(ADD_SQL, [clock(), ...texts, storableJson(details), storable(outcome)]);
      const id = row?.id ?? 0;
      if (id % DELETED_EVERY === 0) await db.run('DELETE FROM audit WHERE id <= $1', [id - kept]);
    },
    newest: (atMost) => db.rows<AuditRecord>(NEWEST_SQL, [atMost]),
  };
}
