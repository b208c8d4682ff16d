import type { HeldImage } from '../domain/lists/held-list.js';
import type { FoundImage } from '../domain/lists/image-search.js';
import type { Image } from '../domain/model/image.js';
import { type TimestampWriter, timestamp } from './timestamp.js';

/** An image as JSON. */
export interface ImageJson {
  readonly name: string;
  readonly path: string;
  readonly id: number;
  /** Size in bytes. */
  readonly size: number | null;
  readonly created_on: string;
  readonly updated_on: string;
  readonly modified_on: string | null;
  readonly settled: boolean;
}

/** An image together with the user whose space it is in. */
export interface FoundImageJson extends ImageJson {
  readonly user: string;
}

/** An image that is listed although its storage no longer shows it. */
export interface HeldImageJson extends Pick<ImageJson, 'name' | 'path' | 'id' | 'size'> {
  readonly missed_since: string | null;
}

/** Returns an image as JSON. Written out key by key, since lists of thousands of images are made of it. */
export function imageToJson(image: Image, write: TimestampWriter = timestamp): ImageJson {
  return {
    name: image.name,
    path: image.path,
    id: image.id,
    size: image.sizeBytes,
    created_on: write(image.createdAt),
    updated_on: write(image.updatedAt),
    modified_on: write(image.modifiedAt),
    settled: image.isSettled,
  };
}

export function foundImageToJson(image: FoundImage): FoundImageJson {
  return { user: image.user, ...imageToJson(image) };
}

export function heldImageToJson(image: HeldImage, write: TimestampWriter = timestamp): HeldImageJson {
  return {
    path: image.path,
    name: image.name,
    id: image.id,
    size: image.sizeBytes,
    missed_since: write(image.missedSince),
  };
}

/** The keys of `imageToJson` in their order: the columns of a list as CSV. */
export const IMAGE_COLUMNS = [
  'name',
  'path',
  'id',
  'size',
  'created_on',
  'updated_on',
  'modified_on',
  'settled',
] as const satisfies readonly (keyof ImageJson)[];

/** The keys of `foundImageToJson` in their order. */
export const FOUND_IMAGE_COLUMNS = ['user', ...IMAGE_COLUMNS] as const satisfies readonly (keyof FoundImageJson)[];
