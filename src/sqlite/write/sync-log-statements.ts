import type { Database } from 'better-sqlite3';
import type { SyncsOfHour } from '../../domain/diagnosis/history.js';
import type { OriginEvidence } from '../../domain/model/markers.js';
import type { Sync, SyncCounts } from '../../domain/model/sync.js';
import type { JoinedSync } from '../../domain/policy/sync-filing.js';
import { EVIDENCE_OF_ORIGIN } from '../read/space-context.js';
import { SYNC_COLUMNS, type SyncRow } from '../read/sync-rows.js';

/** Parameters that tell when a space's lease may be taken: given back, expired, or from before the clock jumped back. */
interface FreeLease {
  readonly now: number;
  readonly disbelievedAfter: number;
  /** A JSON array of the spaces to leave out. */
  readonly skip: string;
}

interface Claimable {
  readonly id: number;
  readonly spaceId: number;
  readonly status: 'PENDING' | 'IN_PROGRESS';
  readonly shownImages: number;
}

type Changes<T> = T & { readonly id: number; readonly now: number };

/** `OriginEvidence` of a space's storage: by index, and no more of it than `isSubtreeBelieved` needs to know. */
export const ORIGIN_EVIDENCE_SQL = `
  SELECT ${EVIDENCE_OF_ORIGIN}
  FROM spaces AS own WHERE id = :spaceId`;

