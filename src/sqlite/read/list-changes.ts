import type { Database } from 'better-sqlite3';
import {
  type ChangesFrom,
  changesFrom,
  endOfHistory,
  type GoneReason,
  type ListHistory,
  pointAfter,
} from '../../domain/lists/change-point.js';
import type { Space } from '../../domain/model/space.js';
import type { ChangesQuery, ListChanges } from '../../domain/ports/image-changes.js';
import { IMAGE_COLUMNS, type ImageRow, rowsFor } from './image-rows.js';

type ChangedRow = readonly [...ImageRow, ...short: unknown[], revision: number, removedAt: number | null];
type Parameters = ChangesFrom & { readonly spaceId: number; readonly limit: number };

/**
 * The changes of a space in their order, of the rest of a revision (`=`) or of all from one on (`>=`). `columns` begin with
 * `IMAGE_COLUMNS`. SQLite doesn't seek by a pair of revision and id, and a revision may have a million images.
 */
export const changesSql = (
  columns: string,
  which: '=' | '>=',
) => `SELECT ${columns}, images.changed_in, images.missing_since
  FROM images INDEXED BY images_changed
  WHERE images.space = :spaceId AND images.changed_in ${which} :revision ${which === '=' ? 'AND images.id > :after' : ''}
    AND (images.missing_since IS NULL OR images.changed_in > :removedAfter)
  ORDER BY images.changed_in, images.id LIMIT :limit`;

/** Creates the function that reads the changes of a space from somewhere on; `columns` begin with `IMAGE_COLUMNS`. */
export function createChangesReading(
  db: Database,
  columns: string,
): (spaceId: number, from: ChangesFrom, limit: number) => readonly ChangedRow[] {
  const selectRest = db.prepare<[Parameters], ChangedRow>(changesSql(columns, '=')).raw();
  const selectFrom = db.prepare<[Omit<Parameters, 'after'>], ChangedRow>(changesSql(columns, '>=')).raw();
  return (spaceId, { revision, after, removedAfter }, limit) => {
    const isWithin = after > 0;
    const rest = isWithin ? selectRest.all({ spaceId, revision, after, removedAfter, limit }) : [];
    const next = isWithin ? revision + 1 : revision;
    const later = selectFrom.all({ spaceId, revision: next, removedAfter, limit: limit - rest.length });
    return [...rest, ...later];
  };
}

/** Creates the function that tells what has changed in a space's list; runs in its caller's transaction. */
export function createListChanges(
  db: Database,
): (space: Space | null, query: ChangesQuery) => ListChanges | { readonly gone: GoneReason } {
  const plain = rowsFor({ nameContains: [], sort: [] });
  const described = rowsFor({ nameContains: [], sort: [], withShort: true });
  const readPlain = createChangesReading(db, IMAGE_COLUMNS);
  const readDescribed = createChangesReading(db, described.columns);
  const selectRun = db.prepare<[], string>('SELECT key FROM runs ORDER BY number DESC LIMIT 1').pluck();
  const findRun = db.prepare<[string], 1>('SELECT 1 FROM runs WHERE key = ?').pluck();
  const selectForgotten = db.prepare<[number], number>('SELECT forgotten_in FROM spaces WHERE id = ?').pluck();

  return (space, { since, limit, withShort = false }) => {
    const history: ListHistory = {
      run: selectRun.get() ?? '',
      hasRun: (run) => findRun.get(run) !== undefined,
      space: space?.id ?? 0,
      revision: space?.revision ?? 0,
      forgotten: (space && selectForgotten.get(space.id)) ?? 0,
    };
    const from = changesFrom(since, history);
    if (typeof from === 'string') return { gone: from };
    // Most readers know everything.
    const isNews = space !== null && from.revision <= space.revision;
    const { fromRow } = withShort ? described : plain;
    const rows = isNews ? (withShort ? readDescribed : readPlain)(space.id, from, limit + 1) : [];
    const told = rows.slice(0, limit);
    const last = told.at(-1);
    const hasMore = rows.length > limit;
    const shown = told.filter((row) => row.at(-1) === null);
    const removed = told.filter((row) => row.at(-1) !== null);
    return {
      space,
      changed: shown.map((row) => fromRow(row)),
      removed: removed.map((row) => ({ id: row[0], path: row[1], removedAt: row.at(-1) as number })),
      next:
        hasMore && last !== undefined
          ? pointAfter(history, from, { id: last[0], revision: last.at(-2) as number })
          : endOfHistory(history),
      hasMore,
    };
  };
}
