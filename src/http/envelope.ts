import type { HttpContext } from './context.js';
import type { Links } from './links.js';

/** A whole list as the wire contract wraps it: `meta.pages` says that this page is all. */
export function listBody(c: HttpContext, links: Links, items: readonly object[], meta: object = {}): string {
  return preparedListBody(c, links, { count: items.length, text: JSON.stringify(items) }, meta);
}

/** The same of a list whose items are JSON already. */
export function preparedListBody(
  c: HttpContext,
  links: Links,
  { count, text }: { readonly count: number; readonly text: string },
  meta: object = {},
): string {
  return wrap(c, links, text, (own) => ({
    count,
    ...own,
    pages: {
      first_url: links.self,
      last_url: links.self,
      next_url: null,
      prev_url: null,
      page: 1,
      pages: 1,
      per_page: count,
      total: count,
    },
    ...meta,
  }));
}

/** One thing in the same wrapping. */
export function itemBody(c: HttpContext, links: Links, item: object): string {
  return wrap(c, links, JSON.stringify(item), (own) => own);
}

interface OwnMeta {
  /** Seconds spent on the answer: five decimals and an `s`. */
  readonly time: string;
  readonly user: string | undefined;
}

function wrap(c: HttpContext, { base, self }: Links, data: string, metaOf: (own: OwnMeta) => object): string {
  const links = JSON.stringify({ api: `${base}/v2/`, self });
  const seconds = (performance.now() - c.get('startedAt')) / 1000;
  const meta = JSON.stringify(metaOf({ time: `${seconds.toFixed(5)}s`, user: c.get('user') }));
  return `{"_links":${links},"data":${data},"meta":${meta}}`;
}

/** A time as the wire contract writes it: RFC 3339, UTC. */
export function timestamp(ms: number): string;
export function timestamp(ms: number | null): string | null;
export function timestamp(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
