import { randomUUID } from 'node:crypto';
import type { Sync } from '../../domain/model/sync.js';
import {
  removalsAccepted,
  removalsRefused,
  resumed,
  retriedAfterLogIn,
  retriedAt,
  type SpaceDecision,
} from '../../domain/policy/space-decisions.js';
import { dueMode, filedPlan } from '../../domain/policy/space-plan.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Lead } from '../../domain/ports/leadership.js';
import type { DueSpaces, SpaceRegistry } from '../../domain/ports/space-registry.js';
import type { Database } from '../connection/database.js';
import { configure } from './configure.js';
import { requireLead } from './leadership.js';
import { readLooks, schedule } from './schedule.js';
import { decide } from './space-record.js';
import { fileRequests } from './sync-filer.js';

/** Syncs filed in one transaction: some 0.5 s, for which nobody else can write to their spaces. */
const FILED_AT_ONCE = 5_000;

/** Creates the registry of spaces and when they are due. Rejects with OvadexError `index`. */
export function createSpaceRegistry(db: Database, clock: Clock, newTaskId: () => string = randomUUID): SpaceRegistry {
  const decideOn = (spaceId: number, decision: SpaceDecision) =>
    db.write((session) => decide(session, spaceId, decision, clock()));

  const fileBatch = (now: number, lead: Lead | null) =>
    db.write(async (session) => {
      const due = await session.rows<DueRow>(DUE_SQL, [now, FILED_AT_ONCE]);
      if (due.length > 0) await requireLead(session, lead);
      const modes = due.map((space) => dueMode(space, now));
      const requests = due.map(({ id: spaceId }, index) => {
        const mode = modes[index] ?? 'incremental';
        return { spaceId, mode, trigger: 'schedule', requestedBy: null, targets: [] } as const;
      });
      const answers = await fileRequests(session, requests, newTaskId, now);
      const plans = due.map((space, index) => filedPlan(space, modes[index] ?? 'incremental'));
      if (due.length > 0) {
        await session.run(PLAN_SQL, [
          due.map(({ id }) => id),
          plans.map(({ dueAt }) => dueAt),
          plans.map(({ fullDueAt }) => fullDueAt),
          plans.map(({ pollDueAt }) => pollDueAt),
          plans.map(({ retryAt }) => retryAt),
        ]);
      }
      return { answers, isLast: due.length < FILED_AT_ONCE };
    });

  return {
    configure: (settings, rules, now, lead) =>
      db.write((session) => configure(session, settings, { rules, now, clock, lead: lead ?? null })),
    schedule: (round, dueAt) => db.write((session) => schedule(session, round, dueAt)),
    looks: (user) => readLooks(db, user),
    async fileDue(now, lead): Promise<DueSpaces> {
      const filed: Sync[] = [];
      const takenIn: string[] = [];
      for (let isLast = false; !isLast; ) {
        const batch = await fileBatch(now, lead ?? null);
        for (const { sync, isNew } of batch.answers) {
          if (isNew) filed.push(sync);
          else takenIn.push(sync.user);
        }
        isLast = batch.isLast;
      }
      return { filed, takenIn };
    },
    acceptRemovals: (spaceId) => decideOn(spaceId, removalsAccepted),
    refuseRemovals: (spaceId) => decideOn(spaceId, removalsRefused),
    retry: (spaceId, at) => decideOn(spaceId, retriedAt(at)),
    retryAfterLogIn: (spaceId) => decideOn(spaceId, retriedAfterLogIn),
    resume: (spaceId) => decideOn(spaceId, resumed),
  };
}

interface DueRow {
  readonly id: number;
  readonly fullDueAt: number | null;
}

/** Those whose rows are locked are being written by somebody else, or filed; who asks next finds them. */
const DUE_SQL = `SELECT id, full_due_at AS "fullDueAt" FROM spaces WHERE is_configured AND next_sync_at <= $1
  ORDER BY next_sync_at, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`;
const PLAN_SQL = `UPDATE spaces SET due_at = planned.due_at, full_due_at = planned.full_due_at,
    poll_due_at = planned.poll_due_at, retry_at = planned.retry_at
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS planned (id, due_at, full_due_at, poll_due_at, retry_at)
  WHERE spaces.id = planned.id`;
