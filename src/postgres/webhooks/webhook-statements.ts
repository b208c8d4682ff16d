import { NAMED_UNTOLD } from '../../domain/diagnosis/diagnose-webhook.js';
import type { Pending, WebhookPlace } from '../../domain/webhooks/next-message.js';
import type { Tries } from '../../domain/webhooks/retry.js';

/** Spaces read at once: the rest is read once these have been told. */
export const DUE_AT_ONCE = 1_000;

/** Where a webhook is in a space, as `PLACE` selects it. */
export interface PlaceRow extends WebhookPlace, Tries {
  readonly pending: Pending | null;
}

const TRIES = `p.state, p.attempts, p.first_failed_at AS "firstFailedAt", p.next_at AS "nextAt",
  p.last_error AS "lastError"`;

/** `toldStateOf` in SQL; the contract compares the two. */
const TOLD = `CASE WHEN spaces.trouble_kind = 'unauthorized' THEN 'suspended' WHEN spaces.held_removals IS NOT NULL THEN 'held'
  WHEN spaces.trouble_kind = 'failed' THEN 'failing' ELSE 'good' END`;

/** Of a webhook with the name $1: whether a space is of one of the users $2 of whom it is told, null for all. */
const IS_OF_USERS = '($2::text[] IS NULL OR spaces.user_name = ANY ($2))';
/** Spaces that concern a webhook, with their places. */
const CONCERNED = `FROM webhooks JOIN spaces ON spaces.is_configured AND ${IS_OF_USERS}
  LEFT JOIN webhook_places AS p ON p.hook = webhooks.name AND p.space = spaces.id
  WHERE webhooks.name = $1`;
const IS_BEHIND = `(p.space IS NULL OR p.pending IS NOT NULL OR p.up_to IS NOT NULL OR p.revision <> spaces.revision
  OR p.epoch <> webhooks.epoch OR p.told <> ${TOLD})`;

/** What a webhook has told in vain, by the index of what is pending; `webhookTroubleOf` in SQL, a contract compares them. */
const UNTAKEN = `FROM webhook_places AS p JOIN spaces ON spaces.id = p.space AND spaces.is_configured AND ${IS_OF_USERS}
  WHERE p.hook = $1 AND p.pending IS NOT NULL`;
const IS_DEAD = `p.state = 'dead'`;
const MADE_AT = `(p.pending ->> 'at')::bigint`;
const IS_LATE = `p.state <> 'dead' AND p.attempts > 0 AND ${MADE_AT} < $3`;

const AS_NEW = `state = 'due', attempts = 0, first_failed_at = NULL, next_at = NULL, last_error = NULL`;

/** The columns of a place besides its tries, in the order of `placeValues`. */
const PLACE = 'hook, space, revision, up_to, begun, seen_id, epoch, told, pending';

/** The place of $1 in the space $2, which nobody else changes until the transaction ends. */
export const LOCK_PLACE = `SELECT p.revision, p.up_to AS "upTo", p.begun, p.seen_id AS "seenId", p.epoch, p.told, p.pending, ${TRIES}
  FROM webhook_places AS p WHERE p.hook = $1 AND p.space = $2 FOR UPDATE`;

/** Adds a place unless there is one. */
export const ADD_PLACE = `INSERT INTO webhook_places (${PLACE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (hook, space) DO NOTHING`;

/** Moves a place that is there already. */
export const MOVE_PLACE = `UPDATE webhook_places SET revision = $3, up_to = $4, begun = $5, seen_id = $6, epoch = $7, told = $8,
  pending = $9, ${AS_NEW} WHERE hook = $1 AND space = $2`;

export const SET_PENDING = 'UPDATE webhook_places SET pending = $3 WHERE hook = $1 AND space = $2';

/** Who is sending the message of $1 in the space $2; read once its place is locked. */
export const SENDING = 'SELECT sender, until FROM webhook_senders WHERE hook = $1 AND space = $2';
export const BEGIN_SENDING = `INSERT INTO webhook_senders (hook, space, sender, until) VALUES ($1, $2, $3, $4)
  ON CONFLICT (hook, space) DO UPDATE SET sender = excluded.sender, until = excluded.until`;
