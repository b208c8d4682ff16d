import type { ListingFailure } from '../model/listing.js';
import type { OtherDate } from './date-habit.js';
import type { Descriptor } from './descriptor.js';

/**
 * The number of the rules by which images are read. Raise it with any change that makes a better reading of the same
 * bytes: images read by a lower one are read again at leisure, and keep what is known until then.
 */
export const READER = 3;

/** Why an image can't be deployed, or not yet. */
export type Reason =
  | 'truncated' // an .ova that ends before its archive does
  | 'missing-file' // a file that an .ovf refers to is not beside it
  | 'short-file' // it is, and shorter than any disk's header
  | 'missing-member' // a file that an .ova's descriptor refers to is not in the archive
  | 'outside' // a reference that leads out of the descriptor's folder
  | 'empty' // no bytes at all
  | 'not-an-ova' // another kind of file with this ending
  | 'no-descriptor' // a whole archive without one
  | 'descriptor-not-first' // it can't be reached within bounds
  | 'invalid-xml'
  | 'doctype' // refused: none of the genuine ones has it
  | 'not-ovf' // XML of another kind, or an envelope of nothing
  | 'too-large'; // a descriptor beyond the bounds of size, depth or number of elements

/** A member of an .ova, by its name in the archive. */
export interface ArchiveMember {
  readonly name: string;
  readonly size: number;
}

/** What reading an image brought; as true as its bytes, so it is kept while they stay the same. */
export type Reading =
  | {
      readonly kind: 'described';
      readonly descriptor: Descriptor;
      /** Reasons that lie in the image itself, each with what it is about: `missing-member: disk1.vmdk`. */
      readonly reasons: readonly string[];
      /** What is odd but does no harm, in words. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'broken'; readonly reasons: readonly string[]; readonly notes: readonly string[] };

/** What a reading cost. */
export interface ReadingCost {
  readonly requests: number;
  readonly bytes: number;
}

/** One answer to a request for some bytes of a file. */
export type RangeAnswer =
  | {
      readonly kind: 'bytes';
      /** Starts where it was asked to; shorter than asked only at the end of the file. */
      readonly bytes: Uint8Array;
      /** The size of the file; null if it isn't said. */
      readonly totalBytes: number | null;
    }
  /** The storage ignores ranges, and these bytes don't follow those that were read last. */
  | { readonly kind: 'unseekable' }
  /** It is another file than the one that was listed. */
  | { readonly kind: 'changed'; readonly detail: string }
  | { readonly kind: 'failed'; readonly failure: ListingFailure; readonly detail: string };

/** A file whose bytes can be asked for, on a storage or a local one. */
export interface RangeSource {
  /**
   * Reads the bytes from `from` up to and without `end`. A storage that ignores ranges reads on from where it is, as
   * long as each call continues the one before; else it answers `unseekable`. Rejects only by an abort.
   */
  read(from: number, end: number): Promise<RangeAnswer>;
  /** What has been read by now. */
  cost(): ReadingCost;
  /** The date that the first answer gave the file instead of the listed one, its size being the same; null if there was none. */
  readonly otherDate?: () => OtherDate | null;
  /** Ends a connection that is still open. */
  close(): Promise<void>;
}

/** What became of an attempt to read an image. */
export type ReadAttempt =
  | { readonly kind: 'read'; readonly reading: Reading }
  | Extract<RangeAnswer, { readonly kind: 'changed' | 'failed' }>;
