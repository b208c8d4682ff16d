import type { Database } from 'better-sqlite3';
import type { ChangesFrom } from '../../domain/lists/change-point.js';
import type { Space } from '../../domain/model/space.js';
import type { FeedRow, FeedSource } from '../../domain/webhooks/next-message.js';
import type { ImageRow } from '../read/image-rows.js';
import { rowsFor } from '../read/image-rows.js';
import { changesSql } from '../read/list-changes.js';

type ChangedRow = readonly [...ImageRow, ...short: unknown[], revision: number, removedAt: number | null];
type Parameters = ChangesFrom & { readonly spaceId: number; readonly limit: number };

/** Creates the reading of spaces' changes in their order, removals among them; runs in its caller's transaction. */
export function createWebhookFeed(db: Database): (space: Space, epoch: number) => FeedSource {
  const { columns, fromRow } = rowsFor({ nameContains: [], sort: [], withShort: true });
  const selectRest = db.prepare<[Parameters], ChangedRow>(changesSql(columns, '=')).raw();
  const selectFrom = db.prepare<[Omit<Parameters, 'after'>], ChangedRow>(changesSql(columns, '>=')).raw();
  const selectForgotten = db.prepare<[number], number>('SELECT forgotten_in FROM spaces WHERE id = ?').pluck();
  const selectLastId = db.prepare<[], number | null>('SELECT max(id) FROM images').pluck();
  const toFeedRow = (row: ChangedRow): FeedRow => ({
    image: fromRow(row),
    revision: row.at(-2) as number,
    removedAt: row.at(-1) as number | null,
  });
  return (space, epoch) => ({
    space,
    epoch,
    forgotten: selectForgotten.get(space.id) ?? 0,
    lastId: selectLastId.get() ?? 0,
    rows({ revision, after, removedAfter }, limit) {
      const spaceId = space.id;
      const isWithin = after > 0;
      const rest = isWithin ? selectRest.all({ spaceId, revision, after, removedAfter, limit }) : [];
      const from = isWithin ? revision + 1 : revision;
      const later = selectFrom.all({ spaceId, revision: from, removedAfter, limit: limit - rest.length });
      return [...rest, ...later].map(toFeedRow);
    },
  });
}
