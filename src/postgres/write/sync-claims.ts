import { continuedBy } from '../../domain/model/left-off.js';
import { isSubtreeBelieved, SPACES_TO_BELIEVE } from '../../domain/model/markers.js';
import { compareClaims, disbelievedAfter, standingOf } from '../../domain/policy/sync-claim.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ClaimedSync, SyncLog } from '../../domain/ports/sync-log.js';
import type { Database } from '../connection/database.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';
import { RECORD_COLUMNS, type RecordRow, recordFromRow } from './space-record.js';

/** If dead owners have left more, these are taken up first in the order in which their leases ended. */
const ABANDONED_AT_ONCE = 100;
/** How long it is believed that nothing comes before an entrance: what was written before, and committed later, does. */
const BELIEVED_FOR_MS = 10_000;
/** The times of two hosts, which both follow the database's. */
const CLOCKS_DIFFER_BY_MS = 1_000;

interface ClaimedRow extends SyncRow, RecordRow {
  readonly statusBefore: 'PENDING' | 'IN_PROGRESS';
  readonly shownImages: number;
  readonly seen: number;
  readonly refuted: number;
  /** The first due sync that waited, and the end of the lease that ends first. */
  readonly firstDue: number | null;
  readonly firstLease: number | null;
}

/**
 * How the server goes about a claim, in its transaction: along the indexes whose order is asked for, nested loop by nested
 * loop. What it knows of the tables is older than the syncs that were just filed; believing that none waits or runs, it
 * would read all of them to sort a few. The plan stays.
 */
const ALONG_THE_INDEXES = ['seqscan', 'bitmapscan', 'sort', 'hashjoin', 'mergejoin']
  .map((way) => `SET LOCAL enable_${way} = off;`)
  .concat('SET LOCAL plan_cache_mode = force_generic_plan')
  .join(' ');

/** `$1` is now, `$2` the time beyond which the end of a lease is not believed, `$3` the spaces to leave out. */
const IS_FREE = `(spaces.lease_until IS NULL OR spaces.lease_until <= $1 OR spaces.lease_until > $2)
      AND spaces.id NOT IN (SELECT unnest($3::bigint[]))`;
/** `mayRun` and `compareClaims` in SQL; a test compares them. */
const IS_WELCOME = `(trouble_kind IS DISTINCT FROM 'unauthorized' OR origin = 'command' OR retry_at IS NULL)`;
const ORDER = `(origin = 'schedule'), syncs.id`;
/** What another host is claiming or writing at this moment is left to it. `$8` syncs are wanted, less what was found `before`. */
const taken = (...before: readonly string[]) =>
  `LIMIT $8::bigint${before.map((each) => ` - (SELECT count(*) FROM ${each})`).join('')}
    FOR NO KEY UPDATE OF syncs, spaces SKIP LOCKED`;

/** A sync that was begun and not ended; an index has those that have not ended. */
export const IS_RUNNING = `syncs.ended_at IS NULL AND syncs.status = 'IN_PROGRESS'`;
/** The syncs that were left behind, by the leases that have ended: of these there are few, however many syncs run. */
const abandoned = (hasEnded: string, direction: string) => `SELECT behind.id
    FROM spaces CROSS JOIN LATERAL (
      SELECT syncs.id FROM syncs WHERE syncs.space = spaces.id AND ${IS_RUNNING}
      ORDER BY syncs.id LIMIT 1) AS behind
    WHERE ${hasEnded} AND ${IS_FREE} ORDER BY lease_until ${direction} LIMIT ${ABANDONED_AT_ONCE}`;
/** The first ones in a part of the queue; the condition is where its index is entered. */
const waiting = (part: string, ...before: readonly string[]) => `SELECT syncs.id, syncs.space, syncs.status
    FROM syncs JOIN spaces ON spaces.id = syncs.space
    WHERE status = 'PENDING' AND ${part} AND ${IS_FREE} AND ${IS_WELCOME}
      AND spaces.id NOT IN (SELECT space FROM orphan)
    ORDER BY ${ORDER} ${taken(...before)}`;
