import { toJson } from '../../domain/text/printable.js';
import { decodeText } from './query-string.js';

/** Characters that a URI must not have (RFC 3986 2) but clients send: `[`, `|`, a `%` that encodes nothing. */
const NOT_IN_URI = /[^!-~]|["<>\\^`{|}[\]]|%(?![\da-f]{2})/giu;

/** The base of the addresses in an answer. */
export interface Links {
  /** Scheme, host and perhaps a path; no trailing slash. */
  readonly base: string;
  /**
   * The request's own address, with every parameter as it was given; characters not allowed in a URI are
   * percent-encoded.
   */
  readonly self: string;
}

/**
 * Returns the links of a request to this absolute URL: below `publicUrl` or, without one, below the host that the
 * request itself named.
 */
export function linksOf(url: string, publicUrl: string | null): Links {
  const pathStart = url.indexOf('/', url.indexOf('//') + 2);
  const fragmentStart = url.indexOf('#', pathStart);
  const target = url.slice(pathStart, fragmentStart === -1 ? undefined : fragmentStart);
  const base = publicUrl ?? url.slice(0, pathStart);
  return { base, self: base + target.replace(NOT_IN_URI, encodeURIComponent) };
}

/** Returns `_links` of an answer as JSON. */
export function linksJson({ base, self }: Links): string {
  return toJson({ api: `${base}/v2/`, self });
}

/** Returns the address at which a sync can be followed. */
export function syncUrl({ base }: Links, syncId: number): string {
  return `${base}/v2/request/image_sync/${syncId}`;
}

/** `meta.pages` of the wire contract. */
export interface Pages {
  readonly first_url: string;
  readonly last_url: string;
  readonly next_url: string | null;
  readonly prev_url: string | null;
  readonly page: number;
  readonly pages: number;
  readonly per_page: number;
  readonly total: number;
}

/** The page before or after another one: its number, and the cursor that leads there exactly. */
export interface Neighbour {
  readonly page: number;
  readonly cursor: string | null;
}

/** The place of a page in its list, without addresses. */
export interface Position extends Pick<Pages, 'page' | 'pages' | 'per_page' | 'total'> {
  readonly next: Neighbour | null;
  readonly prev: Neighbour | null;
}

/** Returns `meta.pages`: absolute addresses that carry every parameter of the request. */
export function pagesOf({ self }: Links, count: number, position: Position | undefined): Pages {
  if (position === undefined) {
    const whole = { page: 1, pages: 1, per_page: count, total: count };
    return { first_url: self, last_url: self, next_url: null, prev_url: null, ...whole };
  }
  const { next, prev, ...numbers } = position;
  const at = addressing(self);
  return {
    first_url: at({ page: 1, cursor: null }),
    last_url: at({ page: numbers.pages, cursor: null }),
    next_url: next && at(next),
    prev_url: prev && at(prev),
    ...numbers,
  };
}

/** Half of the head that nginx accepts from a server by default (4 KB): with more, the whole answer becomes a 502. */
const MAX_LINK = 2_000;
/** The links in the order in which they are left out if together they are too long: the body has them all. */
const LEAST_NEEDED = ['prev', 'first', 'last', 'next'] as const;

/** Returns the pages as a `Link` header (RFC 8288), as far as there is room; nothing for a whole list. */
export function linkHeader({ first_url, last_url, next_url, prev_url }: Pages, position: Position | undefined) {
  if (position === undefined) return {};
  const links = { first: first_url, prev: prev_url, next: next_url, last: last_url };
  const written = new Map(
    Object.entries(links).flatMap(([rel, url]) =>
      url === null ? [] : [[rel, `<${url.replace(/[^!-~]|[<>"]/g, encodeURIComponent)}>; rel="${rel}"`]],
    ),
  );
  const text = () => [...written.values()].join(', ');
  for (const rel of LEAST_NEEDED) if (text().length > MAX_LINK) written.delete(rel);
  return written.size === 0 ? {} : { Link: text() };
}

/** Returns the address of a request for changes that goes on from this point. */
export function nextChangesUrl({ self }: Links, since: string): string {
  const [target = '', ...query] = self.split('?');
  const kept = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && decodeText(pair.split('=', 1)[0] ?? '')?.replace(/\[\d*\]$/, '') !== 'since');
  return `${target}?${[...kept, `since=${since}`].join('&')}`;
}

function addressing(self: string): (neighbour: Neighbour) => string {
  const [target = '', ...query] = self.split('?');
  const kept = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && !['page', 'cursor'].includes(decodeText(pair.split('=', 1)[0] ?? '') ?? ''));
  return ({ page, cursor }) =>
    `${target}?${[...kept, `page=${page}`, ...(cursor === null ? [] : [`cursor=${cursor}`])].join('&')}`;
}
