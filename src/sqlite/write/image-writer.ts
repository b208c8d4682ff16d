import { countImages, type ImageCounts } from '../../domain/description/image-counts.js';
import { type ImageResource, nameKey } from '../../domain/model/image.js';
import { nameOf } from '../../domain/model/path.js';
import type { CollectionChanges } from '../../domain/reconcile/reconcile.js';
import { stateFrom } from '../../sql/image-states.js';
import type { CountColumns } from '../read/image-counts.js';
import type { CommitStatements, Content, Settled, StandingRow } from './commit-statements.js';
import type { PathRange } from './path-range.js';

/** What becomes of a space's images in one commit. */
export interface ImageBatch {
  readonly spaceId: number;
  readonly now: number;
  /** The revision of the space that readers will see these changes with. */
  readonly place: number;
  added: number;
  altered: number;
  removed: number;
  /** Images that are otherwise unchanged and now settled, or in another state because of the files beside them. */
  restated: number;
  /** Tombstones that were brought back, which may have been read. */
  returned: number;
  /** By how much the counters of the space change. */
  readonly counts: ImageCounts;
}

/** Writes images in the caller's transaction, and counts what becomes of them. */
export interface ImageWriter {
  /** Shows an image, unless it is already shown. */
  show(batch: ImageBatch, collection: number, image: ImageResource, settled: Settled): void;
  /**
   * Writes what a listing has told of the images of a collection, but for those that are gone; returns whether any of them
   * is back.
   */
  write(batch: ImageBatch, collection: number, changes: CollectionChanges): boolean;
  remove(batch: ImageBatch, id: number): void;
  removeBelow(batch: ImageBatch, range: PathRange): void;
}

export function createImageWriter(statements: CommitStatements): ImageWriter {
  const show = (batch: ImageBatch, collection: number, image: ImageResource, settled: Settled) => {
    const { spaceId, now, place, counts } = batch;
    const { path } = image;
    const name = nameOf(path);
    const { sizeBytes, etag, modifiedAt } = image;
    const key = nameKey(name);
    const { insertImage } = statements;
    const isNew =
      insertImage.run(spaceId, collection, path, name, key, sizeBytes, etag, modifiedAt, settled, now, now, place)
        .changes > 0;
    if (isNew) {
      batch.added += 1;
      countImages(counts, stateFrom(settled, null), 1);
      return;
    }
    const other = statements.forgetOther.get(spaceId, path, sizeBytes, modifiedAt, etag);
    if (other !== undefined) statements.forgetReading.run(other);
    const state = statements.returnImage.get(collection, ...contentOf(image, settled), now, place, spaceId, path);
    if (state === undefined) return;
    batch.added += 1;
    batch.returned += 1;
    countImages(counts, stateFrom(settled, state), 1);
  };

  const alter = (batch: ImageBatch, id: number, content: Content) => {
    const { spaceId, now, place, counts } = batch;
    const row = [...content, now, place, id, spaceId] as const;
    const isUnread = statements.alterUnread.run(...row).changes === 1;
    const before: StandingRow | undefined = isUnread ? [1, null] : statements.standing.get(id, spaceId);
    if (before === undefined) return;
    if (!isUnread) {
      statements.alterAny.run(...row);
      statements.forgetReading.run(id);
    }
    batch.altered += 1;
    const [, , , settled] = content;
    countImages(counts, stateFrom(...before), -1);
    countImages(counts, stateFrom(settled, null), 1);
  };

  const settle = (batch: ImageBatch, id: number) => {
    const { spaceId, place, counts } = batch;
    const isUnread = statements.settleUnread.run(place, id, spaceId).changes === 1;
    const state = isUnread ? null : statements.settleAny.get(place, id, spaceId);
    if (state === undefined) return;
    batch.restated += 1;
    countImages(counts, stateFrom(1, state), 1);
  };

  return {
    show,
    write(batch, collection, changes) {
      const { returned } = batch;
      const isSettled = ({ path }: ImageResource): Settled => (changes.unsettled.has(path) ? 0 : 1);
      for (const image of changes.appeared) show(batch, collection, image, isSettled(image));
      for (const { id, image } of changes.altered) alter(batch, id, contentOf(image, isSettled(image)));
      for (const id of changes.settled) settle(batch, id);
      for (const id of changes.reconfirmed) statements.reconfirmImage.run(id, batch.spaceId);
      return batch.returned > returned;
    },
    remove(batch, id) {
      const { spaceId, now, place, counts } = batch;
      const before = statements.standing.get(id, spaceId);
      if (before === undefined) return;
      statements.removeImage.run(now, place, id, spaceId);
      batch.removed += 1;
      countImages(counts, stateFrom(...before), -1);
    },
    removeBelow(batch, range) {
      const { spaceId, now, place, counts } = batch;
      const [described, waiting, incomplete, broken] = statements.countBelow.get(spaceId, ...range) ?? NONE;
      counts.described -= described;
      counts.waiting -= waiting;
      counts.incomplete -= incomplete;
      counts.broken -= broken;
      batch.removed += statements.removeBelow.run(now, place, spaceId, ...range).changes;
    },
  };
}

const NONE: CountColumns = [0, 0, 0, 0];

function contentOf({ sizeBytes, etag, modifiedAt }: ImageResource, isSettled: Settled): Content {
  return [sizeBytes, etag, modifiedAt, isSettled];
}
