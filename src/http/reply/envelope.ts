import { toJson } from '../../domain/text/printable.js';
import { type HttpContext, secondsSpent } from './context.js';
import type { Links } from './links.js';
import { type Pages, pagesOf } from './paging.js';

/** A list as the wire contract wraps it: the whole of it, or this page; `about` is what else `meta` says of it. */
export function listBody(
  c: HttpContext,
  links: Links,
  items: readonly object[],
  pages: Pages = pagesOf(links, items.length, undefined),
  about: object = {},
): string {
  return wrap(c, links, toJson(items), (own) => ({ count: items.length, ...own, pages, ...about }));
}

/** What is before the items of an image list, which are JSON already, and what is behind, up to the value of `meta.index`. */
export function listHead(links: Links): string {
  return `{"_links":${ownLinks(links)},"data":[`;
}

export function listEnd(user: string, count: number, pages: Pages, ignored: readonly string[]): string {
  const told = ignored.length === 0 ? { count, user, pages } : { count, user, ignored, pages };
  return `],"meta":${toJson(told).slice(0, -1)},"index":`;
}

/** One thing in the same wrapping. */
export function itemBody(c: HttpContext, links: Links, item: object): string {
  return wrap(c, links, toJson(item), (own) => own);
}

interface OwnMeta {
  /** Seconds spent on the answer: five decimals and an `s`. */
  readonly time: string;
  readonly user: string | undefined;
}

function wrap(c: HttpContext, links: Links, data: string, metaOf: (own: OwnMeta) => object): string {
  const meta = toJson(metaOf({ time: `${secondsSpent(c).toFixed(5)}s`, user: c.get('user') }));
  return `{"_links":${ownLinks(links)},"data":${data},"meta":${meta}}`;
}

function ownLinks({ base, self }: Links): string {
  return toJson({ api: `${base}/v2/`, self });
}
