import type { ResourcePath } from '../../domain/model/path.js';
import { rangesBelow } from '../read/path-range.js';
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
    `UPDATE images SET ${MARKED_ABSENT}
     FROM (${belowRanges('images', '$5', '$6')}) AS missed
     WHERE images.id = missed.id AND missing_since IS NULL
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
 * Undoes what `holdCollections` has noted. What was found absent below these collections before then still is, and so are
 * what a collection that was found emptied since holds for itself, and images that an administrator keeps.
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
       SELECT back.path AS root, found.path, found.empty_in_sync
       FROM back CROSS JOIN LATERAL (
         SELECT path, empty_in_sync FROM collections
         WHERE space = $1 AND path >= back.path AND path < behind AND (path = back.path OR path >= first) OFFSET 0
       ) AS found
       WHERE empty_in_sync >= since
     ), marked AS (
       SELECT found.id, back.path AS root, since
       FROM back CROSS JOIN LATERAL (
         SELECT id FROM images WHERE space = $1 AND path >= first AND path < behind AND absent_in_sync IS NOT NULL OFFSET 0
       ) AS found
     )
     UPDATE images SET absent_in_full = CASE WHEN absent_in_full >= since THEN NULL ELSE absent_in_full END,
       absent_in_sync = CASE WHEN absent_in_sync < since THEN absent_in_sync ELSE (
         SELECT min(empty_in_sync) FROM emptied
         WHERE emptied.root = marked.root AND images.path > emptied.path || '/' AND images.path < emptied.path || '0'
       ) END
     FROM marked
     WHERE images.id = marked.id AND NOT EXISTS (SELECT FROM spaces WHERE id = $1 AND is_removal_refused)`,
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
       FROM (${belowRanges('images', '$4', '$5')}) AS gone
       WHERE images.id = gone.id AND missing_since IS NULL
       RETURNING is_settled, state
     ) ${WRITTEN_STANDINGS}`,
    [space.id, now, place, ...ranges],
  );
  countRemoved(batch, removed);
  await session.run(
    `UPDATE images SET collection = NULL FROM (${belowRanges('images', '$2', '$3')}) AS gone
     WHERE images.id = gone.id AND collection IS NOT NULL`,
    [space.id, ...ranges],
  );
  batch.collections -= await session.run(
    `DELETE FROM collections WHERE id IN (
       SELECT id FROM collections WHERE space = $1 AND path = ANY($2::text[])
       UNION ALL ${belowRanges('collections', '$3', '$4')}
     )`,
    [space.id, paths, ...ranges],
  );
}

/**
 * Selects the ids of rows whose paths lie in ranges of a space. Each range is looked up by itself: without statistics of a
 * large space, a join of all its rows with all ranges seems cheap.
 */
function belowRanges(table: 'images' | 'collections', first: string, behind: string): string {
  return `SELECT found.id FROM unnest(${first}::text[], ${behind}::text[]) AS below (first, behind)
    CROSS JOIN LATERAL (SELECT id FROM ${table} WHERE space = $1 AND path >= first AND path < behind OFFSET 0) AS found`;
}

function fullSync({ mode, syncId }: Batch['space']): number | null {
  return mode === 'full' ? syncId : null;
}
