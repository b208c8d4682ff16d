import type { HttpContext } from '../reply/context.js';
import { listBody } from '../reply/envelope.js';
import { ignoredHeader } from '../reply/ignored.js';
import { linkHeader, linksOf, type Position, pagesOf } from '../reply/links.js';
import { TOTAL_HEADER } from '../reply/paging.js';
import { answer } from '../reply/reply.js';

/** Answers with a list, or a page with links to the others; `ignored` as in `Parameters`, `about` as in `listBody`. */
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
