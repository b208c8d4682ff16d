import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Space, SpaceSettings } from '../../domain/model/space.js';
import type { Sync } from '../../domain/model/sync.js';
import type { Clock, DueSpaces, SpaceRegistry } from '../../domain/ports.js';
import { attempt } from '../file/run-query.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from '../read/space-rows.js';
import { createSyncQueue } from './sync-queue.js';

/** Syncs filed in one transaction: some 0.2 s, so that a commit waits no longer when all of very many spaces are due. */
const FILED_AT_ONCE = 5_000;

interface RegisteredSpace {
  readonly id: number;
  readonly user: string;
  readonly url: string;
  readonly rules: string | null;
  readonly isConfigured: 0 | 1;
}

/** Which spaces there are and when each is due. Rejects with OvadexError `index`. */
export function createSpaceRegistry(
  db: Database,
  clock: Clock = Date.now,
  newTaskId: () => string = randomUUID,
): SpaceRegistry {
  const queue = createSyncQueue(db, newTaskId);
  const statements = prepareStatements(db);

  const takeUp = (space: RegisteredSpace, url: string, now: number) => {
    statements.takeUp.run(url, now, now, space.id);
    if (space.url === url) return;
    // Another storage: nothing that was noted of the former one proves anything about it.
    statements.forgetOpinions.run(space.id);
    statements.forgetMarkers.run(space.id);
    statements.forgetLeftOff.run(space.id);
    statements.forgetListings.run(space.id);
    statements.forgetEvidence.run(space.id);
    statements.reconfirmImages.run(space.id);
    cancelSyncs(space);
  };

  const cancelSyncs = (space: RegisteredSpace) => {
    const at = clock();
    statements.cancelSyncs.run(at, at, space.id);
  };

  const configure = db.transaction(
    (settings: readonly Pick<SpaceSettings, 'user' | 'url'>[], rules: string, now: number): readonly Space[] => {
      const wanted = new Map(settings.map(({ user, url }) => [user, url]));
      for (const space of statements.registered.all()) {
        const url = wanted.get(space.user);
        wanted.delete(space.user);
        if (url === undefined && space.isConfigured === 1) {
          statements.leaveOut.run(now, space.id);
          cancelSyncs(space);
        } else if (url !== undefined && (space.isConfigured === 0 || space.url !== url)) {
          takeUp(space, url, now);
        }
        if (url !== undefined && space.rules !== rules) {
          // What was passed over then may be an image now, and the other way round.
          statements.forgetMarkers.run(space.id);
          statements.forgetLeftOff.run(space.id);
          statements.noteRules.run(rules, space.id);
        }
      }
      for (const [user, url] of wanted) statements.insert.run(user, url, rules, now, now);
      return statements.configured.all().map(spaceFromRow);
    },
  );

  const schedule = db.transaction((round: 'full' | 'incremental' | 'poll', dueAt: ReadonlyMap<string, number>) => {
    const statement = statements.schedule[round];
    for (const [user, at] of dueAt) statement.run(at, user, at);
  });

  const fileDueBatch = db.transaction((now: number) => {
    const filed: Sync[] = [];
    const takenIn: string[] = [];
    const due = statements.due.all(now, now, FILED_AT_ONCE);
    for (const { id: spaceId, isFullDue } of due) {
      const mode = isFullDue === 1 ? 'full' : 'incremental';
      const { sync, isNew } = queue.file({ spaceId, mode, trigger: 'schedule', requestedBy: null, targets: [] }, now);
      if (isNew) filed.push(sync);
      else takenIn.push(sync.user);
      if (mode === 'full') statements.clearFullDue.run(spaceId);
      else statements.clearDue.run(spaceId);
    }
    return { filed, takenIn, isLast: due.length < FILED_AT_ONCE };
  });

  const fileDue = (now: number): DueSpaces => {
    const filed: Sync[] = [];
    const takenIn: string[] = [];
    for (let isLast = false; !isLast; ) {
      const batch = fileDueBatch.immediate(now);
      filed.push(...batch.filed);
      takenIn.push(...batch.takenIn);
      isLast = batch.isLast;
    }
    return { filed, takenIn };
  };

  return {
    configure: (settings, rules, now) => attempt(() => configure.immediate(settings, rules, now)),
    schedule: (round, dueAt) => attempt(() => schedule.immediate(round, dueAt)),
    fileDue: (now) => attempt(() => fileDue(now)),
    acceptRemovals: (spaceId) =>
      attempt(() => {
        const now = clock();
        statements.acceptRemovals.run(now, now, spaceId);
      }),
    refuseRemovals: (spaceId) => attempt(() => void statements.refuseRemovals.run(spaceId)),
    retry: (spaceId, at) => attempt(() => void statements.retry.run(at, spaceId)),
    resume: (spaceId) =>
      attempt(() => {
        const now = clock();
        statements.resume.run(now, now, spaceId);
      }),
  };
}

