import type { Reading } from '../domain/description/reading.js';
import type { KnownBytes } from './container/known-bytes.js';

/** What is known of a file while it is read. */
export interface ReadingState {
  readonly name: string;
  /** The size of the file; null if nobody has said it. */
  readonly total: number | null;
  readonly known: KnownBytes;
  /** How many reads there were after the first. */
  readonly further: number;
  /** Whether the storage gives any range that is asked for. */
  readonly isSeekable: boolean;
}

/** What to do next: read these bytes, or say what the file is. */
export type Step =
  | { readonly kind: 'read'; readonly from: number; readonly end: number }
  | { readonly kind: 'verdict'; readonly reading: Reading };

/** How much is read at first: the descriptors of 96 % of all archives lie within it. */
export const FIRST_BYTES = 32_768;
/** The largest descriptor that is read; the largest genuine one has half a megabyte. */
export const MOST_OF_A_DESCRIPTOR = 4 * 1024 * 1024;
/** How much is read for a header further on, with room for its extensions. */
export const JUMP_BYTES = 4_096;
/** How much is read beyond the first bytes in search of headers. */
export const MOST_OF_JUMPS = 1024 * 1024;
/** How many reads an image may take after the first. */
export const MOST_FURTHER_READS = 7;
/** Stands for `further` if nothing more can be read. */
export const NO_MORE = Number.POSITIVE_INFINITY;
/** How many headers are looked at beyond the first bytes. */
export const MOST_HEADERS_BEYOND = 16;
/** How far an archive is read on from a storage that gives no ranges. */
export const MOST_WITHOUT_RANGES = 1024 * 1024;

/** Says that an image can't be deployed. */
export function broken(reasons: readonly string[], notes: readonly string[] = []): Step {
  return { kind: 'verdict', reading: { kind: 'broken', reasons, notes } };
}
