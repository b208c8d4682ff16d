import {
  RECORD_COLUMNS,
  type RecordRow,
  recordFromRow,
  writeRecords,
} from '../../../src/postgres/write/space-record.js';
import { type BehindPorts, describeSpacePolicies } from '../../contract/space-policies.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSpacePolicies('PostgreSQL', async () => {
  const index = await makePgliteIndex();
  const { db } = index;
  const behind: BehindPorts = {
    write: (all) => db.write((session) => writeRecords(session, all)),
    async read(ids) {
      const rows = await db.rows<RecordRow & { readonly id: number }>(
        `SELECT id, ${RECORD_COLUMNS} FROM spaces WHERE id = ANY ($1) ORDER BY id`,
        [ids],
      );
      return rows.map(({ id: _, ...row }) => recordFromRow(row));
    },
    async put(syncs) {
      const rows = await db.rows<{ readonly id: number }>(
        `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, ended_at)
         SELECT '', space, 'full', origin, '[]', status, 0, 0, ended_at
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS put (space, origin, status, ended_at)
         ORDER BY space RETURNING id`,
        [
          syncs.map(({ spaceId }) => spaceId),
          syncs.map(({ trigger }) => trigger),
          syncs.map(({ status }) => status),
          syncs.map(({ endedAt }) => endedAt),
        ],
      );
      return rows.map(({ id }) => id);
    },
    async lease(leases) {
      // A sync that was given back has the lease of nobody, which is what "null" stands for.
      await db.run(
        `UPDATE spaces SET lease_owner = CASE WHEN given.until IS NULL THEN '' ELSE 'other' END,
           lease_sync = given.sync, lease_until = coalesce(given.until, 0)
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS given (space, sync, until) WHERE spaces.id = given.space`,
        [leases.map(({ spaceId }) => spaceId), leases.map(({ syncId }) => syncId), leases.map(({ until }) => until)],
      );
    },
    unstart: async (id) =>
      void (await db.run(`UPDATE syncs SET status = 'PENDING', started_at = NULL WHERE id = $1`, [id])),
  };
  return Object.assign(index, { behind });
});