function prepareStatements(db: Database) {
  const noTrouble = `trouble_kind = NULL, trouble_message = NULL, trouble_at = NULL, is_trouble_of_hint = 0,
    refusals = 0, retry_at = NULL`;
  const scheduleStatement = (column: string, condition = '') =>
    db.prepare<[number, string, number]>(
      `UPDATE spaces SET ${column} = ?
       WHERE user = ? AND is_configured = 1 AND (${column} IS NULL OR ${column} > ?)${condition}`,
    );
  return {
    registered: db.prepare<[], RegisteredSpace>(
      'SELECT id, user, url, rules, is_configured AS isConfigured FROM spaces',
    ),
    configured: db
      .prepare<[], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE is_configured = 1 ORDER BY user`)
      .raw(),
    insert: db.prepare<[string, string, string, number, number]>(
      'INSERT INTO spaces (user, url, rules, added_at, due_at) VALUES (?, ?, ?, ?, ?)',
    ),
    leaveOut: db.prepare<[number, number]>('UPDATE spaces SET is_configured = 0, left_at = ? WHERE id = ?'),
    takeUp: db.prepare<[string, number, number, number]>(
      `UPDATE spaces SET is_configured = 1, left_at = NULL, url = ?, due_at = min(coalesce(due_at, ?), ?), ${noTrouble} WHERE id = ?`,
    ),
    forgetOpinions: db.prepare<[number]>(
      `UPDATE spaces SET held_removals = NULL, held_reasons = '[]', is_removal_accepted = 0, is_removal_refused = 0,
         is_relocated = images > 0
       WHERE id = ?`,
    ),
    forgetMarkers: db.prepare<[number]>(
      `UPDATE collections SET marker = NULL, is_settled = 0, is_proven = 0, is_mount = 0, empty_in_sync = NULL
       WHERE space = ?`,
    ),
    forgetListings: db.prepare<[number]>(
      `UPDATE collections SET modified_at = NULL, listed_at = NULL, is_contradicted = 0, absent_in_sync = NULL,
         absent_in_full = NULL
       WHERE space = ?`,
    ),
    forgetEvidence: db.prepare<[number]>(
      `UPDATE spaces SET names_evidence = 'none', subtree_evidence = 'none', mismatches = 0, names_proofs = 0,
         subtree_proofs = 0, poll_due_at = NULL
       WHERE id = ?`,
    ),
    forgetLeftOff: db.prepare<[number]>('UPDATE spaces SET left_off = NULL WHERE id = ?'),
    noteRules: db.prepare<[string, number]>('UPDATE spaces SET rules = ? WHERE id = ?'),
    reconfirmImages: db.prepare<[number]>(
      'UPDATE images SET absent_in_sync = NULL WHERE space = ? AND absent_in_sync IS NOT NULL',
    ),
    /** A running one notices it when it renews its lease; until then its commits are refused. */
    cancelSyncs: db.prepare<[number, number, number]>(
      `UPDATE syncs SET status = 'CANCELLED', ended_at = ?, updated_at = ?
       WHERE space = ? AND status IN ('PENDING', 'IN_PROGRESS')`,
    ),
    schedule: {
      incremental: scheduleStatement('due_at'),
      full: scheduleStatement('full_due_at'),
      poll: scheduleStatement(
        'poll_due_at',
        " AND subtree_evidence = 'seen' AND trouble_kind IS NULL AND held_removals IS NULL",
      ),
    },
    due: db.prepare<[number, number, number], { id: number; isFullDue: 0 | 1 }>(
      `SELECT id, coalesce(full_due_at <= ?, 0) AS isFullDue FROM spaces
       WHERE is_configured = 1 AND next_sync_at <= ?
       ORDER BY next_sync_at, id LIMIT ?`,
    ),
    clearDue: db.prepare<[number]>('UPDATE spaces SET due_at = NULL, poll_due_at = NULL, retry_at = NULL WHERE id = ?'),
    clearFullDue: db.prepare<[number]>(
      'UPDATE spaces SET due_at = NULL, full_due_at = NULL, poll_due_at = NULL, retry_at = NULL WHERE id = ?',
    ),
    acceptRemovals: db.prepare<[number, number, number]>(
      `UPDATE spaces SET is_removal_accepted = 1, is_removal_refused = 0, due_at = min(coalesce(due_at, ?), ?)
       WHERE id = ? AND held_removals IS NOT NULL`,
    ),
    refuseRemovals: db.prepare<[number]>(
      `UPDATE spaces SET is_removal_refused = 1, is_removal_accepted = 0 WHERE id = ? AND held_removals IS NOT NULL`,
    ),
    retry: db.prepare<[number, number]>(
      `UPDATE spaces SET retry_at = ? WHERE id = ? AND trouble_kind = 'unauthorized'`,
    ),
    resume: db.prepare<[number, number, number]>(
      `UPDATE spaces SET due_at = min(coalesce(due_at, ?), ?), ${noTrouble}
       WHERE id = ? AND trouble_kind = 'unauthorized'`,
    ),
  };
}
