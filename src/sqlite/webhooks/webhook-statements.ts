import type { Database } from 'better-sqlite3';
import { NAMED_UNTOLD } from '../../domain/diagnosis/diagnose-webhook.js';
import type { WebhookPlace } from '../../domain/webhooks/next-message.js';
import type { Tries } from '../../domain/webhooks/retry.js';

/** Spaces read at once: the rest is read once these have been told. */
export const DUE_AT_ONCE = 1_000;

interface Interest {
  readonly hook: string;
  /** A JSON array; null for all. */
  readonly users: string | null;
}

export interface TriesRow {
  readonly state: Tries['state'];
  readonly attempts: number;
  readonly firstFailedAt: number | null;
  readonly nextAt: number | null;
  readonly lastError: string | null;
}

export interface PlaceRow extends WebhookPlace, TriesRow {
  readonly pending: string | null;
}

interface FirstUntold {
  readonly user: string;
  readonly lastError: string | null;
}

const TRIES = `p.state, p.attempts, p.first_failed_at AS firstFailedAt, p.next_at AS nextAt, p.last_error AS lastError`;

/** `toldStateOf` in SQL; a test compares the two. */
const TOLD = `CASE WHEN spaces.trouble_kind = 'unauthorized' THEN 'suspended' WHEN spaces.held_removals IS NOT NULL THEN 'held'
  WHEN spaces.trouble_kind = 'failed' THEN 'failing' ELSE 'good' END`;

/** Spaces that concern a webhook, with their places. */
const CONCERNED = `FROM webhooks JOIN spaces ON spaces.is_configured = 1
    AND (:users IS NULL OR spaces.user IN (SELECT value FROM json_each(:users)))
  LEFT JOIN webhook_places AS p ON p.hook = webhooks.name AND p.space = spaces.id
  WHERE webhooks.name = :hook`;
const IS_BEHIND = `(p.space IS NULL OR p.pending IS NOT NULL OR p.up_to IS NOT NULL OR p.revision <> spaces.revision
  OR p.epoch <> webhooks.epoch OR p.told <> ${TOLD})`;

/** What a webhook has told in vain, by the index of what is pending; `webhookTroubleOf` in SQL, a contract compares them. */
const UNTAKEN = `FROM webhook_places AS p JOIN spaces ON spaces.id = p.space AND spaces.is_configured = 1
    AND (:users IS NULL OR spaces.user IN (SELECT value FROM json_each(:users)))
  WHERE p.hook = :hook AND p.pending IS NOT NULL`;
const IS_DEAD = `p.state = 'dead'`;
const IS_LATE = `p.state <> 'dead' AND p.attempts > 0 AND p.pending ->> 'at' < :lateBefore`;

const AS_NEW = `state = 'due', attempts = 0, first_failed_at = NULL, next_at = NULL, last_error = NULL`;

