import { UNKNOWN_RATE } from '../../domain/freshness/change-rate.js';
import type { ForgetRest, ForgetUser, Forgotten } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Database, Session } from '../connection/database.js';
import { isStorable } from '../connection/values.js';

/** Rows deleted in one transaction: some 50 ms, for which nobody else can write to the space. */
const FORGOTTEN_AT_ONCE = 2_000;

/** Each kind of a space's content. */
type ContentKind = 'images' | 'collections' | 'syncs';

type Content = Pick<Forgotten, ContentKind>;
const KINDS: readonly ContentKind[] = ['images', 'collections', 'syncs'];
const NOTHING: Content = { images: 0, collections: 0, syncs: 0 };

/**
 * Creates the function that forgets a user. The space loses its name first, in one transaction with all else that names the user:
 * whoever comes back gets another row, which no piece is deleted of. Its own stays, with nothing in it: ids of spaces are never
 * given twice, since ETags distinguish spaces by them. No user's name has a slash.
 */
export function createForgetUser(db: Database, clock: Clock): ForgetUser {
  const nameless = createForgetNameless(db, clock);
  return async (user, signal): Promise<Forgotten | null> => {
    const known = isStorable(user) ? await db.write((session) => takeName(session, user)) : null;
    const own = known?.space ?? null;
    const forgotten = own === null ? NOTHING : await nameless.ofSpace(own, signal);
    await nameless.all(signal);
    return known && { ...forgotten, tokens: known.tokens };
  };
}

/** Deletes the content of spaces that have lost their names, in pieces between which others can commit, until a signal is aborted. */
export interface ForgetNameless {
  ofSpace(space: number, signal?: AbortSignal): Promise<Content>;
  readonly all: ForgetRest;
}

export function createForgetNameless(db: Database, clock: Clock): ForgetNameless {
  const ofSpace = async (space: number, signal?: AbortSignal): Promise<Content> => {
    const gone: Record<ContentKind, number> = { ...NOTHING };
    for (const kind of KINDS) {
      for (let isLast = false; !isLast; ) {
        if (signal?.aborted === true) return gone;
        const rows = await db.write((session) => session.run(FORGET_PIECE_SQL[kind], [space]));
        gone[kind] += rows;
        isLast = rows < FORGOTTEN_AT_ONCE;
      }
    }
    await db.write((session) => session.run(EMPTY_SQL, [space, clock()]));
    return gone;
  };
  return {
    ofSpace,
    async all(signal) {
      let images = 0;
      for (const { id } of await db.rows<{ readonly id: number }>(NAMELESS_SQL)) {
        images += (await ofSpace(id, signal)).images;
      }
      return images;
    },
  };
}

/**
 * Takes the space of a user its name, and deletes what else names the user; null if nothing is known. Throws OvadexError `conflict`
 * if the space is configured.
 */
async function takeName(
  session: Session,
  user: string,
): Promise<{ readonly space: number | null; readonly tokens: number } | null> {
  const space = await session.row<{ readonly id: number; readonly isConfigured: boolean }>(
    'SELECT id, is_configured AS "isConfigured" FROM spaces WHERE user_name = $1 FOR UPDATE',
    [user],
  );
  if (space?.isConfigured === true) {
    throw new OvadexError(
      'conflict',
      `the space of "${user}" is configured; remove it from the configuration (or from the discovered storage) first, or it would come straight back`,
    );
  }
  if (space === undefined) {
    const isKnown = (await session.row<{ readonly isKnown: boolean }>(ANY_OF_SQL, [user]))?.isKnown === true;
    if (!isKnown) return null;
  }
  await session.run('UPDATE syncs SET requested_by = NULL WHERE requested_by = $1', [user]);
  await session.run('UPDATE syncs SET joined_by = NULL WHERE joined_by = $1', [user]);
  await session.run('DELETE FROM links WHERE user_name = $1', [user]);
  const tokens = await session.run('DELETE FROM tokens WHERE user_name = $1', [user]);
  if (space === undefined) return { space: null, tokens };
  await session.run('DELETE FROM webhook_places WHERE space = $1', [space.id]);
  await session.run(TAKE_NAME_SQL, [space.id, `${FORGOTTEN}${space.id}`]);
  return { space: space.id, tokens };
}

/** The beginning of a forgotten space's name; its id follows. */
const FORGOTTEN = '/forgotten/';

const pieceSql = (kind: ContentKind, order: string) =>
  `DELETE FROM ${kind} WHERE id IN (SELECT id FROM ${kind} WHERE space = $1 ORDER BY ${order} LIMIT ${FORGOTTEN_AT_ONCE})`;
const FORGET_PIECE_SQL: Readonly<Record<ContentKind, string>> = {
  images: pieceSql('images', 'path'),
  // Children before their parents, which they refer to.
  collections: pieceSql('collections', 'path DESC'),
  syncs: pieceSql('syncs', 'id'),
};

const ANY_OF_SQL = `SELECT EXISTS (SELECT FROM tokens WHERE user_name = $1) OR EXISTS (SELECT FROM links WHERE user_name = $1)
  OR EXISTS (SELECT FROM syncs WHERE requested_by = $1)
  OR EXISTS (SELECT FROM syncs WHERE joined_by = $1) AS "isKnown"`;

/** The URL stays until a space is empty, which tells it from those that are. */
const TAKE_NAME_SQL = `UPDATE spaces SET user_name = $2, left_at = NULL, lease_owner = NULL, lease_sync = NULL,
  lease_until = NULL WHERE id = $1`;
const NAMELESS_SQL = `SELECT id FROM spaces WHERE user_name LIKE '${FORGOTTEN}%' AND url <> '' ORDER BY id`;
const EMPTY_SQL = `UPDATE spaces SET url = '', is_configured = false, left_at = NULL, images = 0, collections = 0,
    described_images = 0, waiting_images = 0, incomplete_images = 0, broken_images = 0, read_bytes = 0,
    revision = revision + 1, changed_at = $2, last_success_at = NULL, last_sync_at = NULL, trouble_kind = NULL,
    trouble_message = NULL, trouble_at = NULL, retry_at = NULL, held_removals = NULL, is_removal_accepted = false,
    due_at = NULL, full_due_at = NULL, poll_due_at = NULL, lease_owner = NULL, lease_sync = NULL, lease_until = NULL,
    rules = NULL, left_off = NULL, rate_changes = ${UNKNOWN_RATE.changes}, rate_span_ms = ${UNKNOWN_RATE.spanMs},
    look_cost = NULL
  WHERE id = $1`;
