import { type ImageCounts, noImages } from '../../domain/description/image-counts.js';
import type { CommitCounts } from '../../domain/ports/image-index.js';
import type { Session } from '../connection/database.js';
import type { HeldSpace } from './held-space.js';

/** What is written to a space in one transaction, and what has become of it so far. */
export interface Batch {
  readonly session: Session;
  readonly space: HeldSpace;
  readonly now: number;
  /** The revision of the space that readers will see these changes with. */
  readonly place: number;
  added: number;
  altered: number;
  removed: number;
  /** Images that are otherwise unchanged and now settled, or in another state because of the files beside them. */
  restated: number;
  /** Images whose path is another one. */
  renamed: number;
  /** Collections created minus those removed. */
  collections: number;
  /** By how much the counters of the space change. */
  readonly counts: ImageCounts;
}

export function newBatch(session: Session, space: HeldSpace, now: number): Batch {
  const nothing = { added: 0, altered: 0, removed: 0, restated: 0, renamed: 0, collections: 0 };
  return { session, space, now, place: space.revision + 1, ...nothing, counts: noImages() };
}

/** Counts what a batch has changed, also at its sync, and raises the space's revision if readers see a difference. */
export async function countBatch(batch: Batch): Promise<CommitCounts> {
  const { session, space, now, added, altered, removed, restated, collections, counts } = batch;
  const isVisible = added + altered + removed + restated + batch.renamed > 0;
  const counted = { added, altered, removed };
  if (isVisible || collections !== 0) {
    const mayBeUnread = added + altered + restated > 0;
    const written = session.run(
      `UPDATE spaces SET revision = revision + $2, changed_at = coalesce($3, changed_at), has_unread = has_unread OR $4,
         images = images + $5, collections = collections + $6, described_images = described_images + $7,
         waiting_images = waiting_images + $8, incomplete_images = incomplete_images + $9, broken_images = broken_images + $10
       WHERE id = $1`,
      [
        ...[space.id, isVisible ? 1 : 0, isVisible ? now : null, mayBeUnread, added - removed, collections],
        ...[counts.described, counts.waiting, counts.incomplete, counts.broken],
      ],
    );
    await Promise.all([written, countAtSync(session, space, counted)]);
  }
  return counted;
}

/** Counts what was changed in the same transaction: a sync that is resumed goes on from what was written indeed. */
async function countAtSync(session: Session, { syncId }: HeldSpace, counts: CommitCounts): Promise<void> {
  const { added, altered, removed } = counts;
  if (added + altered + removed === 0) return;
  await session.run(
    'UPDATE syncs SET added = added + $2, altered = altered + $3, removed = removed + $4 WHERE id = $1',
    [syncId, added, altered, removed],
  );
}
