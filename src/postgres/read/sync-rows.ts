import type { Sync, SyncCounts } from '../../domain/model/sync.js';

/** A row of `syncs` with its space's user, as `SYNC_COLUMNS` selects it. */
export type SyncRow = Omit<Sync, 'counts'> & SyncCounts;

export const SYNC_COLUMNS = `syncs.id, syncs.task_id AS "taskId", syncs.space AS "spaceId", spaces.user_name AS "user", syncs.mode,
  syncs.origin AS "trigger", syncs.requested_by AS "requestedBy", syncs.targets, syncs.status,
  syncs.created_at AS "createdAt", syncs.updated_at AS "updatedAt", syncs.started_at AS "startedAt",
  syncs.ended_at AS "endedAt", syncs.collections, syncs.failures, syncs.images, syncs.requests, syncs.added,
  syncs.altered, syncs.removed, syncs.waiting, syncs.expected, syncs.errors, syncs.warnings`;

/** Returns the sync of a row, which may have further columns. */
export function syncFromRow(row: SyncRow): Sync {
  const { id, taskId, spaceId, user, mode, trigger, requestedBy, targets, status } = row;
  const { createdAt, updatedAt, startedAt, endedAt, waiting, expected, errors, warnings } = row;
  const { collections, failures, images, requests, added, altered, removed } = row;
  return {
    ...{ id, taskId, spaceId, user, mode, trigger, requestedBy, targets, status },
    ...{ createdAt, updatedAt, startedAt, endedAt, waiting, expected, errors, warnings },
    counts: { collections, failures, images, requests, added, altered, removed },
  };
}
