import type { ResourcePath } from '../../domain/model/path.js';
import type { Sync, SyncCounts } from '../../domain/model/sync.js';

/** A row of `syncs` with its space's user, as `SYNC_COLUMNS` selects it. */
export interface SyncRow extends SyncCounts {
  readonly id: number;
  readonly taskId: string;
  readonly spaceId: number;
  readonly user: string;
  readonly mode: Sync['mode'];
  readonly trigger: Sync['trigger'];
  readonly requestedBy: string | null;
  readonly targets: string;
  readonly status: Sync['status'];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly waiting: number;
  readonly expected: number | null;
  readonly errors: string;
  readonly warnings: string;
}

export const SYNC_COLUMNS = `syncs.id, task_id AS taskId, syncs.space AS spaceId, spaces.user, mode, origin AS "trigger",
  requested_by AS requestedBy, targets, status, created_at AS createdAt, updated_at AS updatedAt,
  started_at AS startedAt, ended_at AS endedAt, syncs.collections, failures, syncs.images, requests, added, altered,
  removed, waiting, expected, errors, warnings`;

export function syncFromRow(row: SyncRow): Sync {
  const { collections, failures, images, requests, added, altered, removed, ...rest } = row;
  return {
    ...rest,
    targets: JSON.parse(row.targets) as ResourcePath[],
    counts: { collections, failures, images, requests, added, altered, removed },
    errors: JSON.parse(row.errors) as string[],
    warnings: JSON.parse(row.warnings) as string[],
  };
}
