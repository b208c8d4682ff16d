import type { SparseFile } from './memory-source.js';

/** A member of an archive that a test writes; its data may be left out, so that it is all zero bytes. */
export interface TarEntry {
  readonly name: string;
  readonly type?: string;
  readonly data?: Uint8Array | string;
  readonly size?: number;
  /** Writes the size as GNU does beyond 8 GiB. */
  readonly isBase256?: boolean;
  /** Adds signed bytes up, as some old tars did. */
  readonly isSigned?: boolean;
  /** Writes what else the header has. */
  readonly complete?: (header: Uint8Array) => void;
  /** Runs once the checksum is there. */
  readonly spoil?: (header: Uint8Array) => void;
}

/** Writes an archive, sparse in memory: members may have any size. `end` is how many zero blocks follow. */
export function tarOf(entries: readonly TarEntry[], { end = 2 }: { readonly end?: number } = {}): SparseFile {
  const pieces: (readonly [number, Uint8Array])[] = [];
  let at = 0;
  for (const entry of entries) {
    const data = typeof entry.data === 'string' ? new TextEncoder().encode(entry.data) : entry.data;
    const size = entry.size ?? data?.length ?? 0;
    pieces.push([at, headerOf(entry, size)]);
    if (data !== undefined) pieces.push([at + 512, data]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return { size: at + end * 512, pieces };
}

/** Returns a small archive as bytes. */
export function tarBytes(entries: readonly TarEntry[], options: { readonly end?: number } = {}): Uint8Array {
  const { size, pieces } = tarOf(entries, options);
  const bytes = new Uint8Array(size);
  for (const [from, piece] of pieces) bytes.set(piece, from);
  return bytes;
}

/** Returns PAX records. */
export function paxRecords(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + String(rest).length;
      if (String(length).length > String(rest).length) length += 1;
      return `${length} ${key}=${value}\n`;
    })
    .join('');
}

function headerOf(entry: TarEntry, size: number): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(entry.name, 0, 100);
  header.write('0000644\0', 100);
  if (entry.isBase256 === true) {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  } else header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(entry.type ?? '0', 156);
  header.write('ustar\x0000', 257);
  entry.complete?.(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + (entry.isSigned === true && byte > 127 ? byte - 256 : byte), 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  entry.spoil?.(header);
  return header;
}
