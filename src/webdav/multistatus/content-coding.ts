import type { Coding } from './inflate.js';

/** The encodings of a body by its Content-Encoding. */
export interface Codings {
  /** Known codings in the order of decoding. */
  readonly codings: readonly Coding[];
  /** Unknown codings, such as `none` and `utf-8`, which do occur. The body may be plain XML, or anything. */
  readonly unknown: readonly string[];
}

/** Nobody intentionally compresses more often; a proxy in front of a compressing server makes two. */
export const MAX_CODINGS = 3;

const KNOWN = new Map<string, Coding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
]);
const NO_CODING = new Set(['', 'identity', '""', "''"]);

const NONE: Codings = { codings: [], unknown: [] };

/** Parses the header, which lists codings in the order in which they were applied (RFC 9110 8.4). */
export function parseCodings(header: string | null): Codings {
  if (header === null) return NONE;
  const words = header.split(',').map((word) => word.trim().toLowerCase());
  const unknown = words.filter((word) => !KNOWN.has(word) && !NO_CODING.has(word));
  return { codings: words.flatMap((word) => KNOWN.get(word) ?? []).reverse(), unknown };
}

/** Whether a body that begins with these bytes can be plain XML: a byte order mark, white space, or `<`, in UTF-8 or UTF-16. */
export function beginsLikeXml(bytes: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0] = bytes;
  if (first === 0xef) return second === 0xbb && third === 0xbf;
  if (first === 0xff || first === 0xfe) return second === (first ^ 0x01);
  const character = first === 0 ? second : first;
  return character === 0x3c || character === 0x20 || character === 0x09 || character === 0x0a || character === 0x0d;
}
