import { answer } from './answer.js';
import type { HttpContext } from './context.js';
import { listBody } from './envelope.js';
import { ignoredHeader } from './ignored.js';
import { linksOf } from './links.js';
import { linkHeader, type Position, pagesOf, TOTAL_HEADER } from './paging.js';

/** Answers a list, or a page of one with links to the others; `ignored` as in `Parameters`, `about` as in `listBody`. */
export function answerList(
  c: HttpContext,
  publicUrl: string | null,
  items: readonly object[],
  position: Position | undefined,
  ignored: readonly string[],
  about: object = {},
): Response {
  const links = linksOf(c.req.url, publicUrl);
  const pages = pagesOf(links, items.length, position);
  const told = ignored.length === 0 ? about : { ignored, ...about };
  const headers = { ...linkHeader(pages, position), [TOTAL_HEADER]: `${pages.total}`, ...ignoredHeader(ignored) };
  return answer(c, 200, listBody(c, links, items, pages, told), headers);
}