export const END_SENDING = 'DELETE FROM webhook_senders WHERE hook = $1 AND space = $2';

export const NOTE_FAILURE = `UPDATE webhook_places SET state = $4, attempts = $5, first_failed_at = $6, next_at = $7, last_error = $8
  WHERE hook = $1 AND space = $2 AND pending ->> 'id' = $3`;

/** Makes all that waits due at once, of the user $2 or of all. */
export const RETRY = `UPDATE webhook_places SET ${AS_NEW} WHERE hook = $1 AND state <> 'due'
  AND ($2::text IS NULL OR space IN (SELECT id FROM spaces WHERE user_name = $2))`;

/** The spaces after $4 of which something is due at the time $3. */
export const DUE = `SELECT spaces.id ${CONCERNED} AND spaces.id > $4 AND ${IS_BEHIND}
    AND coalesce(p.state, 'due') <> 'dead' AND coalesce(p.next_at, 0) <= $3
  ORDER BY spaces.id LIMIT ${DUE_AT_ONCE}`;

/** When something waits no longer, be it for its next try or for whoever is sending it at the time $2. */
export const NEXT_AT = `SELECT least((SELECT min(next_at) FROM webhook_places WHERE hook = $1 AND state = 'waiting'),
    (SELECT min(until) FROM webhook_senders WHERE hook = $1 AND until > $2)) AS "nextAt"`;

export const TOTALS = `SELECT min(${MADE_AT}) AS "oldestAt", count(*) FILTER (WHERE p.state <> 'dead') AS waiting,
    count(*) FILTER (WHERE ${IS_DEAD}) AS dead
  FROM webhook_places AS p JOIN spaces ON spaces.id = p.space AND spaces.is_configured
  WHERE p.hook = $1 AND p.pending IS NOT NULL`;

export const COUNT_SPACES = `SELECT count(*) AS spaces ${CONCERNED}`;

export const BEHIND = `SELECT spaces.user_name AS "user", ${MADE_AT} AS since, coalesce(p.state, 'due') AS state,
    coalesce(p.attempts, 0) AS attempts, p.first_failed_at AS "firstFailedAt", p.next_at AS "nextAt",
    p.last_error AS "lastError"
  ${CONCERNED} AND ${IS_BEHIND} ORDER BY spaces.user_name`;

/** Those that were given up, and those that have been tried since before $3. */
export const COUNT_UNTAKEN = `SELECT count(*) FILTER (WHERE ${IS_DEAD}) AS dead, count(*) FILTER (WHERE ${IS_LATE}) AS late
  ${UNTAKEN}`;
const FIRST_UNTAKEN = `SELECT spaces.user_name AS "user", p.last_error AS "lastError" ${UNTAKEN}`;
export const FIRST_DEAD = `${FIRST_UNTAKEN} AND ${IS_DEAD} ORDER BY p.space LIMIT ${NAMED_UNTOLD}`;
export const FIRST_LATE = `${FIRST_UNTAKEN} AND ${IS_LATE} ORDER BY p.space LIMIT ${NAMED_UNTOLD}`;

export function triesFromRow({ state, attempts, firstFailedAt, nextAt, lastError }: Tries): Tries {
  return { state, attempts, firstFailedAt, nextAt, lastError };
}

export function placeFromRow({ revision, upTo, begun, seenId, epoch, told }: WebhookPlace): WebhookPlace {
  return { revision, upTo, begun, seenId, epoch, told };
}

/** The values of `ADD_PLACE` and `MOVE_PLACE`. */
export function placeValues(
  hook: string,
  spaceId: number,
  { revision, upTo, begun, seenId, epoch, told }: WebhookPlace,
  pending: Pending | null,
): readonly unknown[] {
  const message = pending && JSON.stringify(pending);
  return [hook, spaceId, revision, upTo, begun, seenId, epoch, told, message];
}