/** Prepares the statements behind `SyncLog`. */
export function prepareStatements(db: Database) {
  const from = `SELECT ${SYNC_COLUMNS} FROM syncs JOIN spaces ON spaces.id = syncs.space`;
  // Commits count what they change themselves, and a run may not know of the last one: counts only grow.
  const counts = `collections = max(collections, :collections), failures = max(failures, :failures),
    images = max(images, :images), requests = max(requests, :requests), added = max(added, :added),
    altered = max(altered, :altered), removed = max(removed, :removed), updated_at = :now`;
  // CROSS JOIN makes SQLite follow the order of the queue instead of reading every space first.
  const claimable = (index: string) => `
    SELECT syncs.id, syncs.space AS spaceId, syncs.status, spaces.images AS shownImages
    FROM syncs ${index} CROSS JOIN spaces ON spaces.id = syncs.space
    WHERE (lease_until IS NULL OR lease_until <= :now OR lease_until > :disbelievedAfter)
      AND syncs.space NOT IN (SELECT value FROM json_each(:skip))`;
  // `mayRun` and `compareClaims` in SQL; a test compares them.
  const isWelcome = `(trouble_kind IS NOT 'unauthorized' OR origin = 'command' OR retry_at IS NULL)`;

  return {
    userOf: db.prepare<[number], string>('SELECT user FROM spaces WHERE id = ? AND is_configured = 1').pluck(),

    nextOrphan: db.prepare<[FreeLease], Claimable>(
      `${claimable('')} AND status = 'IN_PROGRESS' ORDER BY syncs.id LIMIT 1`,
    ),
    nextWaiting: db.prepare<[FreeLease], Claimable>(
      `${claimable('INDEXED BY syncs_queue')} AND status = 'PENDING' AND ${isWelcome}
       ORDER BY origin = 'schedule', syncs.id LIMIT 1`,
    ),
    claimable: db.prepare<[FreeLease & { readonly syncId: number }], Claimable>(
      `${claimable('')} AND syncs.id = :syncId AND (status = 'IN_PROGRESS' OR status = 'PENDING' AND ${isWelcome})`,
    ),
    start: db.prepare<[{ readonly now: number; readonly id: number }]>(
      `UPDATE syncs SET resumed_at = iif(status = 'IN_PROGRESS', :now, resumed_at), status = 'IN_PROGRESS',
         started_at = coalesce(started_at, :now), updated_at = :now,
         expected = coalesce(expected,
           (SELECT before.collections + before.failures FROM syncs AS before
            WHERE before.space = syncs.space AND before.mode = syncs.mode AND before.status = 'PROCESSED'
            ORDER BY before.id DESC LIMIT 1))
       WHERE id = :id`,
    ),

    originEvidence: db.prepare<[{ readonly spaceId: number }], OriginEvidence>(ORIGIN_EVIDENCE_SQL),

    takeLease: db.prepare<[string, number, number, number]>(
      'UPDATE spaces SET lease_owner = ?, lease_sync = ?, lease_until = ? WHERE id = ?',
    ),
    isHeld: db
      .prepare<[number, string, number], 1>('SELECT 1 FROM spaces WHERE id = ? AND lease_owner = ? AND lease_sync = ?')
      .pluck(),
    dropLease: db.prepare<[number]>(
      'UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL WHERE id = ?',
    ),
    releaseLease: db.prepare<[number, string, number]>(
      `UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL
       WHERE id = ? AND lease_owner = ? AND lease_sync = ?`,
    ),
    releaseUnknown: db.prepare<[string, string]>(
      `UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL
       WHERE id IN (SELECT space FROM syncs WHERE status = 'IN_PROGRESS')
         AND lease_owner = ? AND id NOT IN (SELECT value FROM json_each(?))`,
    ),

    noteProgress: db.prepare<[Changes<SyncCounts & { readonly waiting: number }>]>(
      `UPDATE syncs SET ${counts}, waiting = :waiting WHERE id = :id AND status = 'IN_PROGRESS'`,
    ),
    end: db.prepare<
      [Changes<SyncCounts> & { status: Sync['status']; errors: string; warnings: string }],
      Pick<Sync, 'mode' | 'trigger'> & Pick<SyncCounts, 'added' | 'removed'> & Omit<JoinedSync, 'spaceId'>
    >(
      `UPDATE syncs SET ${counts}, waiting = 0, status = :status, errors = :errors, warnings = :warnings, ended_at = :now
       WHERE id = :id AND status = 'IN_PROGRESS'
       RETURNING mode, origin AS "trigger", added, removed, joined_at AS joinedAt, joined_by AS joinedBy`,
    ),
    retryAfter: db
      .prepare<[number, Sync['status']], number | null>(
        'SELECT retry_at FROM spaces JOIN syncs ON syncs.space = spaces.id WHERE syncs.id = ? AND syncs.status = ?',
      )
      .pluck(),
    cancel: db
      .prepare<[number, number, number], number>(
        `UPDATE syncs SET status = 'CANCELLED', ended_at = ?, updated_at = ? WHERE id = ? AND ended_at IS NULL
         RETURNING space`,
      )
      .pluck(),

    noteInHour: db.prepare<[SyncsOfHour & { readonly hour: number }]>(
      `INSERT INTO hours (hour, syncs, failed, added, removed) VALUES (:hour, :syncs, :failed, :added, :removed)
       ON CONFLICT (hour) DO UPDATE SET syncs = syncs + excluded.syncs, failed = failed + excluded.failed,
         added = added + excluded.added, removed = removed + excluded.removed`,
    ),

    countMarked: db
      .prepare<[number], number>('SELECT count(*) FROM images WHERE space = ? AND absent_in_sync IS NOT NULL')
      .pluck(),
    forgetSyncs: db.prepare<[{ readonly space: number; readonly triggers: string; readonly kept: number }]>(
      `DELETE FROM syncs WHERE id IN (
         SELECT id FROM syncs
         WHERE space = :space AND ended_at IS NOT NULL AND origin IN (SELECT value FROM json_each(:triggers))
         ORDER BY id DESC LIMIT -1 OFFSET :kept)`,
    ),

    listOfUser: db.prepare<
      [{ readonly user: string; readonly statuses: string | null; readonly limit: number }],
      SyncRow
    >(
      `${from} WHERE spaces.user = :user
         AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
       ORDER BY syncs.id DESC LIMIT :limit`,
    ),
    listAll: db.prepare<[number], SyncRow>(`${from} ORDER BY syncs.id DESC LIMIT ?`),
    listByStatus: db.prepare<[Sync['status'], number], SyncRow>(
      `${from} WHERE status = ? ORDER BY syncs.id DESC LIMIT ?`,
    ),
  };
}
