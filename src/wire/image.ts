import type { OsFamily, Quantity } from '../domain/description/descriptor.js';
import type { DescribedImage, ShortDescription } from '../domain/description/short-description.js';
import type { HeldImage } from '../domain/lists/held-list.js';
import type { FoundImage } from '../domain/lists/image-search.js';
import type { Image, ImageState } from '../domain/model/image.js';
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
  readonly state: ImageState;
  /** Only with `include=ovf`: what it is, in short; null if it hasn't been read or has no descriptor. */
  readonly ovf?: ShortJson | null;
}

/** What an image is, in short, as JSON; null is what its descriptor doesn't say. */
export interface ShortJson {
  readonly product: string | null;
  readonly version: string | null;
  readonly os: string | null;
  readonly family: OsFamily | null;
  readonly cpus: number | null;
  readonly memory_mib: number | null;
  readonly disk_count: number | null;
  /** Digits beyond 2^53. */
  readonly capacity_bytes: Quantity | null;
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
    state: image.state,
  };
}

/** Adds to the JSON of an image what it is, in short. */
export function withOvf<Json extends ImageJson>(json: Json, { short = null }: DescribedImage): Json {
  return Object.assign(json, { ovf: short === null ? null : shortToJson(short) });
}

function shortToJson(short: ShortDescription): ShortJson {
  return {
    product: short.product,
    version: short.version,
    os: short.os,
    family: short.family,
    cpus: short.cpus,
    memory_mib: short.memoryMib,
    disk_count: short.diskCount,
    capacity_bytes: short.capacityBytes,
  };
}

/** Returns the cells of an image in a table: what it is in short has a column for each value, and no prefix. */
export function cellsOf(item: object): readonly unknown[] {
  if (!('ovf' in item)) return Object.values(item);
  const { ovf, ...others } = item as Pick<ImageJson, 'ovf'>;
  return [...Object.values(others), ...OVF_COLUMNS.map((column) => ovf?.[column] ?? null)];
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
  'state',
] as const satisfies readonly (keyof ImageJson)[];

/** The columns that follow with what images are, in short; filters and orders have the same names. */
export const OVF_COLUMNS = [
  'product',
  'version',
  'os',
  'family',
  'cpus',
  'memory_mib',
  'disk_count',
  'capacity_bytes',
] as const satisfies readonly (keyof ShortJson)[];

/** The keys of `foundImageToJson` in their order. */
export const FOUND_IMAGE_COLUMNS = ['user', ...IMAGE_COLUMNS] as const satisfies readonly (keyof FoundImageJson)[];
