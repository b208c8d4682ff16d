import type { Sync, SyncCounts } from '../../domain/model/sync.js';

/** A row of `syncs` with its space's user, as `SYNC_COLUMNS` selects it. */
export type SyncRow = Omit<Sync, 'counts'> & SyncCounts;

export const SYNC_COLUMNS = `syncs.id, task_id AS "taskId", syncs.space AS "spaceId", spaces.user_name AS "user", mode,
  origin AS "trigger", requested_by AS "requestedBy", targets, status, created_at AS "createdAt",
  updated_at AS "updatedAt", started_at AS "startedAt", ended_at AS "endedAt", syncs.collections, failures, syncs.images,
  requests, added, altered, removed, waiting, expected, errors, warnings`;

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
