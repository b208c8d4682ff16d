import { continuedBy } from '../../domain/model/left-off.js';
import { isSubtreeBelieved, SPACES_TO_BELIEVE } from '../../domain/model/markers.js';
import type { SyncStatus } from '../../domain/model/sync.js';
import { disbelievedAfter, standingOf } from '../../domain/policy/sync-claim.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ClaimedSync, SyncLog } from '../../domain/ports/sync-log.js';
import type { Session } from '../connection/database.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';
import { RECORD_COLUMNS, type RecordRow, recordFromRow } from './space-record.js';

/** If dead owners have left more, these are taken up first in the order in which their leases ended. */
const ABANDONED_AT_ONCE = 100;
/** How long what was not there in front of the queue is believed not to come: until then it was written but not committed. */
const BELIEVED_FOR_MS = 10_000;

interface ClaimedRow extends SyncRow, RecordRow {
  readonly statusBefore: 'PENDING' | 'IN_PROGRESS';
  readonly shownImages: number;
  readonly seen: number;
  readonly refuted: number;
  /** The first due sync that waited. */
  readonly firstDue: number | null;
}

/**
 * The time, the one beyond which the end of a lease is not believed, and the spaces to leave out. As selections they tell
 * the planner nothing, so that one plan is as good as the next and the server keeps the first.
 */
const [NOW, DISBELIEVED] = ['(SELECT $1::bigint)', '(SELECT $2::bigint)'];
const IS_FREE = `(spaces.lease_until IS NULL OR spaces.lease_until <= ${NOW} OR spaces.lease_until > ${DISBELIEVED})
      AND spaces.id NOT IN (SELECT unnest((SELECT $3::bigint[])))`;
/** `mayRun` and `compareClaims` in SQL; a test compares them. */
const IS_WELCOME = `(trouble_kind IS DISTINCT FROM 'unauthorized' OR origin = 'command' OR retry_at IS NULL)`;
const ORDER = `(origin = 'schedule'), syncs.id`;
/** What another host is claiming or writing at this moment is left to it. */
const TAKEN = 'LIMIT 1 FOR NO KEY UPDATE OF syncs, spaces SKIP LOCKED';

/** Whether a sync is in a status, not looked up by the index of that: it may be the status of a million. */
const hasStatus = (status: SyncStatus, table = 'syncs') => `(${table}.status = '${status}') IS TRUE`;
const IS_RUNNING = hasStatus('IN_PROGRESS');
/** The syncs that were left behind, by the leases that have ended: there are few, however many syncs run. */
const abandoned = (hasEnded: string, direction: string) => `SELECT syncs.id
    FROM spaces JOIN syncs ON syncs.space = spaces.id AND syncs.ended_at IS NULL
    WHERE ${IS_RUNNING} AND ${hasEnded} AND ${IS_FREE} ORDER BY lease_until ${direction} LIMIT ${ABANDONED_AT_ONCE}`;
/** The first one in a part of the queue; the condition is where its index is entered. */
const waiting = (part: string, before: string) => `SELECT syncs.id, syncs.space, syncs.status
    FROM syncs JOIN spaces ON spaces.id = syncs.space
    WHERE status = 'PENDING' AND ${part} AND ${IS_FREE} AND ${IS_WELCOME} AND NOT EXISTS (${before})
    ORDER BY ${ORDER} ${TAKEN}`;
// "(origin = 'schedule') = false" would be understood as "origin <> 'schedule'", which that index doesn't have.
const ASKED = `(origin = 'schedule') < true`;
const DUE = `((origin = 'schedule'), syncs.id) >= (true, (SELECT $6::bigint))`;
const NEXT = `abandoned AS MATERIALIZED (
    (${abandoned(`lease_until <= ${NOW}`, 'ASC')})
    UNION ALL
    (${abandoned(`lease_until > ${DISBELIEVED}`, 'DESC')})),
  orphan AS MATERIALIZED (
    SELECT syncs.id, syncs.space, syncs.status
    FROM abandoned JOIN syncs ON syncs.id = abandoned.id JOIN spaces ON spaces.id = syncs.space
    WHERE ${IS_RUNNING} AND ${IS_FREE} ORDER BY syncs.id ${TAKEN}),
  asked AS MATERIALIZED (
    ${waiting(ASKED, 'TABLE orphan')}),
  due AS MATERIALIZED (
    ${waiting(DUE, 'TABLE orphan UNION ALL TABLE asked')}),
  next AS (TABLE orphan UNION ALL TABLE asked UNION ALL TABLE due)`;
