import { pathFromBytes } from '../../domain/model/path.js';

/** The unit of a tar archive, in bytes. */
export const BLOCK = 512;

/** A header as it stands, before the extensions that precede it are applied. */
export interface TarHeader {
  readonly name: string;
  /** One character, `0` for a file; the old NUL reads as `0`. */
  readonly type: string;
  /** How many bytes are stored after the header. */
  readonly size: number;
  /** Whether blocks with more of an old GNU sparse map follow. */
  readonly hasSparseMap: boolean;
}

/** Rounds up to whole blocks. */
export function inBlocks(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Whether a block is nothing but zero bytes, as those at the end of an archive are. */
export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Reads a header of any tar since the seventh edition; null if its checksum or its size isn't right. */
export function readHeader(block: Uint8Array): TarHeader | null {
  if (block.length < BLOCK || !hasRightChecksum(block)) return null;
  const size = numberAt(block, 124, 12);
  if (size === null) return null;
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0);
  const name = textAt(block, 0, 100);
  // Old GNU has other things where POSIX has the prefix.
  const prefix = textAt(block, 257, 6) === 'ustar' && block[262] === 0 ? textAt(block, 345, 155) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type,
    size,
    hasSparseMap: type === 'S' && block[482] !== 0,
  };
}

/**
 * Some old tars added signed bytes, so either sum is right. The checksum itself counts as blanks. Where a PAX record has
 * the name, some leave it out of the header.
 */
function hasRightChecksum(block: Uint8Array): boolean {
  const expected = numberAt(block, 148, 8);
  if (expected === null || (block[0] === 0 && textAt(block, 257, 5) !== 'ustar')) return false;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return expected === unsigned || expected === signed;
}

/** Reads octal digits, or what GNU writes for larger numbers: a set first bit, then bytes. null if it is neither. */
function numberAt(block: Uint8Array, at: number, length: number): number | null {
  const field = block.subarray(at, at + length);
  if ((field[0] ?? 0) >= 0x80) {
    if (field[0] !== 0x80) return null; // negative, or beyond 2^88
    let value = 0;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const text = String.fromCharCode(...field).replace(/^[ \0]+|[ \0].*$/gs, '');
  return /^[0-7]*$/.test(text) ? Number.parseInt(`0${text}`, 8) : null;
}

function textAt(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return pathFromBytes(end < 0 ? field : field.subarray(0, end));
}
