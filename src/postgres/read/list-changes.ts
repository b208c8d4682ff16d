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
import { readChangedImages } from './changed-images.js';

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
  // Most readers know everything.
  const found =
    space === null || from.revision > space.revision
      ? []
      : await readChangedImages(session, space.id, from, limit + 1, withShort);
  const told = found.slice(0, limit);
  const last = told.at(-1);
  const hasMore = found.length > limit;
  return {
    space,
    changed: told.flatMap(({ image, removedAt }) => (removedAt === null ? [image] : [])),
    removed: told.flatMap(({ image: { id, path }, removedAt }) =>
      removedAt === null ? [] : [{ id, path, removedAt }],
    ),
    next:
      hasMore && last !== undefined
        ? pointAfter(history, from, { id: last.image.id, revision: last.revision })
        : endOfHistory(history),
    hasMore,
  };
}
