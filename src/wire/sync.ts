import { paceOf, type Sync, type SyncMode, type SyncStatus, type SyncTrigger } from '../domain/model/sync.js';
import { type TimestampWriter, timestamp } from './timestamp.js';

/** A sync as JSON. */
export interface SyncJson {
  readonly id: number;
  /** The user whose space is synced. */
  readonly username: string;
  readonly status: SyncStatus;
  readonly mode: SyncMode;
  readonly created_on: string;
  readonly updated_on: string;
  readonly started_on: string | null;
  readonly ended_on: string | null;
  /** Numbers of images that appeared, changed and disappeared. */
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
  /** Number of images seen. */
  readonly images: number;
  readonly collections: number;
  /** Number of collections that could not be listed. */
  readonly failures: number;
  readonly requests: number;
  /** Number of collections that are known but not listed yet. */
  readonly waiting: number;
  readonly expected_collections: number | null;
  readonly collections_per_second: number | null;
  readonly seconds_left: number | null;
  readonly task_id: string;
  readonly message: { readonly errors: readonly string[]; readonly warnings: readonly string[] };
}

/** A sync in the API, with two keys that clients of the VSS API expect. */
export interface ClientSyncJson extends SyncJson {
  readonly type: 'VM';
  readonly user: { readonly username: string };
}

/** What administrators may know of a sync beyond what its user may. */
interface OfAdmins {
  readonly trigger: SyncTrigger;
  /** The user who requested it; null for the schedule and hints. */
  readonly requested_by: string | null;
  /** From its start to its end, or until now; null before it has started. */
  readonly duration_seconds: number | null;
}

/** A sync in the commands, which are those of administrators. */
export type AdminSyncJson = SyncJson & OfAdmins;

/** A sync in the API's administration. */
export type ClientAdminSyncJson = ClientSyncJson & OfAdmins;

/** The immediate answer to a request for a sync. */
export interface SyncTicketJson {
  readonly _links: { readonly request: string };
  readonly status: 202;
  readonly message: string;
  readonly request: Pick<SyncJson, 'id' | 'status' | 'task_id'>;
}

/** Returns a sync as JSON; `now` is needed for the pace of a running one. */
export function syncToJson(sync: Sync, now: number, write: TimestampWriter = timestamp): SyncJson {
  const { counts } = sync;
  const { perSecond, secondsLeft } = paceOf(sync, sync.endedAt ?? now);
  return {
    id: sync.id,
    username: sync.user,
    status: sync.status,
    mode: sync.mode,
    created_on: write(sync.createdAt),
    updated_on: write(sync.updatedAt),
    started_on: write(sync.startedAt),
    ended_on: write(sync.endedAt),
    added: counts.added,
    changed: counts.altered,
    deleted: counts.removed,
    images: counts.images,
    collections: counts.collections,
    failures: counts.failures,
    requests: counts.requests,
    waiting: sync.waiting,
    expected_collections: sync.expected,
    collections_per_second: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    seconds_left: sync.endedAt !== null || secondsLeft === null ? null : Math.ceil(secondsLeft),
    task_id: sync.taskId,
    message: { errors: sync.errors, warnings: sync.warnings },
  };
}

export function clientSyncToJson(sync: Sync, now: number): ClientSyncJson {
  return { ...syncToJson(sync, now), type: 'VM', user: { username: sync.user } };
}

export function adminSyncToJson(sync: Sync, now: number, write: TimestampWriter = timestamp): AdminSyncJson {
  return { ...syncToJson(sync, now, write), ...ofAdmins(sync, now) };
}

export function clientAdminSyncToJson(sync: Sync, now: number): ClientAdminSyncJson {
  return { ...clientSyncToJson(sync, now), ...ofAdmins(sync, now) };
}

function ofAdmins({ trigger, requestedBy, startedAt, endedAt }: Sync, now: number): OfAdmins {
  const durationMs = startedAt === null ? null : Math.max(0, (endedAt ?? now) - startedAt);
  return {
    trigger,
    requested_by: requestedBy,
    duration_seconds: durationMs === null ? null : Math.round(durationMs / 100) / 10,
  };
}

/** Returns the ticket of a sync that can be followed at `url`. */
export function syncTicketToJson({ id, status, taskId, user, mode }: Sync, url: string): SyncTicketJson {
  return {
    _links: { request: url },
    status: 202,
    message: `the space of "${user}" will be synced (${mode})`,
    request: { id, status, task_id: taskId },
  };
}
