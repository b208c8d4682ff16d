import type { ImageCounts } from '../../domain/description/image-counts.js';

/** The counters of a space, in the order of `ImageCounts`. */
export type CountColumns = [described: number, waiting: number, incomplete: number, broken: number];

/** `countImages` in SQL, of shown images; a test compares the two. */
export const COUNTED_IMAGES = `count(*) FILTER (WHERE is_settled = 1 AND state > 0),
  count(*) FILTER (WHERE is_settled = 1 AND (state IS NULL OR state = 0)),
  count(*) FILTER (WHERE is_settled = 1 AND state = 2), count(*) FILTER (WHERE is_settled = 1 AND state = 4)`;

/** Raises the counters of a space's images by `countColumns`. */
export const COUNT_IMAGES = `described_images = described_images + ?, waiting_images = waiting_images + ?,
  incomplete_images = incomplete_images + ?, broken_images = broken_images + ?`;

export function countColumns({ described, waiting, incomplete, broken }: ImageCounts): CountColumns {
  return [described, waiting, incomplete, broken];
}
