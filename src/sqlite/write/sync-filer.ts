import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Sync, SyncRequest } from '../../domain/model/sync.js';
import { type BegunSync, fileRequest } from '../../domain/policy/sync-filing.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';

export interface SyncFiler {
  /** Returns the sync that answers a request, and whether it was filed for it. Runs in the caller's transaction. */
  file(request: SyncRequest, now: number): { sync: Sync; isNew: boolean };
  find(id: number): Sync | null;
}

/** Files requests for the schedule and for everybody else. */
export function createSyncFiler(db: Database, newTaskId: () => string): SyncFiler {
  const from = `SELECT ${SYNC_COLUMNS} FROM syncs JOIN spaces ON spaces.id = syncs.space`;
  const selectSync = db.prepare<[number], SyncRow>(`${from} WHERE syncs.id = ?`);
  const selectWaiting = db.prepare<[number], SyncRow>(`${from} WHERE syncs.space = ? AND status = 'PENDING'`);
  const selectBegun = db.prepare<[number], SyncRow & Omit<BegunSync, 'sync'>>(
    `SELECT ${SYNC_COLUMNS}, spaces.lease_until AS leaseUntil, resumed_at AS resumedAt, joined_at AS joinedAt
     FROM syncs JOIN spaces ON spaces.id = syncs.space
     WHERE syncs.space = ? AND status = 'IN_PROGRESS' ORDER BY syncs.id DESC LIMIT 1`,
  );
  const insert = db.prepare<[string, number, string, string, string | null, string, number, number]>(
    `INSERT INTO syncs (task_id, space, mode, origin, requested_by, targets, status, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, 'PENDING', ?, ?)`,
  );
  const update = db.prepare<[string, string, string, string | null, number, number]>(
    'UPDATE syncs SET mode = ?, origin = ?, targets = ?, requested_by = ?, updated_at = ? WHERE id = ?',
  );
  const join = db.prepare<[number, string | null, number]>(
    'UPDATE syncs SET joined_at = ?, joined_by = ? WHERE id = ?',
  );

  const read = (row: SyncRow | undefined) => (row === undefined ? null : syncFromRow(row));
  const find = (id: number) => read(selectSync.get(id));
  const filed = (id: number) => {
    const sync = find(id);
    if (sync === null) throw new OvadexError('internal', `sync ${id} was written but can't be found`);
    return sync;
  };

  return {
    find,

    file: (request, now) => {
      const { spaceId } = request;
      const row = selectBegun.get(spaceId);
      const begun = row === undefined ? null : { ...row, sync: syncFromRow(row) };
      const filing = fileRequest(request, read(selectWaiting.get(spaceId)), begun, now);
      if (filing.by === 'running') {
        if (filing.isNoted) join.run(now, request.requestedBy, filing.id);
        return { sync: filed(filing.id), isNew: false };
      }
      const { mode, trigger, targets, requestedBy } = filing.sync;
      if (filing.by === 'waiting') {
        update.run(mode, trigger, JSON.stringify(targets), requestedBy, now, filing.id);
        return { sync: filed(filing.id), isNew: false };
      }
      const added = insert.run(newTaskId(), spaceId, mode, trigger, requestedBy, JSON.stringify(targets), now, now);
      return { sync: filed(Number(added.lastInsertRowid)), isNew: true };
    },
  };
}
