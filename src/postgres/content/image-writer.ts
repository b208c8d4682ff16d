import { countImages } from '../../domain/description/image-counts.js';
import { type ImageResource, nameKey } from '../../domain/model/image.js';
import { nameOf } from '../../domain/model/path.js';
import { stateFrom } from '../../sql/image-states.js';
import { storable } from '../connection/storable.js';
import type { Batch } from './batch.js';

/** An image that is to be shown in its collection. */
export interface Placed {
  readonly collection: number;
  readonly image: ImageResource;
  readonly isSettled: boolean;
}

/** A shown image that has another content. */
export interface Altered {
  readonly id: number;
  readonly image: ImageResource;
  readonly isSettled: boolean;
}

/** What an image counts as; see `stateFrom`. */
interface Standing {
  readonly isSettled: boolean;
  readonly state: number | null;
}

/** How many images have the same standing. */
export interface Standings extends Standing {
  readonly images: number;
}

/** Counts the rows `written` of a WITH clause, which have `is_settled` and `state`. */
export const WRITTEN_STANDINGS =
  'SELECT is_settled AS "isSettled", state, count(*) AS images FROM written GROUP BY 1, 2';

/** What an image hasn't that wasn't read. */
const UNDESCRIBED = `state = NULL, product = NULL, version = NULL, os = NULL, family = NULL, cpus = NULL, memory_mib = NULL,
  disk_count = NULL, capacity_bytes = NULL`;

/** Shows images, unless they are already shown; returns the collections in which one is back, as it may have been read. */
export async function showImages(batch: Batch, images: readonly Placed[]): Promise<ReadonlySet<number>> {
  if (images.length === 0) return new Set();
  const { session, space, now, place, counts } = batch;
  const paths = images.map(({ image }) => image.path);
  const names = paths.map(nameOf);
  const inserted = await session.row<{ all: number; settled: number }>(
    `WITH inserted AS (
       INSERT INTO images (space, collection, path, name, name_key, size_bytes, etag, modified_at, is_settled, created_at,
         updated_at, changed_in)
       SELECT $1, seen.*, $10, $10, $11
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::boolean[]) AS seen
       ON CONFLICT (space, path) DO NOTHING
       RETURNING is_settled
     )
     SELECT count(*) AS all, count(*) FILTER (WHERE is_settled) AS settled FROM inserted`,
    [
      ...[space.id, images.map(({ collection }) => collection), paths, names, names.map(nameKey)],
      ...contentOf(images),
      ...[now, place],
    ],
  );
  const { all, settled } = inserted ?? { all: 0, settled: 0 };
  batch.added += all;
  countImages(counts, stateFrom(true, null), settled);
  return all === images.length ? new Set() : returnImages(batch, images);
}

/** Brings back those that are tombstones, with the same ids. */
async function returnImages(batch: Batch, images: readonly Placed[]): Promise<ReadonlySet<number>> {
  const { session, space, now, place, counts } = batch;
  // The first of one path counts.
  const once = [...new Map(images.toReversed().map((each) => [each.image.path, each])).values()];
  const paths = once.map(({ image }) => image.path);
  const [sizes, etags, dates, settled] = contentOf(once);
  // `keepsReading` in SQL: forgets what a tombstone was if another content returns in its place; a test compares the two.
  const others = await session.rows<{ id: number }>(
    `UPDATE images SET ${UNDESCRIBED}
     FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[]) AS seen (path, size_bytes, etag, modified_at)
     WHERE images.space = $1 AND images.path = seen.path AND missing_since IS NOT NULL AND state IS NOT NULL
       AND (images.size_bytes IS NOT DISTINCT FROM seen.size_bytes
         AND images.modified_at IS NOT DISTINCT FROM seen.modified_at
         AND (images.modified_at IS NOT NULL OR images.etag = seen.etag)) IS NOT TRUE
     RETURNING id`,
    [space.id, paths, sizes, etags, dates],
  );
  await forgetReadings(batch, others);
  const returned = await session.rows<Standing & { collection: number }>(
    `UPDATE images SET collection = seen.collection, size_bytes = seen.size_bytes, etag = seen.etag,
       modified_at = seen.modified_at, is_settled = seen.is_settled, updated_at = $8, changed_in = $9, missing_since = NULL
     FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::boolean[])
       AS seen (collection, path, size_bytes, etag, modified_at, is_settled)
     WHERE images.space = $1 AND images.path = seen.path AND missing_since IS NOT NULL
     RETURNING images.collection, images.is_settled AS "isSettled", state`,
    [space.id, once.map(({ collection }) => collection), paths, sizes, etags, dates, settled, now, place],
  );
  batch.added += returned.length;
  for (const { isSettled, state } of returned) countImages(counts, stateFrom(isSettled, state), 1);
  return new Set(returned.map(({ collection }) => collection));
}

