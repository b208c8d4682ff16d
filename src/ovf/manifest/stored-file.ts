import { readError } from '../../domain/description/read-error.js';
import type { RangeSource } from '../../domain/description/reading.js';
import { OvadexError } from '../../domain/model/errors.js';

/** A file whose bytes can be read from its beginning to its end, on a disk, in an archive or on a storage. */
export interface StoredFile {
  readonly name: string;
  /** null if its storage doesn't say. */
  readonly sizeBytes: number | null;
  /** Reads it piece by piece. Throws OvadexError if it can't be read, `FileChanged` if it became another meanwhile. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** How much is read and held at a time. */
export const PIECE_BYTES = 1024 * 1024;

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

/** Returns a file whose bytes are all there. */
export function storedBytes(name: string, bytes: Uint8Array): StoredFile {
  return {
    name,
    sizeBytes: bytes.length,
    async *pieces() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** Returns a file that is opened when it is read, and closed at its end. Its size is what was said of it, null for nothing. */
export function storedWhole(name: string, sizeBytes: number | null, open: () => Promise<RangeSource>): StoredFile {
  return {
    name,
    sizeBytes,
    async *pieces() {
      const source = await open();
      try {
        if (sizeBytes !== null) yield* storedPart(source, name, 0, sizeBytes).pieces();
        else yield* piecesToTheEnd(source);
      } finally {
        await source.close();
      }
    },
  };
}

async function* piecesToTheEnd(source: RangeSource): AsyncIterable<Uint8Array> {
  for (let at = 0; ; ) {
    const bytes = await readUpTo(source, at, at + PIECE_BYTES);
    if (bytes.length > 0) yield bytes;
    at += bytes.length;
    if (bytes.length < PIECE_BYTES) return;
  }
}

/** Reads some bytes, all of them if the file has them. Throws OvadexError if it has none, or can't be read. */
export async function readPart(source: RangeSource, from: number, end: number): Promise<Uint8Array> {
  const bytes = await readUpTo(source, from, end);
  if (bytes.length === 0) throw new OvadexError('unavailable', `it ends at byte ${from}`);
  return bytes;
}

/** Reads as many bytes as there are. Throws the OvadexError of `readError`. */
export async function readUpTo(source: RangeSource, from: number, end: number): Promise<Uint8Array> {
  const answer = await source.read(from, end);
  if (answer.kind !== 'bytes') throw readError(answer);
  return answer.bytes.subarray(0, end - from);
}
