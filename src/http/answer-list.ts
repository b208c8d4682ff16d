import { answer } from './answer.js';
import type { HttpContext } from './context.js';
import { listBody } from './envelope.js';
import { linksOf } from './links.js';
import { linkHeader, type Position, pagesOf } from './paging.js';

/** Answers a list, or a page of one with links to the others; `about` as in `listBody`. */
export function answerList(
  c: HttpContext,
  publicUrl: string | null,
  items: readonly object[],
  position: Position | undefined,
  about: object = {},
): Response {
  const links = linksOf(c.req.url, publicUrl);
  const pages = pagesOf(links, items.length, position);
  return answer(c, 200, listBody(c, links, items, pages, about), linkHeader(pages, position));
}
