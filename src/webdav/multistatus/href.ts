import { isImageName, nameKey } from '../../domain/model/image.js';
import { bytesFromPath, pathFromBytes, type ResourcePath, ROOT } from '../../domain/model/path.js';

/** The path of an href below a space's root, or why it has none. */
export type HrefReader = (href: string) => ResourcePath | UnreadableHref;

export interface UnreadableHref {
  /** Whether it lies outside the space; if not, it lies inside but can't be a resource. */
  readonly isOutside: boolean;
  readonly reason: string;
}

/** Printable ASCII that needs no escaping in an href, without slash and question mark. */
const PLAIN_NAME = /^[!-$&-.0->@-~]+$/;
const SLASH = 0x2f;
const ASCII = /^[\0-\x7f]*$/;
const SCHEME_AND_HOST = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;
const ESCAPED_BYTE = /%([0-9a-f]{2})/gi;
/** `.`, `..` and NUL are not names; a client that followed them would leave the collection. */
const UNUSABLE = /(?:^|\/)\.\.?(?:\/|$)|\0/;

/**
 * Reads the name of a member out of its href if that is the path of its collection, as requests have it, and a plain name
 * after it, as nearly all are; null for any other, of which `createHrefReader` knows what it means.
 */
export function createPlainNameReader(basePath: string, collection: ResourcePath): (href: string) => string | null {
  const prefix = `${basePath}${collectionHref(collection)}`;
  return (href) => {
    // Five times as fast as `startsWith`.
    if (href.slice(0, prefix.length) !== prefix) return null;
    const last = href.length - 1;
    const name = href.slice(prefix.length, href.charCodeAt(last) === SLASH ? last : href.length);
    return PLAIN_NAME.test(name) && name !== '.' && name !== '..' ? name : null;
  };
}

/**
 * Compares hrefs by their decoded bytes, since every server encodes them in its own way: absolute URL or path, `%5b` or
 * `[`, even unescaped `#`, `?` or `%`, sometimes escaped slashes, often one slash too many. Scheme and host are
 * ignored: behind a proxy they are wrong. Bytes are decoded once, and `+` is a plus.
 *
 * `basePath` is the space's URL path, `collection` the one that is being listed.
 */
export function createHrefReader(basePath: string, collection: ResourcePath): HrefReader {
  const base = decodedBytes(`${basePath}/`);
  const plainNameOf = createPlainNameReader(basePath, collection);
  const childPrefix = collection === ROOT ? '' : `${collection}/`;

  return (href) => {
    if (href === '') return inside('it is empty');
    const text = href.startsWith('/') ? href : href.replace(SCHEME_AND_HOST, '');
    const name = plainNameOf(text);
    if (name !== null) return `${childPrefix}${name}` as ResourcePath;
    if (text === '' && !URL.canParse(href)) return inside('it is not a URL');
    if (text !== '' && !text.startsWith('/')) return inside('it is neither a URL nor an absolute path');
    const bytes = decodedBytes(withoutQuery(text));
    if (`${bytes}/` === base) return ROOT;
    if (!bytes.startsWith(base)) return { isOutside: true, reason: whyOutside(bytes, base) };
    const rest = bytes.slice(base.length, bytes.endsWith('/') ? -1 : undefined);
    if (UNUSABLE.test(rest)) return inside('".", ".." and texts with a NUL are not names');
    return ASCII.test(rest) ? (rest as ResourcePath) : pathFromBytes(Buffer.from(rest, 'latin1'));
  };
}

function inside(reason: string): UnreadableHref {
  return { isOutside: false, reason };
}

const QUERY = /^[^/?=]+=[^/?]*$/;

/**
 * RFC 4918 8.3 allows a query, and several servers leave a `?` in a name as it is. It begins a query if a key and value
 * follow the path of an image or collection; otherwise it belongs to the name.
 */
function withoutQuery(text: string): string {
  const mark = text.indexOf('?');
  if (mark === -1) return text;
  const [path, rest] = [text.slice(0, mark), text.slice(mark + 1)] as const;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isQuery = QUERY.test(rest) && (name === '' || isImageName(name)) && !isImageName(rest);
  return isQuery ? path : text;
}

/** Explains the likely reason if the hrefs of an answer lie outside the space. */
function whyOutside(bytes: string, base: string): string {
  const [path, wanted] = [bytes, base].map((each) => Buffer.from(each, 'latin1').toString('utf8')) as [string, string];
  if (nameKey(`${path}/`).startsWith(nameKey(wanted))) {
    return `it differs from the space's URL only in case or Unicode form; write the URL as the storage does`;
  }
  const prefix = missingPrefix(path, wanted);
  if (prefix !== null) {
    return `it lacks ${JSON.stringify(prefix)}: if a proxy in between removes it from requests, make the proxy pass paths on unchanged`;
  }
  return "it lies outside the space's URL";
}

/** Returns the beginning of the space's path that this one lacks, or null. */
function missingPrefix(path: string, base: string): string | null {
  for (let at = base.indexOf('/', 1); at !== -1 && at < base.length - 1; at = base.indexOf('/', at + 1)) {
    if (`${path}/`.startsWith(base.slice(at))) return base.slice(0, at);
  }
  return null;
}

/** Decodes an href's path to bytes, one character each, with exactly one slash in front and between names. */
function decodedBytes(text: string): string {
  const bytes = ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
  const decoded = bytes.includes('%')
    ? bytes.replace(ESCAPED_BYTE, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : bytes;
  return decoded.includes('//') || decoded === '' ? decoded.replace(/^$|\/{2,}/g, '/') : decoded;
}

/**
 * Characters that need no escaping in a path (RFC 3986 3.3). Yaws answers 404 if a sub-delimiter in a folder's name is
 * escaped, as 2.2 allows.
 */
const PLAIN = /[A-Za-z0-9\-._~!$&'()*+,;=:@]/;
const PLAIN_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;
const SUB_DELIMITERS = /[!$&'()*+,;=:@]/g;
const ENCODED_BYTES = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return PLAIN.test(character) || character === '/' ? character : escaped(byte);
});

function escaped(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Builds the URL path below the space's root for exactly these bytes, escaping as little as possible. */
export function hrefFromPath(path: ResourcePath): string {
  if (PLAIN_PATH.test(path)) return path;
  let href = '';
  for (const byte of bytesFromPath(path)) href += ENCODED_BYTES[byte];
  return href;
}

/** Escapes as much of an href as possible: to servlets `;` begins a parameter, and some servers take `+` for a space. */
export function wholeEncoded(href: string): string {
  return href.replace(SUB_DELIMITERS, (character) => escaped(character.charCodeAt(0)));
}

/** Rewrites any href as `hrefFromPath` would write it; necessary escapes are kept as they are. */
export function leastEncoded(href: string): string {
  return href.replace(ESCAPED_BYTE, (text, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return PLAIN.test(character) ? character : text;
  });
}

/** Builds the URL path of a collection, which ends in a slash (RFC 4918 5.2); the root is the empty string. */
export function collectionHref(path: ResourcePath): string {
  return path === ROOT ? '' : `${hrefFromPath(path)}/`;
}
