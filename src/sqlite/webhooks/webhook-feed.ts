import type { Database } from 'better-sqlite3';
import type { Space } from '../../domain/model/space.js';
import type { FeedRow, FeedSource, ImagesNeeded } from '../../domain/webhooks/next-message.js';
import { rowsFor } from '../read/image-rows.js';
import { createChangesReading } from '../read/list-changes.js';

/** What messages are made of. */
export interface WebhookFeed {
  sourceOf(space: Space, epoch: number): FeedSource;
  /** Reads a space's changes in their order, removals among them. */
  rows(spaceId: number, needed: Pick<ImagesNeeded, 'from' | 'limit'>): readonly FeedRow[];
}

/** Creates the reading of what messages are made of; it runs in its caller's transaction. */
export function createWebhookFeed(db: Database): WebhookFeed {
  const { columns, fromRow } = rowsFor({ nameContains: [], sort: [], withShort: true });
  const readChanges = createChangesReading(db, columns);
  const selectForgotten = db.prepare<[number], number>('SELECT forgotten_in FROM spaces WHERE id = ?').pluck();
  const selectLastId = db.prepare<[], number | null>('SELECT max(id) FROM images').pluck();
  return {
    sourceOf: (space, epoch) => ({
      space,
      epoch,
      forgotten: selectForgotten.get(space.id) ?? 0,
      lastId: selectLastId.get() ?? 0,
    }),
    rows: (spaceId, { from, limit }) =>
      readChanges(spaceId, from, limit).map((row) => ({
        image: fromRow(row),
        revision: row.at(-2) as number,
        removedAt: row.at(-1) as number | null,
      })),
  };
}
