import type { RangeSource } from '../../domain/description/reading.js';
import { OvadexError } from '../../domain/model/errors.js';

/** A file whose bytes can be read from its beginning to its end, on a disk, in an archive or on a storage. */
export interface StoredFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Reads it piece by piece. Throws OvadexError `unavailable` if it can't be read, or became another meanwhile. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** How much is read and held at a time. */
const PIECE_BYTES = 1024 * 1024;

/** Returns a part of a source, such as a member of an archive, as a file. */
export function storedPart(source: RangeSource, name: string, from: number, sizeBytes: number): StoredFile {
  return {
    name,
    sizeBytes,
    async *pieces() {
      for (let at = from; at < from + sizeBytes; ) {
        const bytes = await readPart(source, at, Math.min(at + PIECE_BYTES, from + sizeBytes));
        yield bytes;
        at += bytes.length;
      }
    },
  };
}

/** Reads some bytes, all of them if the file has them. Throws OvadexError `unavailable` otherwise. */
export async function readPart(source: RangeSource, from: number, end: number): Promise<Uint8Array> {
  const answer = await source.read(from, end);
  if (answer.kind === 'unseekable') throw new OvadexError('unavailable', 'the storage gives no parts of files');
  if (answer.kind !== 'bytes') throw new OvadexError('unavailable', answer.detail);
  if (answer.bytes.length === 0) throw new OvadexError('unavailable', `it ends at byte ${from}`);
  return answer.bytes.subarray(0, end - from);
}
