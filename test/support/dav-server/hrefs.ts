/** How hrefs are written; servers differ, clients may not care. */
export const HREF_STYLES = [
  'path', // `/images/a%20b.ova`, as Apache and nginx do
  'absolute', // `http://127.0.0.1:1/images/a%20b.ova`, as nephele does
  'wrong-host', // `https://public.example.org/images/a%20b.ova`, from behind a proxy
  'double-slash', // every slash twice, as davrods does with the first
  'no-slash', // no slash behind collections, as Jianguoyun does
  'raw', // spaces, `#`, `?`, quotes and brackets stand as they are, as npm webdav-server has some
  'raw-percent', // a `%` stands as it is where no escape could be seen in it
  'bytes', // bytes beyond ASCII stand as they are, UTF-8 or not
  'encoded', // everything but letters, digits and slashes, slashes too but the first (civetweb)
  'plus-encoded', // `%2B` for a plus, as nephele does; the others leave it
  'lower-case', // `%c3%a9`, as Apache does
] as const;
export type HrefStyle = (typeof HREF_STYLES)[number];

export interface HrefPlace {
  readonly origin: string;
  /** The URL's path in front of the tree's root, as bytes of one character each, with a slash at both ends. */
  readonly basePath: string;
}

const UNRESERVED = /[A-Za-z0-9\-._~/!$&'()*+,;=:@]/;

/** The href of a path, both as bytes of one character each; not escaped for XML. */
export function writeHref(path: string, isCollection: boolean, style: HrefStyle, place: HrefPlace): string {
  const { origin, basePath } = place;
  const plain = `${basePath}${path}`;
  const bytes = isCollection && path !== '' ? `${plain}/` : plain;
  switch (style) {
    case 'path':
      return escapeBytes(bytes, UNRESERVED);
    case 'absolute':
      return origin + escapeBytes(bytes, UNRESERVED);
    case 'wrong-host':
      return `https://public.example.org${escapeBytes(bytes, UNRESERVED)}`;
    case 'double-slash':
      return escapeBytes(bytes, UNRESERVED).replaceAll('/', '//');
    case 'no-slash':
      return escapeBytes(bytes.replace(/(?<=.)\/$/, ''), UNRESERVED);
    case 'raw':
      return escapeBytes(bytes, /[ -$&-~]/);
    case 'raw-percent':
      // What would read as an escape has to be one.
      return escapeBytes(bytes.replace(/%(?=[0-9A-Fa-f]{2})/g, '%25'), /[A-Za-z0-9\-._~/!$&'()*+,;=:@%]/);
    case 'bytes':
      return escapeBytes(bytes, /[A-Za-z0-9\-._~/!$&'()*+,;=:@\x80-\xff]/);
    case 'encoded':
      return `/${escapeBytes(bytes.slice(1), /[A-Za-z0-9]/)}`;
    case 'plus-encoded':
      return escapeBytes(bytes, /[A-Za-z0-9\-._~/!$&'()*,;=:@]/);
    case 'lower-case':
      return escapeBytes(bytes, UNRESERVED).replace(/%../g, (escaped) => escaped.toLowerCase());
  }
}

function escapeBytes(bytes: string, kept: RegExp): string {
  let text = '';
  for (const byte of bytes) {
    text += kept.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
