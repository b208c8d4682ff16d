import { continuedBy } from '../../domain/model/left-off.js';
import { isSubtreeBelieved, SPACES_TO_BELIEVE } from '../../domain/model/markers.js';
import { disbelievedAfter, standingOf } from '../../domain/policy/sync-claim.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ClaimedSync, SyncLog } from '../../domain/ports/sync-log.js';
import type { Session } from '../connection/database.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';
import { RECORD_COLUMNS, type RecordRow, recordFromRow } from './space-record.js';

interface ClaimedRow extends SyncRow, RecordRow {
  readonly statusBefore: 'PENDING' | 'IN_PROGRESS';
  readonly shownImages: number;
  readonly seen: number;
  readonly refuted: number;
}

/** `$1` is now, `$2` the time beyond which the end of a lease is not believed, `$3` the spaces to leave out. */
const CANDIDATES = `SELECT syncs.id, syncs.space, syncs.status FROM syncs JOIN spaces ON spaces.id = syncs.space
  WHERE (lease_until IS NULL OR lease_until <= $1 OR lease_until > $2) AND syncs.space NOT IN (SELECT unnest($3::bigint[]))`;
/** `mayRun` and `compareClaims` in SQL. */
const IS_WELCOME = `(trouble_kind IS DISTINCT FROM 'unauthorized' OR origin = 'command' OR retry_at IS NULL)`;
/** What another host is just claiming or writing is left to it. */
const TAKEN = 'LIMIT 1 FOR NO KEY UPDATE OF syncs, spaces SKIP LOCKED';

const NEXT = `orphan AS MATERIALIZED (
    ${CANDIDATES} AND status = 'IN_PROGRESS' ORDER BY syncs.id ${TAKEN}),
  waiting AS MATERIALIZED (
    ${CANDIDATES} AND status = 'PENDING' AND ${IS_WELCOME} AND NOT EXISTS (SELECT FROM orphan)
    ORDER BY (origin = 'schedule'), syncs.id ${TAKEN}),
  next AS (SELECT * FROM orphan UNION ALL SELECT * FROM waiting)`;
const THIS = `next AS MATERIALIZED (
    ${CANDIDATES} AND syncs.id = $6 AND (status = 'IN_PROGRESS' OR status = 'PENDING' AND ${IS_WELCOME})
    FOR NO KEY UPDATE OF spaces, syncs)`;

/** Spaces of the same storage with this evidence, as far as they need be counted. */
const ofOrigin = (evidence: string, atMost: number) => `
  (SELECT count(*) FROM
    (SELECT 1 FROM spaces AS others
     WHERE spaces.subtree_evidence = 'none' AND others.storage = spaces.storage
       AND others.subtree_evidence = '${evidence}' AND others.subtree_evidence <> 'none' AND others.is_configured
     LIMIT ${atMost}) AS found)`;

/** Takes a sync and the lease of its space in one statement, so that no row is locked for longer than the server needs. */
const claimSql = (next: string) => `WITH ${next},
  started AS (
    UPDATE syncs SET status = 'IN_PROGRESS', started_at = coalesce(started_at, $1), updated_at = $1,
      expected = coalesce(expected,
        (SELECT before.collections + before.failures FROM syncs AS before
         WHERE before.space = syncs.space AND before.mode = syncs.mode AND before.status = 'PROCESSED'
         ORDER BY before.id DESC LIMIT 1))
    FROM next WHERE syncs.id = next.id RETURNING syncs.*),
  leased AS (
    UPDATE spaces SET lease_owner = $4, lease_sync = next.id, lease_until = $5
    FROM next WHERE spaces.id = next.space RETURNING spaces.*)
  SELECT ${SYNC_COLUMNS}, next.status AS "statusBefore", spaces.images AS "shownImages",
    ${ofOrigin('seen', SPACES_TO_BELIEVE)} AS seen, ${ofOrigin('refuted', 1)} AS refuted, ${RECORD_COLUMNS}
  FROM next JOIN started AS syncs ON syncs.id = next.id JOIN leased AS spaces ON spaces.id = next.space`;

const NEXT_SQL = claimSql(NEXT);
const THIS_SQL = claimSql(THIS);

/** Creates the claiming of syncs; its contract is that of `SyncRuns`. */
export function createClaims(db: Session, clock: Clock): SyncLog['claim'] {
  return async ({ owner, leaseMs, syncId, skip = [] }) => {
    const now = clock();
    const values = [now, disbelievedAfter(now, leaseMs), skip, owner, now + leaseMs];
    const row = await (syncId === undefined
      ? db.row<ClaimedRow>(NEXT_SQL, values)
      : db.row<ClaimedRow>(THIS_SQL, [...values, syncId]));
    return row === undefined ? null : claimedFrom(row, owner);
  };
}

function claimedFrom(row: ClaimedRow, owner: string): ClaimedSync {
  const sync = syncFromRow(row);
  const record = recordFromRow(row);
  return {
    sync,
    lease: { syncId: sync.id, spaceId: sync.spaceId, owner },
    isResumed: row.statusBefore === 'IN_PROGRESS',
    leftOff: continuedBy(record.leftOff, sync.mode),
    shownImages: row.shownImages,
    isRemovalAccepted: record.isRemovalAccepted,
    isRelocated: record.isRelocated,
    fingerprint: record.fingerprint,
    isRestored: record.isRestored,
    ...standingOf(record),
    isSubtreeBelieved: isSubtreeBelieved(record.evidence, row),
  };
}
