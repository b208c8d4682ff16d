import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ForgetRest, ForgetUser, Forgotten } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import { attempt } from '../file/run-query.js';
import { CONTENT_KINDS, type ContentKind, createSpaceContent, FORGOTTEN, FORGOTTEN_AT_ONCE } from './space-content.js';

/** Selects the spaces without a user whose content was not deleted to its end. */
export const NAMELESS_SQL = `SELECT id FROM spaces WHERE user GLOB '${FORGOTTEN}*' AND url <> '' ORDER BY id`;

type Content = Pick<Forgotten, ContentKind>;

/**
 * Creates the function that forgets a user. The space loses its name first, in one transaction with all else that names the user:
 * whoever comes back gets another row, which no piece is deleted of. Its own stays, with nothing in it: ids of spaces are never
 * given twice, since ETags distinguish spaces by them. No user's name has a slash.
 */
export function createForgetUser(db: Database, clock: Clock): ForgetUser {
  const content = createSpaceContent(db);
  const statements = prepareStatements(db);
  const nameless = createForgetNameless(db, clock);

  const takeName = db.transaction((user: string): { readonly space: number | null; readonly tokens: number } | null => {
    const space = statements.space.get(user);
    if (space?.isConfigured === 1) {
      throw new OvadexError(
        'conflict',
        `the space of "${user}" is configured; remove it from the configuration (or from the discovered storage) first, or it would come straight back`,
      );
    }
    if (space === undefined && statements.anyOf.get({ user }) !== 1) return null;
    statements.forgetRequests.run(user);
    statements.forgetJoined.run(user);
    statements.forgetLink.run(user);
    const tokens = statements.forgetTokens.run(user).changes;
    if (space !== undefined) content.takeName(space.id);
    return { space: space?.id ?? null, tokens };
  });

  return async (user, signal): Promise<Forgotten | null> => {
    const known = await attempt(() => takeName.immediate(user));
    const own = known?.space ?? null;
    const forgotten = own === null ? NOTHING : await nameless.ofSpace(own, signal);
    await nameless.all(signal);
    return known && { ...forgotten, tokens: known.tokens };
  };
}

const NOTHING: Content = { images: 0, collections: 0, syncs: 0 };

/** Deletes the content of spaces that have lost their names, in pieces between which others can commit, until a signal is aborted. */
export interface ForgetNameless {
  ofSpace(space: number, signal?: AbortSignal): Promise<Content>;
  readonly all: ForgetRest;
}

export function createForgetNameless(db: Database, clock: Clock): ForgetNameless {
  const content = createSpaceContent(db);
  const selectNameless = db.prepare<[], number>(NAMELESS_SQL).pluck();
  const removePiece = db.transaction(content.removePiece);
  const empty = db.transaction(content.empty);

  const ofSpace = async (space: number, signal?: AbortSignal): Promise<Content> => {
    const gone: Record<ContentKind, number> = { ...NOTHING };
    for (const kind of CONTENT_KINDS) {
      for (let isLast = false; !isLast; await setImmediate()) {
        if (signal?.aborted === true) return gone;
        const rows = await attempt(() => removePiece.immediate(space, kind));
        gone[kind] += rows;
        isLast = rows < FORGOTTEN_AT_ONCE;
      }
    }
    await attempt(() => empty.immediate(space, clock()));
    return gone;
  };
  return {
    ofSpace,
    async all(signal) {
      let images = 0;
      for (const space of await attempt(() => selectNameless.all())) {
        images += (await ofSpace(space, signal)).images;
      }
      return images;
    },
  };
}

function prepareStatements(db: Database) {
  return {
    space: db.prepare<[string], { id: number; isConfigured: 0 | 1 }>(
      'SELECT id, is_configured AS isConfigured FROM spaces WHERE user = ?',
    ),
    anyOf: db
      .prepare<[{ readonly user: string }], 0 | 1>(
        `SELECT EXISTS (SELECT 1 FROM tokens WHERE user = :user) OR EXISTS (SELECT 1 FROM links WHERE user = :user)
           OR EXISTS (SELECT 1 FROM syncs WHERE requested_by = :user)
           OR EXISTS (SELECT 1 FROM syncs WHERE joined_by = :user)`,
      )
      .pluck(),
    forgetRequests: db.prepare<[string]>('UPDATE syncs SET requested_by = NULL WHERE requested_by = ?'),
    forgetJoined: db.prepare<[string]>('UPDATE syncs SET joined_by = NULL WHERE joined_by = ?'),
    forgetLink: db.prepare<[string]>('DELETE FROM links WHERE user = ?'),
    forgetTokens: db.prepare<[string]>('DELETE FROM tokens WHERE user = ?'),
  };
}
