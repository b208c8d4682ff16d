import { SPACES_TO_BELIEVE } from '../../domain/model/markers.js';
import { SYNC_COLUMNS } from '../read/sync-rows.js';
import { RECORD_COLUMNS } from './space-record.js';

/** If dead owners have left more, these are taken up first in the order in which their leases ended. */
const ABANDONED_AT_ONCE = 100;

/**
 * How the server goes about a claim, in its transaction: along the indexes whose order is asked for, nested loop by nested
 * loop. What it knows of the tables is older than the syncs that were just filed; believing that none waits or runs, it
 * would read all of them to sort a few. The plan stays.
 */
export const ALONG_THE_INDEXES = ['seqscan', 'bitmapscan', 'sort', 'hashjoin', 'mergejoin']
  .map((way) => `SET LOCAL enable_${way} = off;`)
  .concat('SET LOCAL plan_cache_mode = force_generic_plan')
  .join(' ');

/** `$1` is now, `$2` the time beyond which the end of a lease is not believed, `$3` the spaces to leave out. */
const HAS_NO_LEASE = '(spaces.lease_until IS NULL OR spaces.lease_until <= $1 OR spaces.lease_until > $2)';
const IS_FREE = `${HAS_NO_LEASE}
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
const abandonedIn = (hasEnded: string, direction: string, isFree: string, atMost: number) => `SELECT behind.id
    FROM spaces CROSS JOIN LATERAL (
      SELECT syncs.id FROM syncs WHERE syncs.space = spaces.id AND ${IS_RUNNING}
      ORDER BY syncs.id LIMIT 1) AS behind
    WHERE ${hasEnded} AND ${isFree} ORDER BY lease_until ${direction} LIMIT ${atMost}`;
/** `entrance` is a parameter: no lease ended before it that was not given back. */
const abandoned = (entrance: string, isFree: string, atMost: number) => `abandoned AS MATERIALIZED (
    (${abandonedIn('lease_until = 0', 'ASC', isFree, atMost)})
    UNION ALL
    (${abandonedIn(`lease_until > greatest(0, ${entrance}::bigint) AND lease_until <= $1`, 'ASC', isFree, atMost)})
    UNION ALL
    (${abandonedIn('lease_until > $2', 'DESC', isFree, atMost)}))`;
/** The first ones in a part of the queue; the condition is where its index is entered. */
const waiting = (part: string, ...before: readonly string[]) => `SELECT syncs.id, syncs.space, syncs.status
    FROM syncs JOIN spaces ON spaces.id = syncs.space
    WHERE status = 'PENDING' AND ${part} AND ${IS_FREE} AND ${IS_WELCOME}
      AND spaces.id NOT IN (SELECT space FROM orphan)
    ORDER BY ${ORDER} ${taken(...before)}`;
// "(origin = 'schedule') = false" would be understood as "origin <> 'schedule'", which that index doesn't have.
const ASKED = `(origin = 'schedule') < true`;
const DUE = `((origin = 'schedule'), syncs.id) >= (true, $6::bigint)`;
const NEXT = `${abandoned('$7', IS_FREE, ABANDONED_AT_ONCE)},
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

/** Of these syncs (`$6`), `$7` at most; one that was left behind goes first. */
const CHOSEN = `next AS MATERIALIZED (
    SELECT syncs.id, syncs.space, syncs.status FROM syncs JOIN spaces ON spaces.id = syncs.space
    WHERE syncs.id = ANY ($6::bigint[]) AND ${IS_FREE} AND (status = 'IN_PROGRESS' OR status = 'PENDING' AND ${IS_WELCOME})
    ORDER BY (status = 'PENDING'), ${ORDER} LIMIT $7::bigint FOR NO KEY UPDATE OF spaces, syncs SKIP LOCKED)`;

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

const NO_FIRSTS = 'NULL AS "firstDue", NULL AS "firstLease"';
export const NEXT_SQL = claimSql(
  NEXT,
  `(SELECT syncs.id FROM syncs WHERE status = 'PENDING' AND ${DUE} ORDER BY ${ORDER} LIMIT 1) AS "firstDue",
    (SELECT lease_until FROM spaces WHERE lease_until > greatest(0, $7::bigint) ORDER BY lease_until LIMIT 1) AS "firstLease"`,
);
export const CHOSEN_SQL = claimSql(CHOSEN, NO_FIRSTS);
export const THIS_SQL = claimSql(THIS, NO_FIRSTS);

/** So many syncs of each part of the queue are looked at by one statement. */
export const LOOKED_AT_ONCE = 1_000;
const part = (name: string, from: string, isOfPart: string) => `(SELECT '${name}' AS part, syncs.id, syncs.space
    FROM syncs WHERE status = 'PENDING' AND ${isOfPart} AND ((origin = 'schedule'), syncs.id) > ${from}
    ORDER BY ${ORDER} LIMIT ${LOOKED_AT_ONCE})`;
/**
 * What may be claimed, whoever's turn it is: all that was left behind, what waits in the spaces `$6`, what was asked for after `$4`
 * and what was due after `$5`; `$3` is where the leases are entered.
 */
export const LOOK_SQL = `WITH ${abandoned('$3', HAS_NO_LEASE, LOOKED_AT_ONCE)}
  (SELECT 'orphan' AS part, syncs.id, syncs.space FROM syncs WHERE syncs.id = ANY (ARRAY (TABLE abandoned)))
  UNION ALL
  (SELECT 'back' AS part, syncs.id, syncs.space FROM syncs WHERE syncs.space = ANY ($6::bigint[]) AND status = 'PENDING')
  UNION ALL
  ${part('asked', '(false, $4::bigint)', ASKED)}
  UNION ALL
  ${part('due', '(true, $5::bigint)', 'true')}`;
