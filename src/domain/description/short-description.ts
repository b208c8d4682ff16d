import type { Image } from '../model/image.js';
import { beginningOf } from '../text/quote.js';
import type { Descriptor, OperatingSystem, OsFamily, Quantity } from './descriptor.js';
import type { Reading } from './reading.js';

/** The most characters of a text: genuine ones have some dozens, and lists show very many. */
const LONGEST = 256;

/**
 * What an image is, in short: what lists show of it, filter and order by. Longer texts are cut to 256 characters. null is
 * what its descriptor doesn't say.
 */
export interface ShortDescription {
  readonly product: string | null;
  readonly version: string | null;
  /** The operating system as people call it. */
  readonly os: string | null;
  readonly family: OsFamily | null;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly diskCount: number;
  readonly capacityBytes: Quantity | null;
}

/** An image with what it is, if that was asked for. */
export interface DescribedImage extends Image {
  /** null if it hasn't been read, or has no descriptor that can be. */
  readonly short?: ShortDescription | null;
}

/** Returns the short form of a reading; null if that has no descriptor. */
export function shortOf(reading: Reading): ShortDescription | null {
  return reading.kind === 'described' ? shorten(reading.descriptor) : null;
}

function shorten({ product, version, os, family, cpus, memoryMib, disks }: Descriptor): ShortDescription {
  const { count, capacityBytes } = disks;
  return {
    product: cut(product),
    version: cut(version),
    os: cut(osInWords(os)),
    family,
    cpus,
    memoryMib,
    diskCount: count,
    capacityBytes,
  };
}

function cut(text: string | null): string | null {
  return text === null || text.length <= LONGEST ? text : beginningOf(text, LONGEST);
}

/**
 * Returns the best of what a descriptor says of an operating system: the names that the virtualisers use among
 * themselves go first, since exporters often write a wrong CIM id, and a description after it.
 */
export function osInWords(os: OperatingSystem | null): string | null {
  return os?.vmwOsType ?? os?.vboxOsType ?? os?.description ?? (os?.id == null ? null : `CIM ${os.id}`);
}

/** Returns a quantity as filters and orders compare it: all those beyond 2^53 - 1, which are digits, as that. */
export function comparable(quantity: Quantity | null): number | null {
  return typeof quantity === 'string' ? Number.MAX_SAFE_INTEGER : quantity;
}
