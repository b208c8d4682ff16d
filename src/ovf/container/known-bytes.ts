/** What has been read of a file: pieces that don't touch, by where they start. */
export type KnownBytes = ReadonlyMap<number, Uint8Array>;

/** Returns the bytes from `from` up to and without `end`; null unless all of them are known. */
export function slice(known: KnownBytes, from: number, end: number): Uint8Array | null {
  for (const [start, bytes] of known) {
    if (start <= from && end <= start + bytes.length) return bytes.subarray(from - start, end - start);
  }
  return null;
}

/** Returns where the bytes that are known from `from` on end: `from` itself if that byte isn't known. */
export function knownUpTo(known: KnownBytes, from: number): number {
  for (const [start, bytes] of known) {
    if (start <= from && from < start + bytes.length) return start + bytes.length;
  }
  return from;
}

/** Adds a piece, joined to the one that it continues. */
export function withPiece(known: KnownBytes, from: number, bytes: Uint8Array): KnownBytes {
  const pieces = new Map(known);
  const before = [...known].find(([start, piece]) => start + piece.length === from);
  if (before === undefined) return pieces.set(from, bytes);
  const joined = new Uint8Array(before[1].length + bytes.length);
  joined.set(before[1]);
  joined.set(bytes, before[1].length);
  return pieces.set(before[0], joined);
}

/** Returns how many bytes are known. */
export function bytesIn(known: KnownBytes): number {
  let sum = 0;
  for (const bytes of known.values()) sum += bytes.length;
  return sum;
}
