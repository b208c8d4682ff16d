import { existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { COPY_BEGIN, type CopyPlace, placeFromText, placeToText } from '../../domain/copy/copy-place.js';
import { type CopiedRow, type IndexTable, type Key, tableNamed } from '../../domain/copy/index-tables.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Migration } from '../../domain/model/migration.js';
import type { CopyTarget, IndexMarks, RowChanges } from '../../domain/ports/index-copy.js';
import { openDatabase } from '../file/database.js';
import { lockDirectory } from '../file/directory-lock.js';
import { syncToDisk } from '../file/new-file.js';
import { attempt } from '../file/run-query.js';
import { createNameIndex } from '../names/name-index.js';
import { migrate } from '../schema/migrate.js';
import { createCopiedRows, nameOf } from './copied-rows.js';

/** It gets the name of an index once it is one. */
const UNFINISHED = 'copying.db';
const PROGRESS = 'copy_progress';

/**
 * Opens the file beside the future index `file` in which the index is made; no daemon can start there meanwhile. Throws
 * OvadexError `conflict` if there is an index, or a daemon, and `index` if the file can't be used.
 */
export function openCopyTarget(file: string, migrations: readonly Migration[]): CopyTarget {
  const directory = dirname(file);
  const unfinished = join(directory, UNFINISHED);
  const lock = lockDirectory(directory);
  let db: Database | null = null;
  try {
    if (existsSync(file)) throw new OvadexError('conflict', `${file}: there is an index already; it stays as it is`);
    db = openDatabase(unfinished);
    migrate(db, migrations, { backups: null });
  } catch (error) {
    db?.close();
    lock.release();
    throw error;
  }
  return targetOver(db, file, unfinished, lock.release);
}

function targetOver(db: Database, file: string, unfinished: string, release: () => void): CopyTarget {
  const place = (): string =>
    db.prepare<[], string>(`SELECT place FROM ${PROGRESS}`).pluck().get() ?? placeToText(COPY_BEGIN);
  const begin = db.transaction((stamp: string): CopyPlace => {
    // A file without it is new, or was about to get its name: its rows are compared in either case.
    db.exec(`CREATE TABLE IF NOT EXISTS ${PROGRESS} (stamp TEXT NOT NULL, place TEXT NOT NULL) STRICT`);
    const known = db.prepare<[], string>(`SELECT stamp FROM ${PROGRESS}`).pluck().get();
    if (known === stamp) return placeFromText(place());
    db.exec(`DELETE FROM ${PROGRESS}`);
    db.prepare(`INSERT INTO ${PROGRESS} VALUES (?, ?)`).run(stamp, placeToText(COPY_BEGIN));
    return COPY_BEGIN;
  });
  const move = db.transaction((from: CopyPlace, to: CopyPlace, changes: RowChanges | undefined) => {
    if (place() !== placeToText(from)) throw new OvadexError('conflict', `${unfinished}: another copy is under way`);
    if (changes !== undefined && from.table !== null) change(db, tableNamed(from.table), changes);
    db.prepare(`UPDATE ${PROGRESS} SET place = ?`).run(placeToText(to));
  });
  return {
    ...createCopiedRows(db),
    name: file,
    fit: (_, row) => row,
    begin: (stamp) => attempt(() => begin.immediate(stamp)),
    move: (from, to, changes) => attempt(() => move.immediate(from, to, changes)),
    finish: (marks, now) =>
      attempt(() => {
        makeIndex(db, marks, now);
        db.pragma('wal_checkpoint(TRUNCATE)');
        db.close();
        syncToDisk(unfinished);
        renameSync(unfinished, file);
        syncToDisk(dirname(file));
      }),
    async close() {
      db.close();
      release();
    },
  };
}

function change(db: Database, table: IndexTable, { remove, put }: RowChanges): void {
  const columns = table.columns.map(nameOf);
  const key = columns.slice(0, table.keyLength);
  const deletion = db.prepare<unknown[]>(
    `DELETE FROM ${table.name} WHERE ${key.map((name) => `${name} = ?`).join(' AND ')}`,
  );
  for (const each of remove) deletion.run(...each);
  const values = table.columns.map(({ kind }) => (kind === 'bytes' ? 'unhex(?)' : '?'));
  const updates = columns.slice(table.keyLength).map((name) => `${name} = excluded.${name}`);
  const insertion = db.prepare<unknown[]>(
    `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${values.join(', ')})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${updates.join(', ')}`,
  );
  for (const row of put) insertion.run(...row.map(storedOf));
}

function storedOf(cell: CopiedRow[number]): Key[number] {
  return typeof cell === 'boolean' ? Number(cell) : cell;
}

/** Makes what isn't copied of the rows, and what numbers the next ones. May be done again. */
function makeIndex(db: Database, { lastIds, messagesBegun }: IndexMarks, now: number): void {
  const raise = db.prepare<[number, string]>('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?');
  const remember = db.prepare<[string, number]>('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
  // In the other tables an id that is gone may be given again.
  const remembers = db
    .prepare<[string], 0 | 1>("SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck();
  const make = db.transaction(() => {
    db.exec(GROUPS_SQL);
    for (const [table, last] of Object.entries(lastIds)) {
      if (raise.run(last, table).changes === 0 && remembers.get(table) === 1) remember.run(table, last);
    }
    db.prepare('UPDATE webhook_messages SET begun = ?').run(messagesBegun);
    // Those by which PostgreSQL's index knows what is to be resumed.
    db.exec("UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL WHERE lease_owner = ''");
    // What a server has committed is for good: readers can go on from what they were told in a run that hosts share.
    db.prepare('UPDATE runs SET ended_at = ? WHERE ended_at IS NULL').run(now);
    db.exec(
      "INSERT INTO image_trigrams (image_trigrams) VALUES ('delete-all'); UPDATE trigram_extent SET last_image = 0",
    );
  });
  make.immediate();
  const names = createNameIndex(db);
  const extent = db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck();
  const extend = db.transaction(() => {
    names.extend();
    return extent.get();
  });
  for (let before: number | undefined; before !== extent.get(); extend.immediate()) before = extent.get();
  db.exec(`DROP TABLE IF EXISTS ${PROGRESS}`);
}

const GROUPS_SQL = `DELETE FROM image_groups;
  INSERT INTO image_groups (space, state, is_settled, family, cpus, memory_mib, disk_count, images)
  SELECT space, state, is_settled, coalesce(family, ''), coalesce(cpus, -1), coalesce(memory_mib, -1),
    coalesce(disk_count, -1), count(*)
  FROM images WHERE state IS NOT NULL AND missing_since IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7`;
