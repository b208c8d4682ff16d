import type { ResourcePath } from '../../domain/model/path.js';
import { rangeBelow } from '../read/path-range.js';
import type { Batch } from './batch.js';
import { countRemoved, type Standings, WRITTEN_STANDINGS } from './image-writer.js';

/** `markedAbsent` in SQL, at `$2` by the sync `$3`, and by `$4` if that is a full one; a test compares the two. */
const MARKED_ABSENT = `absent_since = CASE WHEN images.absent_in_sync IS NULL THEN $2 ELSE images.absent_since END,
  absent_in_full = CASE WHEN images.absent_in_sync IS NULL THEN $4 ELSE coalesce(images.absent_in_full, $4) END,
  absent_in_sync = coalesce(images.absent_in_sync, $3)`;

/** Marks shown images as absent in this sync. */
export async function holdImages({ session, space, now }: Batch, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await session.run(
    `UPDATE images SET ${MARKED_ABSENT} WHERE id = ANY($5::bigint[]) AND space = $1 AND missing_since IS NULL`,
    [space.id, now, space.syncId, fullSync(space), ids],
  );
}

/** Marks collections, and the images below them, as absent in this sync. */
export async function holdCollections({ session, space, now }: Batch, paths: readonly ResourcePath[]): Promise<void> {
  if (paths.length === 0) return;
  await session.run(
    `UPDATE collections SET absent_in_sync = coalesce(absent_in_sync, $2), absent_in_full = coalesce(absent_in_full, $3)
     WHERE space = $1 AND path = ANY($4::text[])`,
    [space.id, space.syncId, fullSync(space), paths],
  );
  // What this very sync has listed is there, whatever a folder above it shows.
  await session.run(
    `UPDATE images SET ${MARKED_ABSENT} FROM unnest($5::text[], $6::text[]) AS missed (first, behind)
     WHERE space = $1 AND path >= first AND path < behind AND missing_since IS NULL
       AND coalesce((SELECT listed_in_sync FROM collections WHERE id = images.collection), 0) <> $3`,
    [space.id, now, space.syncId, fullSync(space), ...rangesBelow(paths)],
  );
}

/** Takes the marks back from images that are there after all. */
export async function reconfirmImages({ session, space }: Batch, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await session.run(
    'UPDATE images SET absent_in_sync = NULL WHERE id = ANY($2::bigint[]) AND space = $1 AND absent_in_sync IS NOT NULL',
    [space.id, ids],
  );
}

/** A collection that exists after all, and the sync that missed it. */
export interface Returned {
  readonly path: ResourcePath;
  readonly since: number;
}

/**
 * Undoes what `holdCollections` has noted. What was found absent below these collections before then still is, and so is
 * what a collection that was found emptied since holds for itself.
 */
export async function reconfirmCollections({ session, space }: Batch, returned: readonly Returned[]): Promise<void> {
  if (returned.length === 0) return;
  const paths = returned.map(({ path }) => path);
  await session.run(
    'UPDATE collections SET absent_in_sync = NULL, absent_in_full = NULL WHERE space = $1 AND path = ANY($2::text[])',
    [space.id, paths],
  );
  // `reconfirmedSince` in SQL; a test compares the two.
  await session.run(
    `WITH back AS (
       SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS back (path, first, behind, since)
     ), emptied AS MATERIALIZED (
       SELECT back.path AS root, collections.path, collections.empty_in_sync
       FROM back JOIN collections ON collections.space = $1 AND collections.path >= back.path AND collections.path < behind
       WHERE (collections.path = back.path OR collections.path >= first) AND empty_in_sync >= since
     )
     UPDATE images SET absent_in_full = CASE WHEN absent_in_full >= since THEN NULL ELSE absent_in_full END,
       absent_in_sync = CASE WHEN absent_in_sync < since THEN absent_in_sync ELSE (
         SELECT min(empty_in_sync) FROM emptied
         WHERE root = back.path AND images.path > emptied.path || '/' AND images.path < emptied.path || '0'
       ) END
     FROM back
     WHERE images.space = $1 AND images.path >= first AND images.path < behind AND absent_in_sync IS NOT NULL`,
    [space.id, paths, ...rangesBelow(paths), returned.map(({ since }) => since)],
  );
}

/** Removes collections with everything below them. Their images stay as tombstones that belong to no collection. */
export async function removeCollections(batch: Batch, paths: readonly ResourcePath[]): Promise<void> {
  if (paths.length === 0) return;
  const { session, space, now, place } = batch;
  const ranges = rangesBelow(paths);
  const removed = await session.rows<Standings>(
    `WITH written AS (
       UPDATE images SET missing_since = $2, changed_in = $3, absent_in_sync = NULL, collection = NULL
       FROM unnest($4::text[], $5::text[]) AS gone (first, behind)
       WHERE space = $1 AND path >= first AND path < behind AND missing_since IS NULL
       RETURNING is_settled, state
     ) ${WRITTEN_STANDINGS}`,
    [space.id, now, place, ...ranges],
  );
  countRemoved(batch, removed);
  await session.run(
    `UPDATE images SET collection = NULL FROM unnest($2::text[], $3::text[]) AS gone (first, behind)
     WHERE space = $1 AND path >= first AND path < behind AND collection IS NOT NULL`,
    [space.id, ...ranges],
  );
  batch.collections -= await session.run(
    `DELETE FROM collections USING unnest($2::text[], $3::text[], $4::text[]) AS gone (root, first, behind)
     WHERE space = $1 AND path >= root AND path < behind AND (path = root OR path >= first)`,
    [space.id, paths, ...ranges],
  );
}

function rangesBelow(paths: readonly ResourcePath[]): [from: readonly string[], to: readonly string[]] {
  const ranges = paths.map(rangeBelow);
  return [ranges.map(({ from }) => from), ranges.map(({ to }) => to)];
}

function fullSync({ mode, syncId }: Batch['space']): number | null {
  return mode === 'full' ? syncId : null;
}
