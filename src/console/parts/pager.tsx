import { counted, grouped } from '../../domain/text/counted.js';
import { TEXTS } from '../texts/texts.js';
import type { Pages } from '../visit/ask.js';

/** What a page of a list is called: `one` and `many` of it. */
interface Nouns {
  readonly one: string;
  readonly many: string;
}

/** The way to the other pages of a list; `query` is that of this page, which they keep. */
export function Pager({
  pages,
  query,
  nouns,
}: {
  readonly pages: Pages;
  readonly query: URLSearchParams;
  readonly nouns: Nouns;
}) {
  return (
    <nav class="pager" aria-label={TEXTS.pager.label}>
      <span data-count="">
        {counted(pages.total, nouns.one, nouns.many)}
        {pages.pages > 1 && `, ${TEXTS.pager.page} ${grouped(pages.page)} ${TEXTS.pager.of} ${grouped(pages.pages)}`}
      </span>
      {pages.prev_url !== null && (
        <a rel="prev" href={otherPage(query, pages.prev_url)}>
          {TEXTS.pager.previous}
        </a>
      )}
      {pages.next_url !== null && (
        <a rel="next" href={otherPage(query, pages.next_url)}>
          {TEXTS.pager.next}
        </a>
      )}
    </nav>
  );
}

/** Returns the query of another page: this one's, with the place that the API's link to it names. */
export function otherPage(query: URLSearchParams, url: string): string {
  const link = new URL(url, 'http://localhost').searchParams;
  const other = new URLSearchParams(query);
  for (const name of ['page', 'cursor']) {
    const value = link.get(name);
    if (value === null) other.delete(name);
    else other.set(name, value);
  }
  return `?${other}`;
}
