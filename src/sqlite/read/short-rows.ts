import type { OsFamily, Quantity } from '../../domain/description/descriptor.js';
import type { DescribedImage, ShortDescription } from '../../domain/description/short-description.js';

export const SHORT_COLUMNS =
  'images.product, images.version, images.os, images.family, images.cpus, images.memory_mib, images.disk_count, images.capacity_bytes';

/** The columns of `images` that `SHORT_COLUMNS` selects. */
export type ShortRow = readonly [
  product: string | null,
  version: string | null,
  os: string | null,
  family: OsFamily | null,
  cpus: number | null,
  memoryMib: number | null,
  /** null: the image has no descriptor that was read. */
  diskCount: number | null,
  capacityBytes: Quantity | null,
];

export function shortFromRow(row: ShortRow): NonNullable<DescribedImage['short']> | null {
  const [product, version, os, family, cpus, memoryMib, diskCount, capacityBytes] = row;
  if (diskCount === null) return null;
  return { product, version, os, family, cpus, memoryMib, diskCount, capacityBytes };
}

export function shortToRow(short: ShortDescription | null): ShortRow {
  if (short === null) return [null, null, null, null, null, null, null, null];
  const { product, version, os, family, cpus, memoryMib, diskCount, capacityBytes } = short;
  return [product, version, os, family, cpus, memoryMib, diskCount, capacityBytes];
}

/** The number of the state in which an image is shown, as the index of those that don't deploy has it; NULL if it wasn't read. */
export const SHOWN_STATE_SQL = 'iif(images.is_settled = 0, 3, images.state)';
