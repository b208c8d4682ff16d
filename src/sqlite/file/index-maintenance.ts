import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { IndexMaintenance } from '../../domain/ports/image-index.js';
import { createNameIndex } from '../names/name-index.js';
import { attempt } from './run-query.js';
import { checkpoint } from './wal.js';

/** Tombstones deleted in one transaction: a few milliseconds, so that a commit waits no longer. */
const TOMBSTONES_AT_ONCE = 5_000;
/** Rows of the log checked in one transaction: a few milliseconds, so that nobody waits longer. */
const SYNCS_AT_ONCE = 5_000;
/** Pages of the trigram index rewritten in one step: some 10 ms. */
const MERGED_AT_ONCE = 250;
/** The index of a million names has 30,000 pages: all of it may be rewritten in one night, but no more than that. */
const MERGE_STEPS = 120;
/** Rows of each index that ANALYZE reads: enough to tell rare from common, in milliseconds (sqlite.org/lang_analyze.html). */
const ANALYSIS_LIMIT = 400;

/** Keeps an index small and fast, in steps between which others can commit. Rejects with OvadexError `index`. */
export function createIndexMaintenance(
  db: Database,
  { replicated = false }: { replicated?: boolean } = {},
): IndexMaintenance {
  const selectSyncs = db
    .prepare<[{ after: number; before: number }], [id: number, isOld: 0 | 1]>(
      `SELECT id, ended_at IS NOT NULL AND ended_at < :before FROM syncs WHERE id > :after
       ORDER BY id LIMIT ${SYNCS_AT_ONCE}`,
    )
    .raw();
  const deleteSyncs = db.prepare<[string]>('DELETE FROM syncs WHERE id IN (SELECT value FROM json_each(?))');
  const selectTombstones = db
    .prepare<[number], [id: number, space: number, changedIn: number]>(
      `SELECT id, space, changed_in FROM images WHERE missing_since < ? LIMIT ${TOMBSTONES_AT_ONCE}`,
    )
    .raw();
  const noteForgotten = db.prepare<[number, number]>(
    'UPDATE spaces SET forgotten_in = max(forgotten_in, ?) WHERE id = ?',
  );
  const deleteImages = db.prepare<[string]>('DELETE FROM images WHERE id IN (SELECT value FROM json_each(?))');
  const names = createNameIndex(db);
  const merge = db.prepare<[number]>(`INSERT INTO image_trigrams (image_trigrams, rank) VALUES ('merge', ?)`);
  const totalChanges = db.prepare<[], number>('SELECT total_changes()').pluck();

  const forgetSome = db.transaction((after: number, before: number): { last: number | null; forgotten: number } => {
    const rows = selectSyncs.all({ after, before });
    const old = rows.filter(([, isOld]) => isOld === 1).map(([id]) => id);
    if (old.length > 0) deleteSyncs.run(JSON.stringify(old));
    return { last: rows.at(-1)?.[0] ?? null, forgotten: old.length };
  });
  const forgetTombstones = db.transaction((before: number): number => {
    const rows = selectTombstones.all(before);
    const lastOf = new Map<number, number>();
    for (const [, space, place] of rows) lastOf.set(space, Math.max(lastOf.get(space) ?? 0, place));
    for (const [space, last] of lastOf) noteForgotten.run(last, space);
    const ids = rows.map(([id]) => id);
    names.remove(ids);
    deleteImages.run(JSON.stringify(ids));
    return ids.length;
  });
  const mergeSome = (): boolean => {
    const before = totalChanges.get() ?? 0;
    merge.run(MERGED_AT_ONCE);
    // FTS5 counts one change for the command itself (https://sqlite.org/fts5.html#the_merge_command).
    return (totalChanges.get() ?? 0) - before >= 2;
  };

  return {
    async forgetMissing(before, signal) {
      let forgotten = 0;
      for (let isLast = false; !isLast && !signal.aborted; await setImmediate()) {
        const gone = await attempt(() => forgetTombstones.immediate(before));
        forgotten += gone;
        isLast = gone < TOMBSTONES_AT_ONCE;
      }
      return forgotten;
    },

    async forgetSyncs(before, signal) {
      let forgotten = 0;
      for (let after = 0; !signal.aborted; await setImmediate()) {
        const part = await attempt(() => forgetSome.immediate(after, before));
        forgotten += part.forgotten;
        // Syncs are numbered in the order of their creation: after a part without an old one there are only newer ones.
        if (part.last === null || part.forgotten === 0) break;
        after = part.last;
      }
      return forgotten;
    },

    async tidy(signal) {
      let merges = 0;
      while (merges < MERGE_STEPS && !signal.aborted && (await attempt(mergeSome))) {
        merges++;
        await setImmediate();
      }
      await attempt(() => {
        db.pragma(`analysis_limit = ${ANALYSIS_LIMIT}`);
        db.pragma('optimize');
      });
      return merges;
    },

    merge: () =>
      attempt(() => {
        if (!replicated) checkpoint(db);
        return { storedBytes: sizeOf(db.name), unmergedBytes: sizeOf(`${db.name}-wal`) };
      }),
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
