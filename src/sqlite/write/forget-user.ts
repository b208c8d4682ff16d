import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ForgetUser, Forgotten } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import { attempt } from '../file/run-query.js';
import { type ContentKind, createSpaceContent, FORGOTTEN_AT_ONCE } from './space-content.js';

/**
 * Creates the function that forgets a user. Rows are deleted piece by piece; if it is interrupted, it can be repeated.
 * The row of the space stays without a name and with nothing in it: ids of spaces are never given twice, since ETags
 * distinguish spaces by them. No user's name has a slash.
 */
export function createForgetUser(db: Database, clock: Clock): ForgetUser {
  const content = createSpaceContent(db);
  const statements = prepareStatements(db);

  const requireLeftOut = (user: string) => {
    const space = statements.space.get(user);
    if (space?.isConfigured !== 1) return space?.id;
    throw new OvadexError(
      'conflict',
      `the space of "${user}" is configured; remove it from the configuration (or from the discovered storage) first, or it would come straight back`,
    );
  };

  /** Deletes one piece of one kind; returns how many rows. */
  const forgetPiece = db.transaction((user: string, kind: ContentKind): number => {
    const id = requireLeftOut(user);
    return id === undefined ? 0 : content.removePiece(id, kind);
  });

  const forgetRest = db.transaction((user: string): number => {
    const id = requireLeftOut(user);
    statements.forgetRequests.run(user);
    statements.forgetJoined.run(user);
    statements.forgetLink.run(user);
    const { changes } = statements.forgetTokens.run(user);
    if (id !== undefined) content.empty(id, clock());
    return changes;
  });

  const forgetAll = async (user: string, kind: ContentKind) => {
    for (let total = 0; ; await setImmediate()) {
      const gone = await attempt(() => forgetPiece.immediate(user, kind));
      total += gone;
      if (gone < FORGOTTEN_AT_ONCE) return total;
    }
  };

  return async (user): Promise<Forgotten | null> => {
    const isKnown = await attempt(() => requireLeftOut(user) !== undefined || statements.anyOf.get({ user }) === 1);
    if (!isKnown) return null;
    const images = await forgetAll(user, 'images');
    const collections = await forgetAll(user, 'collections');
    const syncs = await forgetAll(user, 'syncs');
    const tokens = await attempt(() => forgetRest.immediate(user));
    return { images, collections, syncs, tokens };
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