/** Gives shown images another content; what they are now nobody knows. */
export async function alterImages(batch: Batch, images: readonly Altered[]): Promise<void> {
  if (images.length === 0) return;
  const { session, space, now, place, counts } = batch;
  const altered = await session.rows<Standing & { id: number; wasSettled: boolean }>(
    `UPDATE images SET size_bytes = seen.size_bytes, etag = seen.etag, modified_at = seen.modified_at,
       is_settled = seen.is_settled, updated_at = $7, changed_in = $8, ${UNDESCRIBED}
     FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::boolean[])
         AS seen (id, size_bytes, etag, modified_at, is_settled)
       JOIN images AS before ON before.id = seen.id
     WHERE images.id = before.id AND before.space = $1 AND before.missing_since IS NULL
     RETURNING images.id, images.is_settled AS "isSettled", before.is_settled AS "wasSettled", before.state`,
    [space.id, images.map(({ id }) => id), ...contentOf(images), now, place],
  );
  await forgetReadings(
    batch,
    altered.filter(({ wasSettled, state }) => !wasSettled || state !== null),
  );
  batch.altered += altered.length;
  for (const { isSettled, wasSettled, state } of altered) {
    countImages(counts, stateFrom(wasSettled, state), -1);
    countImages(counts, stateFrom(isSettled, null), 1);
  }
}

/** Settles shown images that are otherwise unchanged. */
export async function settleImages(batch: Batch, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const settled = await batch.session.rows<Standings>(
    `WITH written AS (
       UPDATE images SET is_settled = true, changed_in = $3
       WHERE id = ANY($2::bigint[]) AND space = $1 AND missing_since IS NULL AND NOT is_settled
       RETURNING is_settled, state
     ) ${WRITTEN_STANDINGS}`,
    [batch.space.id, ids, batch.place],
  );
  for (const { isSettled, state, images } of settled) {
    batch.restated += images;
    countImages(batch.counts, stateFrom(isSettled, state), images);
  }
}

/** Removes shown images, which stay as tombstones. */
export async function removeImages(batch: Batch, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const removed = await batch.session.rows<Standings>(
    `WITH written AS (
       UPDATE images SET missing_since = $3, changed_in = $4, absent_in_sync = NULL
       WHERE id = ANY($2::bigint[]) AND space = $1 AND missing_since IS NULL
       RETURNING is_settled, state
     ) ${WRITTEN_STANDINGS}`,
    [batch.space.id, ids, batch.now, batch.place],
  );
  countRemoved(batch, removed);
}

/** Counts images that are no longer shown. */
export function countRemoved(batch: Batch, removed: readonly Standings[]): void {
  for (const { isSettled, state, images } of removed) {
    batch.removed += images;
    countImages(batch.counts, stateFrom(isSettled, state), -images);
  }
}

async function forgetReadings({ session }: Batch, images: readonly { readonly id: number }[]): Promise<void> {
  if (images.length === 0) return;
  await session.run('DELETE FROM descriptions WHERE image = ANY($1::bigint[])', [images.map(({ id }) => id)]);
}

type Column<Value> = readonly Value[];

function contentOf(
  images: readonly (Placed | Altered)[],
): [Column<number | null>, Column<string | null>, Column<number | null>, Column<boolean>] {
  return [
    images.map(({ image }) => image.sizeBytes),
    images.map(({ image }) => (image.etag === null ? null : storable(image.etag))),
    images.map(({ image }) => image.modifiedAt),
    images.map(({ isSettled }) => isSettled),
  ];
}
