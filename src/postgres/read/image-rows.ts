import type { DescribedImage, ShortDescription } from '../../domain/description/short-description.js';
import type { Image } from '../../domain/model/image.js';
import { stateFrom } from '../../sql/image-states.js';

/** The columns of an `Image`, by the names in `ImageRow`. */
export const IMAGE_COLUMNS = `images.id, images.path, images.name, images.size_bytes AS "sizeBytes",
  images.created_at AS "createdAt", images.updated_at AS "updatedAt", images.modified_at AS "modifiedAt",
  images.is_settled AS "isSettled", images.state`;

export interface ImageRow extends Omit<Image, 'state'> {
  readonly state: number | null;
}

/** The columns of what an image is, in short, by the names in `ShortRow`. */
export const SHORT_COLUMNS = `images.product, images.version, images.os, images.family, images.cpus,
  images.memory_mib AS "memoryMib", images.disk_count AS "diskCount", images.capacity_bytes AS "capacityBytes"`;

export interface ShortRow extends Omit<ShortDescription, 'diskCount'> {
  /** null: the image has no descriptor that was read. */
  readonly diskCount: number | null;
}

/** Reads a row that has `IMAGE_COLUMNS`, and possibly others. */
export function imageFromRow(row: ImageRow): Image {
  const { id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled } = row;
  const state = stateFrom(isSettled, row.state);
  return { id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled, state };
}

/** Reads a row that has `SHORT_COLUMNS`, too. */
export function describedFromRow(row: ImageRow & ShortRow): DescribedImage {
  const { product, version, os, family, cpus, memoryMib, diskCount, capacityBytes } = row;
  const short = diskCount === null ? null : { product, version, os, family, cpus, memoryMib, diskCount, capacityBytes };
  return Object.assign(imageFromRow(row), { short });
}
