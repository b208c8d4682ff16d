import { randomUUID } from 'node:crypto';
import { countedInHour, hourOf, type SyncsOfHour } from '../../domain/diagnosis/history.js';
import type { Sync, SyncCounts, SyncOutcome, SyncRequest } from '../../domain/model/sync.js';
import { afterSync } from '../../domain/policy/space-condition.js';
import { retryPutOff } from '../../domain/policy/space-decisions.js';
import { followUpOf, type JoinedSync, requireFileable } from '../../domain/policy/sync-filing.js';
import { retentionAfter } from '../../domain/policy/sync-retention.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Lease, SyncFilter, SyncLog } from '../../domain/ports/sync-log.js';
import type { Database, Session } from '../connection/database.js';
import { storableJson } from '../connection/storable.js';
import { wholeSecondsSince } from '../content/held-space.js';
import { readSyncs } from '../read/sync-list.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';
import { IS_RUNNING } from './claim-statements.js';
import { decide, RECORD_COLUMNS, type RecordRow, recordFromRow, writeRecords } from './space-record.js';
import { createClaims } from './sync-claims.js';
import { fileRequests, findSync } from './sync-filer.js';

type EndedRow = Pick<Sync, 'mode' | 'trigger'> & Pick<SyncCounts, 'added' | 'removed'> & Omit<JoinedSync, 'spaceId'>;

/** Creates the queue and the history of syncs. Rejects with OvadexError `index`. */
export function createSyncLog(db: Database, clock: Clock, newTaskId: () => string = randomUUID): SyncLog {
  const request = (wanted: SyncRequest) =>
    db.write(async (session) => {
      const row = await session.row<RecordRow & { readonly user: string }>(REQUESTED_SQL, [wanted.spaceId]);
      requireFileable(wanted, row === undefined ? null : { ...recordFromRow(row), user: row.user });
      const [filed] = await fileRequests(session, [wanted], newTaskId, clock());
      if (filed === undefined) throw new Error('a request was answered by nothing');
      return filed.sync;
    });

  const finish = (lease: Lease, outcome: SyncOutcome) =>
    db.write(async (session): Promise<number | null> => {
      const row = await session.row<RecordRow>(HELD_SQL, [lease.spaceId, lease.owner, lease.syncId]);
      if (row === undefined) return await retryAfter(session, lease, outcome);
      const now = clock();
      const ended = await session.row<EndedRow>(END_SQL, [
        lease.syncId,
        now,
        ...countsOf(outcome.counts),
        outcome.status,
        storableJson(outcome.errors),
        storableJson(outcome.warnings),
      ]);
      await session.run(DROP_LEASE_SQL, [lease.spaceId]);
      if (ended === undefined) return null; // cancelled while it ran
      const marked = await session.row<{ readonly images: number }>(MARKED_SQL, [lease.spaceId]);
      const sync = { id: lease.syncId, mode: ended.mode };
      const after = afterSync(recordFromRow(row), sync, outcome, marked?.images ?? 0, now);
      await writeRecords(session, new Map([[lease.spaceId, after]]));
      const { triggers, kept } = retentionAfter(ended.trigger);
      await session.run(FORGET_SQL, [lease.spaceId, triggers, kept]);
      const followUp = followUpOf({ ...ended, spaceId: lease.spaceId }, outcome.status, after);
      if (followUp !== null) await fileRequests(session, [followUp], newTaskId, now);
      await noteInHour(session, countedInHour(outcome.status, ended), now);
      return after.retryAt;
    });

  const cancel = (id: number) =>
    db.write(async (session): Promise<boolean> => {
      const space = await session.row<{ readonly id: number }>(SPACE_OF_SQL, [id]);
      if (space === undefined) return false;
      const now = clock();
      if ((await session.run(CANCEL_SQL, [id, now])) === 0) return false;
      await decide(session, space.id, retryPutOff, now);
      return true;
    });

  const list = ({ user, statuses, limit }: SyncFilter) =>
    db.rows<SyncRow>(
      `${FROM} WHERE ($1::text IS NULL OR spaces.user_name = $1) AND ($2::text[] IS NULL OR status = ANY ($2))
       ORDER BY syncs.id DESC LIMIT $3`,
      [user ?? null, statuses ?? null, limit],
    );

  return {
    request,
    ...createClaims(db, clock),
    async progress(lease, { counts, waiting }, leaseMs) {
      const now = clock();
      const { spaceId, owner, syncId } = lease;
      const values = [syncId, now, ...countsOf(counts), waiting, spaceId, owner, now + leaseMs];
      return (await db.run(PROGRESS_SQL, values)) > 0;
    },
    finish,
    release: async ({ spaceId, owner, syncId }) => void (await db.run(RELEASE_SQL, [spaceId, owner, syncId])),
    releaseUnknown: async (owner, known) => void (await db.run(RELEASE_UNKNOWN_SQL, [owner, known])),
    cancel,
    find: (id) => findSync(db, id),
    list: async (filter) => (await list(filter)).map(syncFromRow),
    page: (query) => readSyncs(db, query),
  };
}

