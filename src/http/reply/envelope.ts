import { toJson } from '../../domain/text/printable.js';
import type { HttpContext } from './context.js';
import { type Links, linksJson, type Pages, pagesOf } from './links.js';
import { secondsSpent } from './reply.js';

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
  return `{"_links":${linksJson(links)},"data":${data},"meta":${meta}}`;
}
