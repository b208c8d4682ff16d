import type { PageRequest } from '../../domain/lists/page.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { HttpContext } from '../reply/context.js';
import { listBody } from '../reply/envelope.js';
import { ignoredHeader } from '../reply/ignored.js';
import { linkHeader, linksOf, type Position, pagesOf } from '../reply/links.js';
import { TOTAL_HEADER } from '../reply/paging.js';
import { refuseFaults } from '../reply/problem.js';
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

/**
 * Refuses a list with too many rows, naming the parameter that helps: a smaller page or, in pages, another order. Throws
 * any other error again.
 */
export function refuseTooMany(c: HttpContext, page: PageRequest | undefined, error: unknown): Response {
  if (!(error instanceof OvadexError && error.code === 'usage')) throw error;
  const parameter = page === undefined ? 'per_page' : 'sort';
  return refuseFaults(c, [{ parameter, detail: `${parameter}: ${error.message}` }]);
}
