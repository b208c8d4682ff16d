import type { ImageCounts } from '../../domain/description/image-counts.js';
import type { CountColumns } from '../read/image-counts.js';

/** Raises the counters of a space's images by `countColumns`. */
export const COUNT_IMAGES = `described_images = described_images + ?, waiting_images = waiting_images + ?,
  incomplete_images = incomplete_images + ?, broken_images = broken_images + ?`;

export function countColumns({ described, waiting, incomplete, broken }: ImageCounts): CountColumns {
  return [described, waiting, incomplete, broken];
}
