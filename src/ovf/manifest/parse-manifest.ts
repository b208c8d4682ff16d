import { pathFromBytes } from '../../domain/model/path.js';

/** The digests that a manifest may have, as node:crypto calls them. */
export type DigestName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** What a manifest says of one file. */
export interface ManifestEntry {
  readonly name: string;
  readonly algorithm: DigestName;
  /** In lower-case hex. */
  readonly sum: string;
}

/** A manifest, with the lines that are none of its forms. */
export interface Manifest {
  readonly entries: readonly ManifestEntry[];
  readonly strange: readonly string[];
}

/** From the shortest to the longest. */
export const DIGESTS: readonly DigestName[] = ['sha1', 'sha256', 'sha384', 'sha512'];

const HEX_LENGTHS: Readonly<Record<DigestName, number>> = { sha1: 40, sha256: 64, sha384: 96, sha512: 128 };
/** OpenSSL calls SHA-256 `SHA2-256` since its version 3. */
const NAMED = /^sha(?:2-(?!1\b)|-)?(1|256|384|512)\s*\((.*)\)\s*=\s*([0-9a-f]+)$/i;
/** What sha1sum and its like write; a star means binary. */
const UNNAMED = /^([0-9a-f]{40,128}) [ *](.+)$/i;

/**
 * Returns the text of a manifest's bytes. Windows' shell writes UTF-16 with a byte order mark; all others are read as
 * names are, so that one that isn't UTF-8 is called as its file is.
 */
export function manifestText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return pathFromBytes(bytes);
}

/** Reads a manifest: `SHA256(name)= sum` with or without blanks, or the form of sha1sum. Lines may end with CR LF. */
export function parseManifest(text: string): Manifest {
  const entries: ManifestEntry[] = [];
  const strange: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const entry = entryIn(trimmed);
    if (entry === null) strange.push(trimmed);
    else entries.push(entry);
  }
  return { entries, strange };
}

function entryIn(line: string): ManifestEntry | null {
  const named = NAMED.exec(line);
  if (named !== null) {
    const [, bits = '', name = '', sum = ''] = named;
    return entryOf(`sha${bits}` as DigestName, name, sum);
  }
  const [, sum = '', name = ''] = UNNAMED.exec(line) ?? [];
  const algorithm = (Object.keys(HEX_LENGTHS) as DigestName[]).find((each) => HEX_LENGTHS[each] === sum.length);
  return algorithm === undefined ? null : entryOf(algorithm, name, sum);
}

function entryOf(algorithm: DigestName, name: string, sum: string): ManifestEntry | null {
  if (sum.length !== HEX_LENGTHS[algorithm] || name === '') return null;
  return { name, algorithm, sum: sum.toLowerCase() };
}
