import type { Database } from 'better-sqlite3';
import type { Space } from '../../domain/model/space.js';
import type { FeedSource } from '../../domain/webhooks/next-message.js';
import { rowsFor } from '../read/image-rows.js';
import { createChangesReading } from '../read/list-changes.js';

/** Creates the reading of spaces' changes in their order, removals among them; runs in its caller's transaction. */
export function createWebhookFeed(db: Database): (space: Space, epoch: number) => FeedSource {
  const { columns, fromRow } = rowsFor({ nameContains: [], sort: [], withShort: true });
  const readChanges = createChangesReading(db, columns);
  const selectForgotten = db.prepare<[number], number>('SELECT forgotten_in FROM spaces WHERE id = ?').pluck();
  const selectLastId = db.prepare<[], number | null>('SELECT max(id) FROM images').pluck();
  return (space, epoch) => ({
    space,
    epoch,
    forgotten: selectForgotten.get(space.id) ?? 0,
    lastId: selectLastId.get() ?? 0,
    rows: (from, limit) =>
      readChanges(space.id, from, limit).map((row) => ({
        image: fromRow(row),
        revision: row.at(-2) as number,
        removedAt: row.at(-1) as number | null,
      })),
  });
}
