import type { Database } from 'better-sqlite3';
import { UNKNOWN_RATE } from '../../domain/freshness/change-rate.js';
import { createNameIndex } from '../names/name-index.js';

/** Rows deleted in one transaction: some 50 ms, so that no commit waits longer. */
export const FORGOTTEN_AT_ONCE = 2_000;

/** The kinds in the order of their deletion: images refer to collections. */
export const CONTENT_KINDS = ['images', 'collections', 'syncs'] as const;
export type ContentKind = (typeof CONTENT_KINDS)[number];

/** The content of a space, to be deleted for good; each call runs in its caller's transaction. */
export interface SpaceContent {
  /** Takes a space its name, and whoever syncs it the right to; its URL stays until it is empty, which tells it from those that are. */
  takeName(space: number): void;
  /** Deletes one piece of one kind; returns how many rows. Fewer than FORGOTTEN_AT_ONCE means that it was the last. */
  removePiece(space: number, kind: ContentKind): number;
  /** Empties the row, which stays without its user's name: ids of spaces are never given twice. No user's name has a slash. */
  empty(space: number, now: number): void;
}

/** The beginning of a forgotten space's name; its id follows. */
export const FORGOTTEN = '/forgotten/';

const EMPTIED = `url = '', is_configured = 0, images = 0, collections = 0, revision = revision + 1, last_success_at = NULL,
  last_sync_at = NULL, trouble_kind = NULL, trouble_message = NULL, trouble_at = NULL, held_removals = NULL,
  is_removal_accepted = 0, due_at = NULL, full_due_at = NULL, lease_owner = NULL, lease_sync = NULL,
  lease_until = NULL`;
/** Columns that only later schemas have; a backup may be older. */
const COUNTED_LATER = ['described_images', 'waiting_images', 'incomplete_images', 'broken_images', 'read_bytes'];
/** The same, of those that are empty without content. */
const EMPTIED_LATER = ['rules', 'poll_due_at', 'left_off', 'left_at', 'retry_at', 'look_cost'];

/** Creates the access to an index of any schema. */
export function createSpaceContent(db: Database): SpaceContent {
  const names = columnsOf(db, 'image_trigrams').size === 0 ? null : createNameIndex(db);
  const columns = columnsOf(db, 'spaces');
  const later = [
    ...EMPTIED_LATER.filter((column) => columns.has(column)).map((column) => `, ${column} = NULL`),
    ...COUNTED_LATER.filter((column) => columns.has(column)).map((column) => `, ${column} = 0`),
  ];
  const rate = columns.has('rate_changes')
    ? `, rate_changes = ${UNKNOWN_RATE.changes}, rate_span_ms = ${UNKNOWN_RATE.spanMs}`
    : '';
  const changedAt = columns.has('changed_at') ? ', changed_at = $now' : '';
  const empty = db.prepare<[{ user: string; now: number; space: number }]>(
    `UPDATE spaces SET user = $user, ${EMPTIED}${later.join('')}${rate}${changedAt} WHERE id = $space`,
  );
  const leftAt = columns.has('left_at') ? ', left_at = NULL' : '';
  const takeName = db.prepare<[string, number]>(
    `UPDATE spaces SET user = ?, lease_owner = NULL, lease_sync = NULL, lease_until = NULL${leftAt} WHERE id = ?`,
  );
  const places =
    columnsOf(db, 'webhook_places').size === 0 ? null : db.prepare('DELETE FROM webhook_places WHERE space = ?');
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
    takeName(space) {
      takeName.run(`${FORGOTTEN}${space}`, space);
    },
    empty(space, now) {
      places?.run(space);
      empty.run({ user: `${FORGOTTEN}${space}`, now, space });
    },
  };
}

/** Returns the names of a table's columns; none if there is no such table. */
export function columnsOf(db: Database, table: string): ReadonlySet<string> {
  return new Set(db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table));
}
