import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Sync, SyncTrigger } from '../../domain/model/sync.js';
import { covers, widen } from '../../domain/model/sync-scope.js';
import type { SyncRequest } from '../../domain/ports.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';

export interface SyncQueue {
  /** The sync that answers a request, and whether it was filed for it. Runs in the caller's transaction. */
  file(request: SyncRequest, now: number): { sync: Sync; isNew: boolean };
  find(id: number): Sync | null;
}

/** The least urgent first: a waiting sync takes the trigger of whoever waits for it hardest. */
const URGENCY: readonly SyncTrigger[] = ['schedule', 'hint', 'request', 'command'];

/** Files requests for a schedule and for whoever else asks: the one place where they are merged. */
export function createSyncQueue(db: Database, newTaskId: () => string): SyncQueue {
  const from = `SELECT ${SYNC_COLUMNS} FROM syncs JOIN spaces ON spaces.id = syncs.space`;
  const selectSync = db.prepare<[number], SyncRow>(`${from} WHERE syncs.id = ?`);
  const selectWaiting = db.prepare<[number], SyncRow>(`${from} WHERE syncs.space = ? AND status = 'PENDING'`);
  const selectRunning = db.prepare<[number], SyncRow>(
    `${from} WHERE syncs.space = ? AND status = 'IN_PROGRESS' ORDER BY syncs.id DESC LIMIT 1`,
  );
  const insert = db.prepare<[string, number, string, string, string | null, string, number, number]>(
    `INSERT INTO syncs (task_id, space, mode, origin, requested_by, targets, status, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, 'PENDING', ?, ?)`,
  );
  const update = db.prepare<[string, string, string, string | null, number, number]>(
    'UPDATE syncs SET mode = ?, targets = ?, origin = ?, requested_by = ?, updated_at = ? WHERE id = ?',
  );

  const find = (id: number) => {
    const row = selectSync.get(id);
    return row === undefined ? null : syncFromRow(row);
  };
  const filed = (id: number) => {
    const sync = find(id);
    if (sync === null) throw new OvadexError('internal', `sync ${id} was written and is not there`);
    return sync;
  };

  return {
    find,

    file: (request, now) => {
      const waiting = selectWaiting.get(request.spaceId);
      if (waiting !== undefined) {
        const { mode, targets } = widen(syncFromRow(waiting), request);
        const isMoreUrgent = URGENCY.indexOf(request.trigger) > URGENCY.indexOf(waiting.trigger);
        const trigger = isMoreUrgent ? request.trigger : waiting.trigger;
        const requestedBy = waiting.requestedBy ?? request.requestedBy;
        update.run(mode, JSON.stringify(targets), trigger, requestedBy, now, waiting.id);
        return { sync: filed(waiting.id), isNew: false };
      }
      const running = selectRunning.get(request.spaceId);
      if (running !== undefined && isSatisfiedBy(syncFromRow(running), request)) {
        return { sync: syncFromRow(running), isNew: false };
      }
      const { mode, targets } = widen(request, request);
      const { spaceId, trigger, requestedBy } = request;
      const taskId = newTaskId();
      const row = insert.run(taskId, spaceId, mode, trigger, requestedBy, JSON.stringify(targets), now, now);
      return { sync: filed(Number(row.lastInsertRowid)), isNew: true };
    },
  };
}

/**
 * A sync under way may have passed what a hint or a command is about, so these
 * wait for one of their own; the schedule and a client's request don't mind.
 */
function isSatisfiedBy(running: Sync, request: SyncRequest): boolean {
  return (request.trigger === 'request' || request.trigger === 'schedule') && covers(running, request);
}
