import { createSpaceRecords } from '../../../src/sqlite/write/space-record.js';
import { type BehindPorts, describeSpacePolicies } from '../../contract/space-policies.js';
import { makeSqliteIndex } from '../temporary-index.js';

describeSpacePolicies('SQLite', async () => {
  const index = await makeSqliteIndex();
  const records = createSpaceRecords(index.db);
  const insert = index.db
    .prepare<[string, number, string, string, number | null], number>(
      `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, ended_at)
       VALUES (?, ?, 'full', ?, '[]', ?, 0, 0, ?) RETURNING id`,
    )
    .pluck();
  const lease = index.db.prepare('UPDATE spaces SET lease_owner = ?, lease_sync = ?, lease_until = ? WHERE id = ?');
  const unstart = index.db.prepare(`UPDATE syncs SET status = 'PENDING', started_at = NULL WHERE id = ?`);
  const inOne = (work: () => void) => index.db.transaction(work)();
  const behind: BehindPorts = {
    async write(all) {
      inOne(() => {
        for (const [id, record] of all) records.write(id, record);
      });
    },
    read: async (ids) => ids.map((id) => records.read(id)),
    async put(syncs) {
      const ids: number[] = [];
      inOne(() => {
        for (const { spaceId, trigger, status, endedAt } of syncs) {
          ids.push(insert.get(String(ids.length), spaceId, trigger, status, endedAt) ?? 0);
        }
      });
      return ids;
    },
    async lease(leases) {
      inOne(() => {
        for (const { spaceId, syncId, until } of leases) {
          if (until === null) lease.run(null, null, null, spaceId);
          else lease.run('other', syncId, until, spaceId);
        }
      });
    },
    unstart: async (id) => void unstart.run(id),
  };
  return Object.assign(index, { behind });
});
