import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ForgetUser, Forgotten } from '../domain/audit.js';
import { OvadexError } from '../domain/errors.js';
import type { Clock } from '../domain/ports.js';
import { attempt } from './attempt.js';
import { createNameIndex } from './name-index.js';

/** Rows that go in one transaction: some 50 ms, so that no commit waits longer. */
const FORGOTTEN_AT_ONCE = 2_000;

/**
 * Rows go piece by piece; whoever is interrupted does it again. The row of the space stays without a name and with
 * nothing in it: ids of spaces are never given twice, since ETags tell spaces apart by them. No user's name has a slash.
 */
export function createForgetUser(db: Database, clock: Clock): ForgetUser {
  const names = createNameIndex(db);
  const statements = prepareStatements(db);

  const requireLeftOut = (user: string) => {
    const space = statements.space.get(user);
    if (space?.isConfigured !== 1) return space?.id;
    throw new OvadexError(
      'conflict',
      `the space of "${user}" is configured; remove it from the configuration (or from the discovered storage) first, or it would come straight back`,
    );
  };

  /** One piece of one kind; answers how many rows went. */
  const forgetPiece = db.transaction((user: string, kind: 'images' | 'collections' | 'syncs'): number => {
    const id = requireLeftOut(user);
    if (id === undefined) return 0;
    const ids = statements[kind].select.all(id, FORGOTTEN_AT_ONCE);
    if (kind === 'images') names.remove(ids);
    statements[kind].remove.run(JSON.stringify(ids));
    return ids.length;
  });

  const forgetRest = db.transaction((user: string): number => {
    const id = requireLeftOut(user);
    statements.forgetRequests.run(user);
    const { changes } = statements.forgetTokens.run(user);
    if (id !== undefined) statements.empty.run(`/forgotten/${id}`, clock(), id);
    return changes;
  });

  const forgetAll = async (user: string, kind: 'images' | 'collections' | 'syncs') => {
    for (let total = 0; ; await setImmediate()) {
      const gone = await attempt(() => forgetPiece.immediate(user, kind));
      total += gone;
      if (gone < FORGOTTEN_AT_ONCE) return total;
    }
  };

  return async (user): Promise<Forgotten | null> => {
    const isKnown = await attempt(() => requireLeftOut(user) !== undefined || statements.anyOf.get(user, user) === 1);
    if (!isKnown) return null;
    const images = await forgetAll(user, 'images');
    const collections = await forgetAll(user, 'collections');
    const syncs = await forgetAll(user, 'syncs');
    const tokens = await attempt(() => forgetRest.immediate(user));
    return { images, collections, syncs, tokens };
  };
}

function prepareStatements(db: Database) {
  const pieces = (table: string, order: string) => ({
    select: db
      .prepare<[number, number], number>(`SELECT id FROM ${table} WHERE space = ? ORDER BY ${order} LIMIT ?`)
      .pluck(),
    remove: db.prepare<[string]>(`DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`),
  });
  return {
    space: db.prepare<[string], { id: number; isConfigured: 0 | 1 }>(
      'SELECT id, is_configured AS isConfigured FROM spaces WHERE user = ?',
    ),
    anyOf: db
      .prepare<[string, string], 0 | 1>(
        `SELECT EXISTS (SELECT 1 FROM tokens WHERE user = ?) OR EXISTS (SELECT 1 FROM syncs WHERE requested_by = ?)`,
      )
      .pluck(),
    images: pieces('images', 'path'),
    // Children before their parents, which they refer to.
    collections: pieces('collections', 'path DESC'),
    syncs: pieces('syncs', 'id'),
    forgetRequests: db.prepare<[string]>('UPDATE syncs SET requested_by = NULL WHERE requested_by = ?'),
    forgetTokens: db.prepare<[string]>('DELETE FROM tokens WHERE user = ?'),
    empty: db.prepare<[string, number, number]>(
      `UPDATE spaces SET user = ?, url = '', images = 0, collections = 0, revision = revision + 1, changed_at = ?,
         last_success_at = NULL, last_sync_at = NULL, trouble_kind = NULL, trouble_message = NULL, trouble_at = NULL,
         held_removals = NULL, is_removal_accepted = 0, due_at = NULL, full_due_at = NULL, poll_due_at = NULL,
         rules = NULL, left_at = NULL, lease_owner = NULL, lease_sync = NULL, lease_until = NULL
       WHERE id = ?`,
    ),
  };
}
