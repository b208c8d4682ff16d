import type { Anchor, Cursor } from './cursor.js';

/** The most rows of one page: what clients request at once, some 100 KB of images. */
export const MAX_PER_PAGE = 500;
/** Used if `page` is given without `per_page`: a screenful or two. */
export const DEFAULT_PER_PAGE = 50;

/** A requested page of a list. */
export interface PageRequest {
  /** Counted from 1. With a cursor it is only the client's number for the page; the cursor says where that is. */
  readonly number: number;
  /** The number of rows, from 1 to `MAX_PER_PAGE`. */
  readonly size: number;
  readonly cursor: Cursor | Anchor | null;
}

/** Where the rows of an answer lie in their list. */
export interface PagePlace {
  /** The number of rows in the whole list. */
  readonly total: number;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** Returns where a page lies, by its request, the whole list's length, and whether a row was found beyond it. */
export function placeOf(page: PageRequest, total: number, rows: number, isMoreFound: boolean): PagePlace {
  const { cursor, number, size } = page;
  // The row that a cursor names was on the other side of it, and may still be.
  if (cursor?.side === 'after') return { total, hasBefore: total > 0, hasAfter: isMoreFound };
  if (cursor?.side === 'before') return { total, hasBefore: isMoreFound, hasAfter: total > 0 };
  return { total, hasBefore: number > 1 && total > 0, hasAfter: (number - 1) * size + rows < total && rows > 0 };
}
