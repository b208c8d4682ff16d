import type { Anchor, Cursor } from './cursor.js';

/** The most rows of one page: what clients ask for in one go, some 100 KB of images. */
export const MAX_PER_PAGE = 500;
/** Where `page` is given and `per_page` isn't: a screenful or two. */
export const DEFAULT_PER_PAGE = 50;

/** One page of a list. */
export interface PageRequest {
  /** From 1. With a cursor it is what the client calls the page; the cursor says where that is. */
  readonly number: number;
  /** From 1 to `MAX_PER_PAGE`. */
  readonly size: number;
  readonly cursor: Cursor | Anchor | null;
}

/** Where the rows of an answer lie in their list. */
export interface PagePlace {
  /** Rows of the whole list. */
  readonly total: number;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** What a page can be read from: its request, the whole list's length, and whether a row was found beyond it. */
export function placeOf(page: PageRequest, total: number, rows: number, isMoreFound: boolean): PagePlace {
  const { cursor, number, size } = page;
  // The row that a cursor names lay on the other side of it, and may still.
  if (cursor?.side === 'after') return { total, hasBefore: total > 0, hasAfter: isMoreFound };
  if (cursor?.side === 'before') return { total, hasBefore: isMoreFound, hasAfter: total > 0 };
  return { total, hasBefore: number > 1 && total > 0, hasAfter: (number - 1) * size + rows < total && rows > 0 };
}
