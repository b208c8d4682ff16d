import { BLOCK, isZero, readHeader } from './header.js';

/** What a file is by its first bytes; `other` is named in words if it is known. */
export type Signature =
  | { readonly kind: 'tar' | 'gzip' | 'xml' | 'unknown' }
  /** The beginning of a tar header, all there is of the file. */
  | { readonly kind: 'cut-tar' }
  | { readonly kind: 'other'; readonly what: string };

const KNOWN: readonly (readonly [what: string, bytes: string])[] = [
  ['a zip archive', 'PK\x03\x04'],
  ['a zip archive', 'PK\x05\x06'],
  ['a 7-Zip archive', '7z\xbc\xaf\x27\x1c'],
  ['an xz file', '\xfd7zXZ\0'],
  ['a bzip2 file', 'BZh'],
  ['a zstd file', '\x28\xb5\x2f\xfd'],
  ['a VMDK disk', 'KDMV'],
  ['a VMDK disk', 'COWD'],
  ['a qcow2 disk', 'QFI\xfb'],
  ['a VHD disk', 'conectix'],
  ['a VHDX disk', 'vhdxfile'],
  ['a VDI disk', '<<< '],
  ['a PNG picture', '\x89PNG'],
  ['a JPEG picture', '\xff\xd8\xff'],
  ['a PDF', '%PDF-'],
  ['a program', '\x7fELF'],
  ['a program', 'MZ'],
  ['a JSON text', '{"'],
];

/** Tells what the first bytes of a file are; at least 512 of them, or all. */
export function signatureOf(bytes: Uint8Array): Signature {
  if (readHeader(bytes.subarray(0, BLOCK)) !== null) return { kind: 'tar' };
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { kind: 'gzip' };
  const start = String.fromCharCode(...bytes.subarray(0, BLOCK));
  const known = KNOWN.find(([, magic]) => start.startsWith(magic));
  if (known !== undefined) return { kind: 'other', what: known[0] };
  const text = start
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '')
    .trimStart();
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(text)) return { kind: 'other', what: 'an HTML page' };
  if (/^<[?!a-z_]/i.test(text)) return { kind: 'xml' };
  if (isZero(bytes)) return { kind: 'other', what: 'nothing but zero bytes' };
  return { kind: bytes.length < BLOCK && beginsHeader(bytes) ? 'cut-tar' : 'unknown' };
}

/** Whether less than a block may be the beginning of a header: a name, filled up with zero bytes. */
function beginsHeader(bytes: Uint8Array): boolean {
  const name = bytes.subarray(0, 100);
  const end = name.indexOf(0);
  const printed = end < 0 ? name : name.subarray(0, end);
  return printed.length > 0 && printed.every((byte) => byte >= 0x20) && (end < 0 || isZero(name.subarray(end)));
}
