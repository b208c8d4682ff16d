import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Space, SpaceSettings } from '../../domain/model/space.js';
import type { Sync } from '../../domain/model/sync.js';
import {
  afterChange,
  changeOf,
  type RegisteredSpace,
  type SpaceChange,
  UNCHANGED,
} from '../../domain/policy/configured-spaces.js';
import {
  removalsAccepted,
  removalsRefused,
  resumed,
  retriedAfterLogIn,
  retriedAt,
  type SpaceDecision,
} from '../../domain/policy/space-decisions.js';
import { dueMode, filedPlan, MOST_REQUESTS_OF_A_POLL, type Round } from '../../domain/policy/space-plan.js';
import type { SpacePlan } from '../../domain/policy/space-record.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { DueSpaces, SpaceRegistry } from '../../domain/ports/space-registry.js';
import { attempt } from '../file/run-query.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from '../read/space-rows.js';
import { createLooks } from './looks.js';
import { createSpaceRecords } from './space-record.js';
import { createSyncFiler } from './sync-filer.js';

/** Syncs filed in one transaction: some 0.2 s, so that a commit, here or elsewhere, waits no longer if very many spaces are due. */
const FILED_AT_ONCE = 5_000;

interface RegisteredRow extends Omit<RegisteredSpace, 'isConfigured'> {
  readonly id: number;
  readonly images: number;
  readonly isConfigured: 0 | 1;
}

/** Creates the registry of spaces and when they are due. Rejects with OvadexError `index`. */
export function createSpaceRegistry(
  db: Database,
  clock: Clock = Date.now,
  newTaskId: () => string = randomUUID,
): SpaceRegistry {
  const filer = createSyncFiler(db, newTaskId);
  const records = createSpaceRecords(db);
  const statements = prepareStatements(db);
  const looks = createLooks(db);

  const apply = ({ id, images }: RegisteredRow, change: SpaceChange, now: number) => {
    if (change.standing === 'left-out') statements.leaveOut.run(now, id);
    const before = records.read(id);
    if (before !== null) records.write(id, afterChange(before, change, images, now));
    for (const voided of change.voids) for (const statement of statements.forget[voided]) statement.run(id);
    const at = clock();
    if (change.endsSyncs) statements.cancelSyncs.run(at, at, id);
  };

  const configure = db.transaction(
    (settings: readonly Pick<SpaceSettings, 'user' | 'url'>[], rules: string, now: number): readonly Space[] => {
      const wanted = new Map(settings.map((each) => [each.user, each]));
      for (const row of statements.registered.all()) {
        const space = wanted.get(row.user) ?? null;
        wanted.delete(row.user);
        const change = changeOf({ ...row, isConfigured: row.isConfigured === 1 }, space, rules);
        if (change === UNCHANGED) continue;
        apply(row, change, now);
        if (space !== null) statements.noteSettings.run(space.url, rules, row.id);
      }
      for (const { user, url } of wanted.values()) statements.insert.run(user, url, rules, now, now);
      return statements.configured.all().map(spaceFromRow);
    },
  );

  const schedule = db.transaction((round: Round, dueAt: ReadonlyMap<string, number>) => {
    if (round === 'look') return looks.plan(dueAt);
    const statement = statements.schedule[round];
    for (const [user, at] of dueAt) statement.run(at, user, at);
  });

  const fileDueBatch = db.transaction((now: number) => {
    const filed: Sync[] = [];
    const takenIn: string[] = [];
    const due = statements.due.all(now, FILED_AT_ONCE);
    for (const { id: spaceId, fullDueAt } of due) {
      const mode = dueMode({ fullDueAt }, now);
      const { sync, isNew } = filer.file({ spaceId, mode, trigger: 'schedule', requestedBy: null, targets: [] }, now);
      if (isNew) filed.push(sync);
      else takenIn.push(sync.user);
      statements.plan.run({ ...filedPlan({ fullDueAt }, mode), spaceId });
    }
    return { filed, takenIn, isLast: due.length < FILED_AT_ONCE };
  });

  const fileDue = async (now: number): Promise<DueSpaces> => {
    const filed: Sync[] = [];
    const takenIn: string[] = [];
    for (let isLast = false; !isLast; ) {
      const batch = await attempt(() => fileDueBatch.immediate(now));
      filed.push(...batch.filed);
      takenIn.push(...batch.takenIn);
      isLast = batch.isLast;
      if (isLast) break;
      await setImmediate();
      // At a stop the rest stays due.
      isLast = !db.open;
    }
    return { filed, takenIn };
  };

  const decide = db.transaction((spaceId: number, decision: SpaceDecision) =>
    records.decide(spaceId, decision, clock()),
  );

  return {
    configure: (settings, rules, now) => attempt(() => configure.immediate(settings, rules, now)),
    schedule: (round, dueAt) => attempt(() => schedule.immediate(round, dueAt)),
    looks: (user) => attempt(() => looks.read(user)),
    fileDue,
    acceptRemovals: (spaceId) => attempt(() => decide.immediate(spaceId, removalsAccepted)),
    refuseRemovals: (spaceId) => attempt(() => decide.immediate(spaceId, removalsRefused)),
    retry: (spaceId, at) => attempt(() => decide.immediate(spaceId, retriedAt(at))),
    retryAfterLogIn: (spaceId) => attempt(() => decide.immediate(spaceId, retriedAfterLogIn)),
    resume: (spaceId) => attempt(() => decide.immediate(spaceId, resumed)),
  };
}

