import type { Database } from 'better-sqlite3';
import { createNameIndex } from '../names/name-index.js';

/** Rows that go in one transaction: some 50 ms, so that no commit waits longer. */
export const FORGOTTEN_AT_ONCE = 2_000;

/** In the order in which they go: images refer to collections. */
export const CONTENT_KINDS = ['images', 'collections', 'syncs'] as const;
export type ContentKind = (typeof CONTENT_KINDS)[number];

/** What is stored in a space, to be deleted for good; each call runs in its caller's transaction. */
export interface SpaceContent {
  /** Deletes one piece of one kind; answers how many rows went. Fewer than FORGOTTEN_AT_ONCE: it was the last. */
  removePiece(space: number, kind: ContentKind): number;
  /** The row stays, without a name: ids of spaces are never given twice. No user's name has a slash. */
  empty(space: number, now: number): void;
}

/** How the name of a forgotten space begins; its number follows. */
export const FORGOTTEN = '/forgotten/';

const EMPTIED = `url = '', is_configured = 0, images = 0, collections = 0, revision = revision + 1, last_success_at = NULL,
  last_sync_at = NULL, trouble_kind = NULL, trouble_message = NULL, trouble_at = NULL, held_removals = NULL,
  is_removal_accepted = 0, due_at = NULL, full_due_at = NULL, lease_owner = NULL, lease_sync = NULL,
  lease_until = NULL`;
/** What later schemas have besides; a backup may be older. */
const EMPTIED_LATER = ['rules', 'poll_due_at', 'left_off', 'left_at', 'retry_at'];

/** Of an index of any schema. */
export function createSpaceContent(db: Database): SpaceContent {
  const names = columnsOf(db, 'image_trigrams').size === 0 ? null : createNameIndex(db);
  const columns = columnsOf(db, 'spaces');
  const later = EMPTIED_LATER.filter((column) => columns.has(column)).map((column) => `, ${column} = NULL`);
  const changedAt = columns.has('changed_at') ? ', changed_at = $now' : '';
  const empty = db.prepare<[{ user: string; now: number; space: number }]>(
    `UPDATE spaces SET user = $user, ${EMPTIED}${later.join('')}${changedAt} WHERE id = $space`,
  );
  const pieces = (table: ContentKind, order: string) => ({
    select: db
      .prepare<[number, number], number>(`SELECT id FROM ${table} WHERE space = ? ORDER BY ${order} LIMIT ?`)
      .pluck(),
    remove: db.prepare<[string]>(`DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`),
  });
  const statements = {
    images: pieces('images', 'path'),
    // Children before their parents, which they refer to.
    collections: pieces('collections', 'path DESC'),
    syncs: pieces('syncs', 'id'),
  };
  return {
    removePiece: (space, kind) => {
      const ids = statements[kind].select.all(space, FORGOTTEN_AT_ONCE);
      if (kind === 'images') names?.remove(ids);
      statements[kind].remove.run(JSON.stringify(ids));
      return ids.length;
    },
    empty: (space, now) => void empty.run({ user: `${FORGOTTEN}${space}`, now, space }),
  };
}

/** The names of a table's columns; none where there is no such table. */
export function columnsOf(db: Database, table: string): ReadonlySet<string> {
  return new Set(db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table));
}