/** Returns when the space is retried if an earlier try has ended the sync, and its answer was lost. */
async function retryAfter(session: Session, { syncId }: Lease, { status }: SyncOutcome): Promise<number | null> {
  const row = await session.row<{ readonly retryAt: number | null }>(RETRY_SQL, [syncId, status]);
  return row?.retryAt ?? null;
}

async function noteInHour(session: Session, counted: SyncsOfHour | null, now: number): Promise<void> {
  if (counted === null) return;
  const { syncs, failed, added, removed } = counted;
  await session.run(HOUR_SQL, [hourOf(now), syncs, failed, added, removed]);
}

function countsOf({ collections, failures, images, requests, added, altered, removed }: SyncCounts): readonly number[] {
  return [collections, failures, images, requests, added, altered, removed];
}

const FROM = `SELECT ${SYNC_COLUMNS} FROM syncs JOIN spaces ON spaces.id = syncs.space`;
/** The row of the space is locked first by all who file, run and end syncs of it. */
const REQUESTED_SQL = `SELECT ${RECORD_COLUMNS}, user_name AS "user" FROM spaces
  WHERE id = $1 AND is_configured FOR NO KEY UPDATE`;
const HELD_SQL = `SELECT ${RECORD_COLUMNS} FROM spaces
  WHERE id = $1 AND lease_owner = $2 AND lease_sync = $3 FOR NO KEY UPDATE`;
const RETRY_SQL = `SELECT retry_at AS "retryAt" FROM spaces JOIN syncs ON syncs.space = spaces.id
  WHERE syncs.id = $1 AND syncs.status = $2`;
const SPACE_OF_SQL = `SELECT id FROM spaces WHERE id = (SELECT space FROM syncs WHERE id = $1) FOR NO KEY UPDATE`;
/** Commits count what they change themselves, and a run may not know of the last one: counts only grow. */
const COUNTS = `${['collections', 'failures', 'images', 'requests', 'added', 'altered', 'removed']
  .map((name, n) => `${name} = greatest(syncs.${name}, $${n + 3})`)
  .join(', ')}, updated_at = $2`;
/** A lease is good from when it is renewed, not from when that was asked for: the row may have to be waited for. */
const PROGRESS_SQL = `WITH held AS (
    SELECT id FROM spaces WHERE id = $11 AND lease_owner = $12 AND lease_sync = $1 FOR NO KEY UPDATE),
  noted AS (
    UPDATE syncs SET ${COUNTS}, waiting = $10 FROM held WHERE syncs.id = $1 AND status = 'IN_PROGRESS' RETURNING held.id)
  UPDATE spaces SET lease_until = $13 + ${wholeSecondsSince('statement_timestamp()')} FROM noted WHERE spaces.id = noted.id`;
const END_SQL = `UPDATE syncs SET ${COUNTS}, waiting = 0, status = $10, errors = $11, warnings = $12, ended_at = $2
  WHERE id = $1 AND status = 'IN_PROGRESS'
  RETURNING mode, origin AS "trigger", added, removed, joined_at AS "joinedAt", joined_by AS "joinedBy"`;
const CANCEL_SQL = `UPDATE syncs SET status = 'CANCELLED', ended_at = $2, updated_at = $2 WHERE id = $1 AND ended_at IS NULL`;
/** Claims find what is to be resumed by leases that have ended: where there is a sync, nobody's lease takes the place of this one. */
const DROP_LEASE_SQL = `UPDATE spaces SET (lease_owner, lease_sync, lease_until) = (
    SELECT '', max(id), 0 FROM syncs WHERE space = $1 AND ${IS_RUNNING} HAVING count(*) > 0)
  WHERE id = $1`;
const RELEASE_SQL = `${DROP_LEASE_SQL} AND lease_owner = $2 AND lease_sync = $3`;
const RELEASE_UNKNOWN_SQL = `UPDATE spaces SET (lease_owner, lease_sync, lease_until) = (
    SELECT '', max(syncs.id), 0 FROM syncs WHERE syncs.space = spaces.id AND ${IS_RUNNING} HAVING count(*) > 0)
  WHERE lease_until IS NOT NULL AND lease_owner = $1 AND id <> ALL ($2::bigint[])`;
const MARKED_SQL = 'SELECT count(*) AS images FROM images WHERE space = $1 AND absent_in_sync IS NOT NULL';
const FORGET_SQL = `DELETE FROM syncs WHERE id IN (
    SELECT id FROM syncs WHERE space = $1 AND ended_at IS NOT NULL AND origin = ANY ($2)
    ORDER BY id DESC OFFSET $3)`;
const HOUR_SQL = `INSERT INTO hours (hour, syncs, failed, added, removed) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (hour) DO UPDATE SET syncs = hours.syncs + excluded.syncs, failed = hours.failed + excluded.failed,
    added = hours.added + excluded.added, removed = hours.removed + excluded.removed`;
