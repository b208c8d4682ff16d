import type { RangeAnswer, RangeSource } from '../../../src/domain/description/reading.js';

/** A source over bytes in memory that tells which ranges were asked for. */
export interface MemorySource extends RangeSource {
  readonly asked: readonly (readonly [from: number, end: number])[];
  isClosed(): boolean;
}

/** Options of the source. */
export interface MemorySourceOptions {
  /** Gives ranges only as a storage without them does: each must continue the one before. */
  readonly isStream?: boolean;
  /** Doesn't say how large the file is. */
  readonly isSizeHidden?: boolean;
  /** Takes the place of an answer. */
  readonly interpose?: (from: number, end: number) => RangeAnswer | null;
}

/** What a file is made of: bytes here and there, zero bytes between them. */
export interface SparseFile {
  readonly size: number;
  readonly pieces: readonly (readonly [from: number, bytes: Uint8Array])[];
}

/** Serves a file, which may be larger than memory. */
export function memorySource(content: Uint8Array | SparseFile, options: MemorySourceOptions = {}): MemorySource {
  const file = content instanceof Uint8Array ? { size: content.length, pieces: [[0, content] as const] } : content;
  const asked: (readonly [number, number])[] = [];
  let bytes = 0;
  let at = 0;
  let isClosed = false;
  return {
    asked,
    isClosed: () => isClosed,
    async read(from, end) {
      if (isClosed) throw new Error('a closed source was asked');
      if (!(Number.isSafeInteger(from) && Number.isSafeInteger(end) && from < end))
        throw new Error(`${from} to ${end}`);
      asked.push([from, end]);
      const other = options.interpose?.(from, end) ?? null;
      if (other !== null) return other;
      if (options.isStream === true && from !== at) return { kind: 'unseekable' };
      const piece = pieceOf(file, from, Math.min(end, file.size));
      at = from + piece.length;
      bytes += piece.length;
      return { kind: 'bytes', bytes: piece, totalBytes: options.isSizeHidden === true ? null : file.size };
    },
    cost: () => ({ requests: asked.length, bytes }),
    close: async () => {
      isClosed = true;
    },
  };
}

function pieceOf(file: SparseFile, from: number, end: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, end - from));
  for (const [start, piece] of file.pieces) {
    const first = Math.max(start, from);
    const last = Math.min(start + piece.length, end);
    if (first < last) bytes.set(piece.subarray(first - start, last - start), first - from);
  }
  return bytes;
}
