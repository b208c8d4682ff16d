import { toJson } from '../../domain/text/printable.js';
import type { HttpContext } from './context.js';
import { type Links, linksJson, type Pages, pagesOf } from './links.js';
import { secondsSpent } from './reply.js';

/** Wraps a whole list or a page of it as the wire contract says; `about` holds further members of `meta`. */
export function listBody(
  c: HttpContext,
  links: Links,
  items: readonly object[],
  pages: Pages = pagesOf(links, items.length, undefined),
  about: object = {},
): string {
  return wrap(c, links, toJson(items), (own) => ({ count: items.length, ...own, pages, ...about }));
}

/** Wraps a single item as the wire contract says. */
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
