import type { OsFamily, Quantity } from '../../domain/description/descriptor.js';
import type { DescribedImage, ShortDescription } from '../../domain/description/short-description.js';
import type { ImageState } from '../../domain/model/image.js';

/** The states by their numbers in the index, as the migration that made the column has them. */
const STATES: readonly ImageState[] = ['unknown', 'ok', 'incomplete', 'uploading', 'broken'];

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

/** Returns the state that an image is shown in. */
export function stateFrom(isSettled: 0 | 1, state: number | null): ImageState {
  return isSettled === 0 ? 'uploading' : (STATES[state ?? 0] ?? 'unknown');
}

/** Returns the number of a state. */
export function numberOfState(state: ImageState): number {
  return STATES.indexOf(state);
}

/** `stateFrom` in SQL. */
export const STATE_SQL = `iif(images.is_settled = 0, 'uploading', CASE images.state ${STATES.map((state, number) => `WHEN ${number} THEN '${state}'`).join(' ')} ELSE 'unknown' END)`;

/** The number of the state in which an image is shown, as the index of those that don't deploy has it; NULL if it wasn't read. */
export const SHOWN_STATE_SQL = 'iif(images.is_settled = 0, 3, images.state)';

/** `comparable` in SQL. */
export const CAPACITY_SQL = `iif(typeof(images.capacity_bytes) = 'text', ${Number.MAX_SAFE_INTEGER}, images.capacity_bytes)`;
