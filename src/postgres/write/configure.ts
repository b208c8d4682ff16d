import type { Space, SpaceSettings } from '../../domain/model/space.js';
import {
  afterChange,
  changeOf,
  type RegisteredSpace,
  type SpaceChange,
  UNCHANGED,
  type Voided,
} from '../../domain/policy/configured-spaces.js';
import type { SpaceRecord } from '../../domain/policy/space-record.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Lead } from '../../domain/ports/leadership.js';
import type { Session } from '../connection/database.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from '../read/space-rows.js';
import { IS_RUNNING } from './claim-statements.js';
import { requireLead } from './leadership.js';
import { RECORD_COLUMNS, type RecordRow, recordFromRow, writeRecords } from './space-record.js';

/** Any number that nobody else takes: hosts that configure at the same time do so one after the other by it. */
const LOCK = 0x6f766373;

type Settings = Pick<SpaceSettings, 'user' | 'url'>;

interface RegisteredRow extends RegisteredSpace {
  readonly id: number;
}

type LockedRow = RegisteredRow & RecordRow & { readonly images: number };

/** A space that the new configuration changes. */
interface Changed {
  readonly row: LockedRow;
  readonly url: string | null;
  readonly change: SpaceChange;
}

const REGISTERED = 'id, user_name AS "user", url, rules, is_configured AS "isConfigured"';
const FORGET_SQL: Readonly<Record<Voided, readonly string[]>> = {
  markers: [
    `UPDATE collections SET marker = NULL, is_settled = false, is_proven = false, is_mount = false, is_joined = false
     WHERE space = ANY ($1)`,
  ],
  listings: [
    `UPDATE collections SET modified_at = NULL, listed_at = NULL, empty_in_sync = NULL, is_contradicted = false,
       absent_in_sync = NULL, absent_in_full = NULL
     WHERE space = ANY ($1)`,
    'UPDATE images SET absent_in_sync = NULL WHERE space = ANY ($1) AND absent_in_sync IS NOT NULL',
  ],
};
/** Cancels the syncs of spaces. A running one notices when it renews its lease; until then its commits are refused. */
const CANCEL_SQL = `UPDATE syncs SET status = 'CANCELLED', ended_at = $2, updated_at = $2
  WHERE space = ANY ($1) AND status IN ('PENDING', 'IN_PROGRESS')`;

/** An index that was copied from elsewhere may have unfinished syncs without a lease, by which claims find them. */
const LEAVE_BEHIND_SQL = `UPDATE spaces SET lease_owner = '', lease_sync = running.id, lease_until = 0
  FROM (SELECT space, max(id) AS id FROM syncs WHERE ${IS_RUNNING} GROUP BY space) AS running
  WHERE spaces.id = running.space AND lease_until IS NULL`;

/** Makes these the configured spaces, in one transaction; as `SpaceRegistry` says. */
export async function configure(
  session: Session,
  settings: readonly Settings[],
  {
    rules,
    now,
    clock,
    lead,
  }: { readonly rules: string; readonly now: number; readonly clock: Clock; readonly lead: Lead | null },
): Promise<readonly Space[]> {
  await requireLead(session, lead);
  await session.run('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  const wanted = new Map(settings.map(({ user, url }) => [user, url]));
  const registered = await session.rows<RegisteredRow>(`SELECT ${REGISTERED} FROM spaces`);
  const changeOfRow = (row: RegisteredSpace) => {
    const url = wanted.get(row.user) ?? null;
    return { url, change: changeOf(row, url === null ? null : { url }, rules) };
  };
  const differing = registered.filter((row) => changeOfRow(row).change !== UNCHANGED).map(({ id }) => id);
  // Their users may have been forgotten meanwhile.
  const locked = await lockRows(session, differing);
  const changed = locked
    .map((row): Changed => ({ row, ...changeOfRow(row) }))
    .filter(({ change }) => change !== UNCHANGED);
  await apply(session, changed, { rules, now, clock });

  const lockedUsers = new Map(locked.map(({ id, user }) => [id, user]));
  for (const { id, user } of registered) wanted.delete(lockedUsers.get(id) ?? user);
  await session.run(
    `INSERT INTO spaces (user_name, url, rules, added_at, due_at)
     SELECT added.user_name, added.url, $3, $4, $4 FROM unnest($1::text[], $2::text[]) AS added (user_name, url)`,
    [[...wanted.keys()], [...wanted.values()], rules, now],
  );
  await session.run(LEAVE_BEHIND_SQL);
  const spaces = await session.rows<SpaceRow>(
    `SELECT ${SPACE_COLUMNS} FROM spaces WHERE is_configured ORDER BY user_name`,
  );
  return spaces.map(spaceFromRow);
}

/** In the order in which others lock more than one. */
async function lockRows(session: Session, ids: readonly number[]): Promise<readonly LockedRow[]> {
  if (ids.length === 0) return [];
  return session.rows<LockedRow>(
    `SELECT ${REGISTERED}, images, ${RECORD_COLUMNS} FROM spaces WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE`,
    [ids],
  );
}

async function apply(
  session: Session,
  changed: readonly Changed[],
  { rules, now, clock }: { readonly rules: string; readonly now: number; readonly clock: Clock },
): Promise<void> {
  const idsOf = (which: (each: Changed) => boolean) => changed.filter(which).map(({ row }) => row.id);
  const records = new Map<number, SpaceRecord>();
  for (const { row, change } of changed) {
    records.set(row.id, afterChange(recordFromRow(row), change, row.images, now));
  }
  await writeRecords(session, records);
  await session.run('UPDATE spaces SET is_configured = false, left_at = $2 WHERE id = ANY ($1)', [
    idsOf(({ url }) => url === null),
    now,
  ]);
  const kept = changed.flatMap(({ row, url }) => (url === null ? [] : [{ id: row.id, url }]));
  await session.run(
    `UPDATE spaces SET is_configured = true, left_at = NULL, url = kept.url, rules = $3
     FROM unnest($1::bigint[], $2::text[]) AS kept (id, url) WHERE spaces.id = kept.id`,
    [kept.map(({ id }) => id), kept.map(({ url }) => url), rules],
  );
  for (const voided of ['markers', 'listings'] as const) {
    const ids = idsOf(({ change }) => change.voids.includes(voided));
    if (ids.length === 0) continue;
    for (const sql of FORGET_SQL[voided]) await session.run(sql, [ids]);
  }
  const ending = idsOf(({ change }) => change.endsSyncs);
  if (ending.length > 0) await session.run(CANCEL_SQL, [ending, clock()]);
}