export function prepareWebhooks(db: Database) {
  return {
    hook: db.prepare<[string], { users: string | null; target: string; epoch: number }>(
      'SELECT users, target, epoch FROM webhooks WHERE name = ?',
    ),
    putHook: db.prepare<[{ name: string; users: string | null; target: string }]>(
      `INSERT INTO webhooks (name, users, target) VALUES (:name, :users, :target)
       ON CONFLICT (name) DO UPDATE SET users = excluded.users, target = excluded.target`,
    ),
    goBack: db.prepare<[]>('UPDATE webhooks SET epoch = epoch + 1'),
    begun: db.prepare<[], number>('SELECT begun FROM webhook_messages').pluck(),
    countMessage: db.prepare<[]>('UPDATE webhook_messages SET begun = begun + 1'),
    setBegun: db.prepare<[number]>('UPDATE webhook_messages SET begun = ?'),
    place: db.prepare<[string, number], PlaceRow>(
      `SELECT p.revision, p.up_to AS upTo, p.begun, p.seen_id AS seenId, p.epoch, p.told, p.pending, ${TRIES}
       FROM webhook_places AS p WHERE p.hook = ? AND p.space = ?`,
    ),
    put: db.prepare<[WebhookPlace & { hook: string; space: number; pending: string | null }]>(
      `INSERT INTO webhook_places (hook, space, revision, up_to, begun, seen_id, epoch, told, pending)
       VALUES (:hook, :space, :revision, :upTo, :begun, :seenId, :epoch, :told, :pending)
       ON CONFLICT (hook, space) DO UPDATE SET revision = excluded.revision, up_to = excluded.up_to, begun = excluded.begun,
         seen_id = excluded.seen_id, epoch = excluded.epoch, told = excluded.told, pending = excluded.pending, ${AS_NEW}`,
    ),
    setPending: db.prepare<[string, string, number]>(
      'UPDATE webhook_places SET pending = ? WHERE hook = ? AND space = ?',
    ),
    failed: db.prepare<[Tries & { hook: string; space: number; messageId: string }]>(
      `UPDATE webhook_places SET state = :state, attempts = :attempts, first_failed_at = :firstFailedAt, next_at = :nextAt,
         last_error = :lastError
       WHERE hook = :hook AND space = :space AND pending ->> 'id' = :messageId`,
    ),
    retry: db.prepare<[{ hook: string; user: string | null }]>(
      `UPDATE webhook_places SET ${AS_NEW} WHERE hook = :hook AND state <> 'due'
         AND (:user IS NULL OR space IN (SELECT id FROM spaces WHERE user = :user))`,
    ),
    due: db
      .prepare<[Interest & { now: number; after: number }], number>(
        `SELECT spaces.id ${CONCERNED} AND spaces.id > :after AND ${IS_BEHIND}
           AND coalesce(p.state, 'due') <> 'dead' AND coalesce(p.next_at, 0) <= :now
         ORDER BY spaces.id LIMIT ${DUE_AT_ONCE}`,
      )
      .pluck(),
    nextAt: db
      .prepare<[string], number | null>(`SELECT min(next_at) FROM webhook_places WHERE hook = ? AND state = 'waiting'`)
      .pluck(),
    totals: db.prepare<[string], { oldestAt: number | null; waiting: number; dead: number }>(
      `SELECT min(p.pending ->> 'at') AS oldestAt, count(*) FILTER (WHERE p.state != 'dead') AS waiting,
         count(*) FILTER (WHERE p.state = 'dead') AS dead
       FROM webhook_places AS p JOIN spaces ON spaces.id = p.space AND spaces.is_configured = 1
       WHERE p.hook = ? AND p.pending IS NOT NULL`,
    ),
    untaken: db.prepare<[Interest & { lateBefore: number }], { dead: number; late: number }>(
      `SELECT count(*) FILTER (WHERE ${IS_DEAD}) AS dead, count(*) FILTER (WHERE ${IS_LATE}) AS late ${UNTAKEN}`,
    ),
    firstDead: db.prepare<[Interest], FirstUntold>(
      `SELECT spaces.user, p.last_error AS lastError ${UNTAKEN} AND ${IS_DEAD} ORDER BY p.space LIMIT ${NAMED_UNTOLD}`,
    ),
    firstLate: db.prepare<[Interest & { lateBefore: number }], FirstUntold>(
      `SELECT spaces.user, p.last_error AS lastError ${UNTAKEN} AND ${IS_LATE} ORDER BY p.space LIMIT ${NAMED_UNTOLD}`,
    ),
    spaces: db.prepare<[Interest], number>(`SELECT count(*) ${CONCERNED}`).pluck(),
    behind: db.prepare<[Interest], TriesRow & { user: string; since: number | null }>(
      `SELECT spaces.user, p.pending ->> 'at' AS since, coalesce(p.state, 'due') AS state,
         coalesce(p.attempts, 0) AS attempts, p.first_failed_at AS firstFailedAt, p.next_at AS nextAt,
         p.last_error AS lastError
       ${CONCERNED} AND ${IS_BEHIND} ORDER BY spaces.user`,
    ),
  };
}

export function triesFromRow({ state, attempts, firstFailedAt, nextAt, lastError }: TriesRow): Tries {
  return { state, attempts, firstFailedAt, nextAt, lastError };
}

export function placeFromRow({ revision, upTo, begun, seenId, epoch, told }: PlaceRow): WebhookPlace {
  return { revision, upTo, begun, seenId, epoch, told };
}

/** Exactly the columns of a place. */
export function rowOfPlace({ revision, upTo, begun, seenId, epoch, told }: WebhookPlace): WebhookPlace {
  return { revision, upTo, begun, seenId, epoch, told };
}