function prepareStatements(db: Database) {
  const scheduleStatement = (column: string, condition = '') =>
    db.prepare<[number, string, number]>(
      `UPDATE spaces SET ${column} = ?
       WHERE user = ? AND is_configured = 1 AND (${column} IS NULL OR ${column} > ?)${condition}`,
    );
  return {
    registered: db.prepare<[], RegisteredRow>(
      'SELECT id, user, url, rules, images, is_configured AS isConfigured FROM spaces',
    ),
    configured: db
      .prepare<[], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE is_configured = 1 ORDER BY user`)
      .raw(),
    insert: db.prepare<[string, string, string, number, number]>(
      'INSERT INTO spaces (user, url, rules, added_at, due_at) VALUES (?, ?, ?, ?, ?)',
    ),
    leaveOut: db.prepare<[number, number]>('UPDATE spaces SET is_configured = 0, left_at = ? WHERE id = ?'),
    noteSettings: db.prepare<[string, string, number]>(
      'UPDATE spaces SET is_configured = 1, left_at = NULL, url = ?, rules = ? WHERE id = ?',
    ),
    forget: {
      markers: [
        db.prepare<[number]>(
          `UPDATE collections SET marker = NULL, is_settled = 0, is_proven = 0, is_mount = 0, is_joined = 0
           WHERE space = ?`,
        ),
      ],
      listings: [
        db.prepare<[number]>(
          `UPDATE collections SET modified_at = NULL, listed_at = NULL, empty_in_sync = NULL, is_contradicted = 0,
             absent_in_sync = NULL, absent_in_full = NULL
           WHERE space = ?`,
        ),
        db.prepare<[number]>('UPDATE images SET absent_in_sync = NULL WHERE space = ? AND absent_in_sync IS NOT NULL'),
      ],
    },
    /** Cancels the syncs of a space. A running one notices when it renews its lease; until then its commits are refused. */
    cancelSyncs: db.prepare<[number, number, number]>(
      `UPDATE syncs SET status = 'CANCELLED', ended_at = ?, updated_at = ?
       WHERE space = ? AND status IN ('PENDING', 'IN_PROGRESS')`,
    ),
    schedule: {
      incremental: scheduleStatement('due_at'),
      full: scheduleStatement('full_due_at'),
      // `mayBePolled` in SQL; a test compares the two.
      poll: scheduleStatement(
        'poll_due_at',
        ` AND subtree_evidence = 'seen' AND coalesce(unchanged_requests, 0) <= ${MOST_REQUESTS_OF_A_POLL}
         AND trouble_kind IS NULL AND held_removals IS NULL`,
      ),
    },
    due: db.prepare<[number, number], { id: number; fullDueAt: number | null }>(
      `SELECT id, full_due_at AS fullDueAt FROM spaces
       WHERE is_configured = 1 AND next_sync_at <= ?
       ORDER BY next_sync_at, id LIMIT ?`,
    ),
    plan: db.prepare<[SpacePlan & { readonly spaceId: number }]>(
      `UPDATE spaces SET due_at = :dueAt, full_due_at = :fullDueAt, poll_due_at = :pollDueAt, retry_at = :retryAt
       WHERE id = :spaceId`,
    ),
  };
}