const THIS = `next AS MATERIALIZED (
    SELECT syncs.id, syncs.space, syncs.status FROM syncs JOIN spaces ON spaces.id = syncs.space
    WHERE syncs.id = $6 AND ${IS_FREE} AND (status = 'IN_PROGRESS' OR status = 'PENDING' AND ${IS_WELCOME})
    FOR NO KEY UPDATE OF spaces, syncs)`;

/** Spaces of the same storage with this evidence, as far as they need be counted. */
const ofOrigin = (evidence: string, atMost: number) => `
  (SELECT count(*) FROM
    (SELECT 1 FROM spaces AS others
     WHERE spaces.subtree_evidence = 'none' AND others.storage = spaces.storage
       AND others.subtree_evidence = '${evidence}' AND others.subtree_evidence <> 'none' AND others.is_configured
     LIMIT ${atMost}) AS found)`;

/** Takes a sync and the lease of its space in one statement, so that no row is locked for longer than the server needs. */
const claimSql = (next: string, firstDue: string) => `WITH ${next},
  started AS (
    UPDATE syncs SET status = 'IN_PROGRESS', started_at = coalesce(started_at, $1), updated_at = $1,
      expected = coalesce(expected,
        (SELECT before.collections + before.failures FROM syncs AS before
         WHERE before.space = syncs.space AND before.mode = syncs.mode AND ${hasStatus('PROCESSED', 'before')}
         ORDER BY before.id DESC LIMIT 1))
    FROM next WHERE syncs.id = next.id RETURNING syncs.*),
  leased AS (
    UPDATE spaces SET lease_owner = $4, lease_sync = next.id, lease_until = $5
    FROM next WHERE spaces.id = next.space RETURNING spaces.*)
  SELECT ${SYNC_COLUMNS}, next.status AS "statusBefore", spaces.images AS "shownImages",
    ${ofOrigin('seen', SPACES_TO_BELIEVE)} AS seen, ${ofOrigin('refuted', 1)} AS refuted, ${RECORD_COLUMNS},
    ${firstDue} AS "firstDue"
  FROM next JOIN started AS syncs ON syncs.id = next.id JOIN leased AS spaces ON spaces.id = next.space`;

const NEXT_SQL = claimSql(
  NEXT,
  `(SELECT syncs.id FROM syncs WHERE status = 'PENDING' AND ${DUE} ORDER BY ${ORDER} LIMIT 1)`,
);
const THIS_SQL = claimSql(THIS, 'NULL::bigint');

/** Creates the claiming of syncs; its contract is that of `SyncRuns`. */
export function createClaims(db: Session, clock: Clock): SyncLog['claim'] {
  // What was claimed stays in front of the queue as long as anybody reads the database as it was before. Entered behind
  // that, the queue is as short as it seems; ids come in order, and no sync becomes less urgent.
  let front = { id: 0, since: 0 };
  return async ({ owner, leaseMs, syncId, skip = [] }) => {
    const now = clock();
    const values = [now, disbelievedAfter(now, leaseMs), skip, owner, now + leaseMs];
    if (syncId !== undefined) {
      const row = await db.row<ClaimedRow>(THIS_SQL, [...values, syncId]);
      return row === undefined ? null : claimedFrom(row, owner);
    }
    if (Math.abs(now - front.since) > BELIEVED_FOR_MS) front = { id: 0, since: now };
    const row = await db.row<ClaimedRow>(NEXT_SQL, [...values, front.id]);
    front = row === undefined ? { id: 0, since: now } : { ...front, id: row.firstDue ?? front.id };
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