// "(origin = 'schedule') = false" would be understood as "origin <> 'schedule'", which that index doesn't have.
const ASKED = `(origin = 'schedule') < true`;
const DUE = `((origin = 'schedule'), syncs.id) >= (true, $6::bigint)`;
const NEXT = `abandoned AS MATERIALIZED (
    (${abandoned('lease_until = 0', 'ASC')})
    UNION ALL
    (${abandoned('lease_until > greatest(0, $7::bigint) AND lease_until <= $1', 'ASC')})
    UNION ALL
    (${abandoned('lease_until > $2', 'DESC')})),
  orphan AS MATERIALIZED (
    SELECT syncs.id, syncs.space, syncs.status FROM syncs JOIN spaces ON spaces.id = syncs.space
    WHERE syncs.id = ANY (ARRAY (TABLE abandoned)) AND (${IS_RUNNING}) IS TRUE AND ${IS_FREE}
    ORDER BY syncs.id + 0 ${taken()}),
  asked AS MATERIALIZED (
    ${waiting(ASKED, 'orphan')}),
  due AS MATERIALIZED (
    ${waiting(DUE, 'orphan', 'asked')}),
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

/**
 * Takes syncs and the leases of their spaces in one statement, so that no row is locked for longer than the server needs. What is
 * computed ("+ 0", "IS TRUE") is for no index to find: it would lead through all that run, or all that ended. An array leads
 * to the syncs that were left behind; a join with them may be made from its other side, through all that run.
 */
const claimSql = (next: string, firsts: string) => `WITH ${next},
  started AS (
    UPDATE syncs SET status = 'IN_PROGRESS', started_at = coalesce(started_at, $1), updated_at = $1,
      resumed_at = CASE WHEN syncs.status = 'IN_PROGRESS' THEN $1 ELSE resumed_at END,
      expected = coalesce(expected,
        (SELECT before.collections + before.failures FROM syncs AS before
         WHERE before.space = syncs.space AND before.mode = syncs.mode AND (before.status = 'PROCESSED') IS TRUE
         ORDER BY before.id DESC LIMIT 1))
    FROM next WHERE syncs.id = next.id RETURNING syncs.*),
  leased AS (
    UPDATE spaces SET lease_owner = $4, lease_sync = next.id, lease_until = $5
    FROM next WHERE spaces.id = next.space RETURNING spaces.*)
  SELECT ${SYNC_COLUMNS}, next.status AS "statusBefore", spaces.images AS "shownImages",
    ${ofOrigin('seen', SPACES_TO_BELIEVE)} AS seen, ${ofOrigin('refuted', 1)} AS refuted, ${RECORD_COLUMNS},
    ${firsts}
  FROM next JOIN started AS syncs ON syncs.id = next.id JOIN leased AS spaces ON spaces.id = next.space`;

const NEXT_SQL = claimSql(
  NEXT,
  `(SELECT syncs.id FROM syncs WHERE status = 'PENDING' AND ${DUE} ORDER BY ${ORDER} LIMIT 1) AS "firstDue",
    (SELECT lease_until FROM spaces WHERE lease_until > greatest(0, $7::bigint) ORDER BY lease_until LIMIT 1) AS "firstLease"`,
);
const THIS_SQL = claimSql(THIS, 'NULL AS "firstDue", NULL AS "firstLease"');

type ClaimOptions = Parameters<SyncLog['claimUpTo']>[1];

/** Where the queue and the leases are entered. */
interface Entrance {
  readonly due: number;
  readonly lease: number;
  /** When they were last entered from their beginnings. */
  readonly since: number;
}

/** Creates the claiming of syncs; its contract is that of `SyncRuns`. */
export function createClaims(db: Database, clock: Clock): Pick<SyncLog, 'claim' | 'claimUpTo'> {
  // What was claimed, and leases that were given back, stay in front as long as anybody reads the database as it was
  // before, such as a backup. Entered behind that, both are as short as they seem: ids and leases come in order, and no
  // sync becomes less urgent.
  let entrance: Entrance = { due: 0, lease: 0, since: 0 };

  const take = (sql: string, { owner, leaseMs, skip = [] }: ClaimOptions, now: number, others: readonly number[]) =>
    db.write(async (session) => {
      const values = [now, disbelievedAfter(now, leaseMs), skip, owner, now + leaseMs, ...others];
      const [, rows] = await Promise.all([session.run(ALONG_THE_INDEXES), session.rows<ClaimedRow>(sql, values)]);
      return rows;
    });

  const claimUpTo = async (atMost: number, options: ClaimOptions) => {
    if (atMost < 1) return [];
    const now = clock();
    const beginning = { due: 0, lease: 0, since: now };
    if (Math.abs(now - entrance.since) > BELIEVED_FOR_MS) entrance = beginning;
    const { due, lease } = entrance;
    const rows = await take(NEXT_SQL, options, now, [due, lease, atMost]);
    const [row] = rows;
    entrance =
      row === undefined
        ? beginning
        : {
            ...entrance,
            due: row.firstDue ?? due,
            lease: Math.max(lease, (row.firstLease ?? 0) - CLOCKS_DIFFER_BY_MS),
          };
    const claimed = rows.map((each) => claimedFrom(each, options.owner));
    return claimed.sort((a, b) => compareClaims(asItWaited(a), asItWaited(b)));
  };

  return {
    claimUpTo,
    async claim({ syncId, ...options }) {
      if (syncId === undefined) return (await claimUpTo(1, options))[0] ?? null;
      const [row] = await take(THIS_SQL, options, clock(), [syncId]);
      return row === undefined ? null : claimedFrom(row, options.owner);
    },
  };
}

function asItWaited({ sync: { id, trigger }, isResumed }: ClaimedSync): Parameters<typeof compareClaims>[0] {
  return { id, trigger, status: isResumed ? 'IN_PROGRESS' : 'PENDING' };
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
