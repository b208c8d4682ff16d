import { isImageName, nameKey } from '../../domain/model/image.js';
import { bytesFromPath, pathFromBytes, type ResourcePath, ROOT } from '../../domain/model/path.js';

/** The path of an href below a space's root, or why it has none. */
export type HrefReader = (href: string) => ResourcePath | UnreadableHref;

export interface UnreadableHref {
  /** It lies outside the space; else it lies inside and can't be a resource. */
  readonly isOutside: boolean;
  readonly reason: string;
}

/** Printable ASCII that stands for itself in an href, without a slash and a question mark. */
const PLAIN_NAME = /^[!-$&-.0->@-~]+$/;
const ASCII = /^[\0-\x7f]*$/;
const SCHEME_AND_HOST = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;
const ESCAPED_BYTE = /%([0-9a-f]{2})/gi;
/** `.`, `..` and NUL are no names; a client that followed them would leave the collection. */
const UNUSABLE = /(?:^|\/)\.\.?(?:\/|$)|\0/;

/**
 * Reads hrefs by their decoded bytes, since servers encode them each in its own way: absolute URL or path, `%5b` or
 * `[`, even `#`, `?` or a lone `%` as they are, sometimes the slashes too, often one slash too many. Scheme and host
 * are ignored: behind a proxy they are wrong. Bytes are decoded once, and `+` is a plus.
 *
 * `basePath` is the space's URL path, `collection` the one that is being listed.
 */
export function createHrefReader(basePath: string, collection: ResourcePath): HrefReader {
  const base = decodedBytes(`${basePath}/`);
  const plainPrefix = `${basePath}${collectionHref(collection)}`;
  const childPrefix = collection === ROOT ? '' : `${collection}/`;

  return (href) => {
    if (href === '') return inside('it is empty');
    const text = href.startsWith('/') ? href : href.replace(SCHEME_AND_HOST, '');
    // Nearly every member of a collection has a plain name behind the collection's own path.
    if (text.startsWith(plainPrefix)) {
      const end = text.endsWith('/') ? text.length - 1 : text.length;
      const name = text.slice(plainPrefix.length, end);
      if (PLAIN_NAME.test(name) && name !== '.' && name !== '..') return `${childPrefix}${name}` as ResourcePath;
    }
    if (text === '' && !URL.canParse(href)) return inside('it is no URL');
    if (text !== '' && !text.startsWith('/')) return inside('it is neither a URL nor an absolute path');
    const bytes = decodedBytes(withoutQuery(text));
    if (`${bytes}/` === base) return ROOT;
    if (!bytes.startsWith(base)) return { isOutside: true, reason: whyOutside(bytes, base) };
    const rest = bytes.slice(base.length, bytes.endsWith('/') ? -1 : undefined);
    if (UNUSABLE.test(rest)) return inside('"." and ".." and names with a NUL are no names');
    return ASCII.test(rest) ? (rest as ResourcePath) : pathFromBytes(Buffer.from(rest, 'latin1'));
  };
}

function inside(reason: string): UnreadableHref {
  return { isOutside: false, reason };
}

const QUERY = /^[^/?=]+=[^/?]*$/;

/**
 * RFC 4918 8.3 allows a query, and several servers leave a `?` in a name as it is. It begins a query where a key and its
 * value stand behind the path of an image or of a collection; else it belongs to the name.
 */
function withoutQuery(text: string): string {
  const mark = text.indexOf('?');
  if (mark === -1) return text;
  const [path, rest] = [text.slice(0, mark), text.slice(mark + 1)] as const;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isQuery = QUERY.test(rest) && (name === '' || isImageName(name)) && !isImageName(rest);
  return isQuery ? path : text;
}

/** What is likely to be wrong where the hrefs of an answer lie outside the space. */
function whyOutside(bytes: string, base: string): string {
  const [path, wanted] = [bytes, base].map((each) => Buffer.from(each, 'latin1').toString('utf8')) as [string, string];
  if (nameKey(`${path}/`).startsWith(nameKey(wanted))) {
    return `it differs from the space's URL in upper and lower case or in the form of its letters; the URL has to be written as the storage writes it`;
  }
  const prefix = missingPrefix(path, wanted);
  if (prefix !== null) {
    return `it lacks ${JSON.stringify(prefix)}: a proxy in between that takes it from the requests has to pass paths on as they are`;
  }
  return "it lies outside the space's URL";
}

/** What stands in front of the space's path and not in front of this one, or null. */
function missingPrefix(path: string, base: string): string | null {
  for (let at = base.indexOf('/', 1); at !== -1 && at < base.length - 1; at = base.indexOf('/', at + 1)) {
    if (`${path}/`.startsWith(base.slice(at))) return base.slice(0, at);
  }
  return null;
}

/** The bytes of an href's path, one character each, exactly one slash in front and between. */
function decodedBytes(text: string): string {
  const bytes = ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
  const decoded = bytes.includes('%')
    ? bytes.replace(ESCAPED_BYTE, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : bytes;
  return decoded.includes('//') || decoded === '' ? decoded.replace(/^$|\/{2,}/g, '/') : decoded;
}

/**
 * RFC 3986 3.3: what stands for itself in a path. Yaws answers 404 where a sub-delimiter of a folder's name is escaped,
 * as 2.2 lets it.
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

/** The URL path below the space's root that leads to these very bytes, with as little escaped as can be. */
export function hrefFromPath(path: ResourcePath): string {
  if (PLAIN_PATH.test(path)) return path;
  let href = '';
  for (const byte of bytesFromPath(path)) href += ENCODED_BYTES[byte];
  return href;
}

/** The same with as much escaped as can be: to servlets `;` begins a parameter, and some servers take `+` for a blank. */
export function wholeEncoded(href: string): string {
  return href.replace(SUB_DELIMITERS, (character) => escaped(character.charCodeAt(0)));
}

/** An href as `hrefFromPath` would have it, whoever wrote it; what has to be escaped stays as it is. */
export function leastEncoded(href: string): string {
  return href.replace(ESCAPED_BYTE, (text, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return PLAIN.test(character) ? character : text;
  });
}

/** The same of a collection, which ends in a slash (RFC 4918 5.2); the root is the empty string. */
export function collectionHref(path: ResourcePath): string {
  return path === ROOT ? '' : `${hrefFromPath(path)}/`;
}
