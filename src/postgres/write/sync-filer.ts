import { OvadexError } from '../../domain/model/errors.js';
import type { Sync, SyncRequest } from '../../domain/model/sync.js';
import { type BegunSync, type FiledSync, fileRequest } from '../../domain/policy/sync-filing.js';
import type { Session } from '../connection/database.js';
import { storableJson } from '../connection/storable.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from '../read/sync-rows.js';

/** The sync that answers a request, and whether it was filed for it. */
export interface FiledRequest {
  readonly sync: Sync;
  readonly isNew: boolean;
}

const FROM = `SELECT ${SYNC_COLUMNS} FROM syncs JOIN spaces ON spaces.id = syncs.space`;
const WAITING_SQL = `${FROM} WHERE syncs.space = ANY ($1) AND status = 'PENDING'`;
const ACTIVE_SQL = `SELECT ${SYNC_COLUMNS}, spaces.lease_until AS "leaseUntil", resumed_at AS "resumedAt", joined_at AS "joinedAt"
  FROM syncs JOIN spaces ON spaces.id = syncs.space
  WHERE syncs.space = ANY ($1) AND syncs.ended_at IS NULL ORDER BY syncs.id`;
const CHANGE_SQL = `UPDATE syncs SET mode = wanted.mode, origin = wanted.origin, targets = wanted.targets,
    requested_by = wanted.requested_by, updated_at = $6
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::json[], $5::text[]) AS wanted (id, mode, origin, targets, requested_by)
  WHERE syncs.id = wanted.id`;
const JOIN_SQL = `UPDATE syncs SET joined_at = $1, joined_by = wanted.requested_by
  FROM unnest($2::bigint[], $3::text[]) AS wanted (id, requested_by) WHERE syncs.id = wanted.id`;
/** In the order of the requests, so that the syncs have it, too. */
const INSERT_SQL = `INSERT INTO syncs (task_id, space, mode, origin, targets, requested_by, status, created_at, updated_at)
  SELECT task_id, space, mode, origin, targets, requested_by, 'PENDING', $7, $7
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::json[], $6::text[]) WITH ORDINALITY
    AS wanted (task_id, space, mode, origin, targets, requested_by, place)
  ORDER BY place`;

/** Returns a sync, or null. */
export async function findSync(session: Session, id: number): Promise<Sync | null> {
  const row = await session.row<SyncRow>(`${FROM} WHERE syncs.id = $1`, [id]);
  return row === undefined ? null : syncFromRow(row);
}

/**
 * Files requests for different spaces, whose rows are locked, in one transaction; returns what answers each, in their
 * order.
 */
export async function fileRequests(
  session: Session,
  requests: readonly SyncRequest[],
  newTaskId: () => string,
  now: number,
): Promise<readonly FiledRequest[]> {
  const active = await activeSyncs(session, requests);
  const filings = requests.map((request) => {
    const { waiting = null, begun = null } = active.get(request.spaceId) ?? {};
    return { request, begun, filing: fileRequest(request, waiting, begun, now) };
  });

  const added: { readonly spaceId: number; readonly sync: FiledSync }[] = [];
  const changed: { readonly id: number; readonly sync: FiledSync }[] = [];
  const joined: { readonly id: number; readonly requestedBy: string | null }[] = [];
  for (const { request, filing } of filings) {
    if (filing.by === 'new') added.push({ spaceId: request.spaceId, sync: filing.sync });
    else if (filing.by === 'waiting') changed.push(filing);
    else if (filing.isNoted) joined.push({ id: filing.id, requestedBy: request.requestedBy });
  }
  if (joined.length > 0) {
    await session.run(JOIN_SQL, [now, joined.map(({ id }) => id), joined.map(({ requestedBy }) => requestedBy)]);
  }
  await change(session, changed, now);
  await add(session, added, newTaskId, now);
  const written = new Map(
    (added.length + changed.length === 0 ? [] : await waitingSyncs(session, requests)).map((sync) => [
      sync.spaceId,
      sync,
    ]),
  );

  return filings.map(({ request, filing, begun }) => {
    if (filing.by === 'running' && begun !== null) return { sync: begun.sync, isNew: false };
    const sync = written.get(request.spaceId);
    if (sync === undefined)
      throw new OvadexError('internal', `a sync of space ${request.spaceId} was filed but can't be found`);
    return { sync, isNew: filing.by === 'new' };
  });
}

async function activeSyncs(session: Session, requests: readonly SyncRequest[]) {
  const rows = await session.rows<SyncRow & Omit<BegunSync, 'sync'>>(ACTIVE_SQL, [
    requests.map(({ spaceId }) => spaceId),
  ]);
  const active = new Map<number, { waiting?: Sync; begun?: BegunSync }>();
  for (const row of rows) {
    const ofSpace = active.get(row.spaceId) ?? {};
    const sync = syncFromRow(row);
    if (row.status === 'PENDING') ofSpace.waiting = sync;
    else ofSpace.begun = { ...row, sync };
    active.set(row.spaceId, ofSpace);
  }
  return active;
}

async function change(
  session: Session,
  changed: readonly { readonly id: number; readonly sync: FiledSync }[],
  now: number,
): Promise<void> {
  if (changed.length === 0) return;
  const syncs = changed.map(({ sync }) => sync);
  await session.run(CHANGE_SQL, [changed.map(({ id }) => id), ...columnsOf(syncs), now]);
}

async function add(
  session: Session,
  added: readonly { readonly spaceId: number; readonly sync: FiledSync }[],
  newTaskId: () => string,
  now: number,
): Promise<void> {
  if (added.length === 0) return;
  const syncs = added.map(({ sync }) => sync);
  const spaces = added.map(({ spaceId }) => spaceId);
  await session.run(INSERT_SQL, [added.map(() => newTaskId()), spaces, ...columnsOf(syncs), now]);
}

async function waitingSyncs(session: Session, requests: readonly SyncRequest[]): Promise<readonly Sync[]> {
  const rows = await session.rows<SyncRow>(WAITING_SQL, [requests.map(({ spaceId }) => spaceId)]);
  return rows.map(syncFromRow);
}

function columnsOf(syncs: readonly FiledSync[]) {
  return [
    syncs.map(({ mode }) => mode),
    syncs.map(({ trigger }) => trigger),
    syncs.map(({ targets }) => storableJson(targets)),
    syncs.map(({ requestedBy }) => requestedBy),
  ];
}
