/**
 * A resource's place below the root of its space: segments joined by `/`, without a slash at either end; the root
 * itself is the empty string. Storage names are bytes and most of them are UTF-8, which a path shows as it is, never
 * normalised. A byte that is part of no UTF-8 character is written `‛E9` (U+201B and two upper-case hex digits), so a
 * path is always valid Unicode and still leads back to exactly the bytes it came from. To keep that reversible, a
 * genuine U+201B is written byte by byte (`‛E2‛80‛9B`) if it would read as such an escape: if two hex digits of 80..FF
 * follow it.
 */
export type ResourcePath = string & { readonly __brand: 'ResourcePath' };

export const ROOT = '' as ResourcePath;

const ESCAPE = '\u201B';
const ESCAPED_BYTE = /\u201B([89A-F][0-9A-F])/g;
const AMBIGUOUS_ESCAPE = /\u201B(?=[89A-F][0-9A-F])/g;

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Returns the path of these bytes. Total and injective: different bytes have different paths. */
export function pathFromBytes(bytes: Uint8Array): ResourcePath {
  return decodeUtf8(bytes) as ResourcePath;
}

/** Returns the bytes that a path came from: `bytesFromPath(pathFromBytes(b))` equals `b`. */
export function bytesFromPath(path: ResourcePath): Uint8Array {
  if (!path.includes(ESCAPE)) return encoder.encode(path);
  const chunks: Uint8Array[] = [];
  let end = 0;
  for (const match of path.matchAll(ESCAPED_BYTE)) {
    chunks.push(encoder.encode(path.slice(end, match.index)));
    chunks.push(Uint8Array.of(Number.parseInt(match[1] as string, 16)));
    end = match.index + match[0].length;
  }
  chunks.push(encoder.encode(path.slice(end)));
  return concat(chunks);
}

/** Returns the last segment. */
export function nameOf(path: ResourcePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Returns the collection that contains it; the root is its own parent. */
export function parentOf(path: ResourcePath): ResourcePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) as ResourcePath;
}

/** Returns a path and all collections that contain it, the root last. */
export function withAncestors(path: ResourcePath): readonly ResourcePath[] {
  const paths = [path];
  for (let at = path; at !== ROOT; ) {
    at = parentOf(at);
    paths.push(at);
  }
  return paths;
}

/** Returns how many collections deep it lies: 0 for the root, 1 for its members. */
export function depthOf(path: ResourcePath): number {
  if (path === ROOT) return 0;
  let depth = 1;
  for (let i = path.indexOf('/'); i !== -1; i = path.indexOf('/', i + 1)) depth++;
  return depth;
}

/** Whether `path` is `ancestor` or lies anywhere below it. */
export function isWithin(path: ResourcePath, ancestor: ResourcePath): boolean {
  return ancestor === ROOT || path === ancestor || path.startsWith(`${ancestor}/`);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes).replace(AMBIGUOUS_ESCAPE, `${ESCAPE}E2${ESCAPE}80${ESCAPE}9B`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decodeMixed(bytes);
  }
}

/** Takes the longest valid characters one by one and escapes the bytes between them. */
function decodeMixed(bytes: Uint8Array): string {
  let text = '';
  let runStart = 0;
  let at = 0;
  const flush = () => {
    if (runStart < at) text += decodeUtf8(bytes.subarray(runStart, at));
  };
  while (at < bytes.length) {
    const length = utf8CharacterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    flush();
    text += ESCAPE + (bytes[at] as number).toString(16).toUpperCase();
    at += 1;
    runStart = at;
  }
  flush();
  return text;
}

/** Returns the length of the well-formed UTF-8 character at `at` (Unicode 16, table 3-7), or 0 if there is none. */
function utf8CharacterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const inRange = (offset: number, low: number, high: number) => {
    const byte = bytes[at + offset];
    return byte !== undefined && byte >= low && byte <= high;
  };
  const continues = (offset: number) => inRange(offset, 0x80, 0xbf);
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80; // no overlong form
    const high = first === 0xed ? 0x9f : 0xbf; // no surrogate
    return inRange(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf; // nothing beyond U+10FFFF
    return inRange(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
