import type { ResourcePath } from '../../domain/model/path.js';
import { rangeBelow } from '../read/path-range.js';
import { type Batch, countBatch } from './batch.js';

/** Renames a collection like `ImageIndex.rename`. */
export async function rename(batch: Batch, from: ResourcePath, to: ResourcePath): Promise<boolean> {
  const { session, space, place } = batch;
  const [old, taken] = [rangeBelow(from), rangeBelow(to)];
  // An image may be a tombstone of a folder that once had this name.
  const found = await session.row<{ isTaken: boolean }>(
    `SELECT EXISTS (SELECT FROM collections WHERE space = $1 AND path = $2)
       OR EXISTS (SELECT FROM images WHERE space = $1 AND path >= $3 AND path < $4) AS "isTaken"`,
    [space.id, to, taken.from, taken.to],
  );
  if (found?.isTaken === true) return false;
  await session.run(
    `UPDATE collections SET path = $3 || substr(path, length($2) + 1)
     WHERE space = $1 AND (path = $2 OR path >= $4 AND path < $5)`,
    [space.id, from, to, old.from, old.to],
  );
  // Tombstones, too, since they return under the new path; but they are as gone as before.
  batch.renamed += await session.run(
    `UPDATE images SET path = $3 || substr(path, length($2) + 1),
       changed_in = CASE WHEN missing_since IS NULL THEN $6 ELSE changed_in END
     WHERE space = $1 AND path >= $4 AND path < $5`,
    [space.id, from, to, old.from, old.to, place],
  );
  await countBatch(batch);
  return true;
}
