import {
  changesFrom,
  endOfHistory,
  type GoneReason,
  type ListHistory,
  pointAfter,
} from '../../domain/lists/change-point.js';
import type { Space } from '../../domain/model/space.js';
import type { ChangesQuery, ListChanges } from '../../domain/ports/image-changes.js';
import type { Session } from '../connection/database.js';
import { type ImageRow, rowsFor, type ShortRow } from './image-rows.js';

type ChangedRow = ImageRow & ShortRow & { readonly changedIn: number; readonly missingSince: number | null };

interface RunsRow {
  /** null: there was none yet. */
  readonly run: string | null;
  readonly isKnown: boolean;
  readonly forgotten: number | null;
}

/** Tells what has changed in a space's list; null: the user has none. */
export async function listChanges(
  session: Session,
  space: Space | null,
  { since, limit, withShort = false }: ChangesQuery,
): Promise<ListChanges | { readonly gone: GoneReason }> {
  const { columns, fromRow } = rowsFor({ nameContains: [], sort: [], withShort });
  const runs = await session.row<RunsRow>(
    `SELECT (SELECT key FROM runs ORDER BY number DESC LIMIT 1) AS run,
       EXISTS (SELECT 1 FROM runs WHERE key = $1) AS "isKnown",
       (SELECT forgotten_in FROM spaces WHERE id = $2) AS forgotten`,
    [since?.run ?? '', space?.id ?? 0],
  );
  const history: ListHistory = {
    run: runs?.run ?? '',
    hasRun: () => runs?.isKnown === true,
    space: space?.id ?? 0,
    revision: space?.revision ?? 0,
    forgotten: runs?.forgotten ?? 0,
  };
  const from = changesFrom(since, history);
  if (typeof from === 'string') return { gone: from };
  const { revision, after, removedAfter } = from;
  // Most readers know everything.
  const rows =
    space === null || revision > space.revision
      ? []
      : await session.rows<ChangedRow>(
          `SELECT ${columns}, images.changed_in AS "changedIn", images.missing_since AS "missingSince" FROM images
           WHERE images.space = $1 AND (images.changed_in, images.id) > ($2, $3)
             AND (images.missing_since IS NULL OR images.changed_in > $4)
           ORDER BY images.changed_in, images.id LIMIT $5`,
          [space.id, revision, after, removedAfter, limit + 1],
        );
  const told = rows.slice(0, limit);
  const last = told.at(-1);
  const hasMore = rows.length > limit;
  return {
    space,
    changed: told.filter(({ missingSince }) => missingSince === null).map(fromRow),
    removed: told.flatMap(({ id, path, missingSince }) =>
      missingSince === null ? [] : [{ id, path, removedAt: missingSince }],
    ),
    next:
      hasMore && last !== undefined
        ? pointAfter(history, from, { id: last.id, revision: last.changedIn })
        : endOfHistory(history),
    hasMore,
  };
}
