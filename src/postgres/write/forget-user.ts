import { UNKNOWN_RATE } from '../../domain/freshness/change-rate.js';
import type { ForgetUser, Forgotten } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Database, Session } from '../connection/database.js';

/** Rows deleted in one transaction: some 50 ms, for which nobody else can write to the space. */
const FORGOTTEN_AT_ONCE = 2_000;

/** Each kind of a space's content. */
type ContentKind = 'images' | 'collections' | 'syncs';

/**
 * Creates the function that forgets a user. Rows are deleted piece by piece; if it is interrupted, it can be repeated.
 * The row of the space stays without a name and with nothing in it: ids of spaces are never given twice, since ETags
 * distinguish spaces by them. No user's name has a slash.
 */
export function createForgetUser(db: Database, clock: Clock): ForgetUser {
  const forgetAll = async (user: string, kind: ContentKind) => {
    for (let total = 0; ; ) {
      const gone = await db.write(async (session) => {
        const id = await lockLeftOut(session, user);
        return id === undefined ? 0 : session.run(FORGET_PIECE_SQL[kind], [id]);
      });
      total += gone;
      if (gone < FORGOTTEN_AT_ONCE) return total;
    }
  };

  const forgetRest = (user: string) =>
    db.write(async (session): Promise<number> => {
      const id = await lockLeftOut(session, user);
      await session.run('UPDATE syncs SET requested_by = NULL WHERE requested_by = $1', [user]);
      await session.run('UPDATE syncs SET joined_by = NULL WHERE joined_by = $1', [user]);
      await session.run('DELETE FROM links WHERE user_name = $1', [user]);
      const tokens = await session.run('DELETE FROM tokens WHERE user_name = $1', [user]);
      if (id === undefined) return tokens;
      await session.run('DELETE FROM webhook_places WHERE space = $1', [id]);
      await session.run(EMPTY_SQL, [id, `${FORGOTTEN}${id}`, clock()]);
      return tokens;
    });

  return async (user): Promise<Forgotten | null> => {
    const isKnown = await db.write(async (session) => {
      if ((await lockLeftOut(session, user)) !== undefined) return true;
      return (await session.row<{ readonly isKnown: boolean }>(ANY_OF_SQL, [user]))?.isKnown === true;
    });
    if (!isKnown) return null;
    const images = await forgetAll(user, 'images');
    const collections = await forgetAll(user, 'collections');
    const syncs = await forgetAll(user, 'syncs');
    return { images, collections, syncs, tokens: await forgetRest(user) };
  };
}

/** Locks the row of a space that is left out, and returns its id if there is one. Throws OvadexError `conflict` if it isn't. */
async function lockLeftOut(session: Session, user: string): Promise<number | undefined> {
  const space = await session.row<{ readonly id: number; readonly isConfigured: boolean }>(
    'SELECT id, is_configured AS "isConfigured" FROM spaces WHERE user_name = $1 FOR UPDATE',
    [user],
  );
  if (space?.isConfigured !== true) return space?.id;
  throw new OvadexError(
    'conflict',
    `the space of "${user}" is configured; remove it from the configuration (or from the discovered storage) first, or it would come straight back`,
  );
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

const EMPTY_SQL = `UPDATE spaces SET user_name = $2, url = '', is_configured = false, left_at = NULL, images = 0, collections = 0,
    described_images = 0, waiting_images = 0, incomplete_images = 0, broken_images = 0, read_bytes = 0,
    revision = revision + 1, changed_at = $3, last_success_at = NULL, last_sync_at = NULL, trouble_kind = NULL,
    trouble_message = NULL, trouble_at = NULL, retry_at = NULL, held_removals = NULL, is_removal_accepted = false,
    due_at = NULL, full_due_at = NULL, poll_due_at = NULL, lease_owner = NULL, lease_sync = NULL, lease_until = NULL,
    rules = NULL, left_off = NULL, rate_changes = ${UNKNOWN_RATE.changes}, rate_span_ms = ${UNKNOWN_RATE.spanMs},
    look_cost = NULL
  WHERE id = $1`;
