import { type Cursor, cursorAt, type KeyTypes } from '../../domain/lists/cursor.js';
import { pageOfCursor, readCursor, writeCursor } from '../../domain/lists/cursor-text.js';
import type { KeyTerm, KeyValue } from '../../domain/lists/order.js';
import { DEFAULT_PER_PAGE, MAX_PER_PAGE, type PagePlace, type PageRequest } from '../../domain/lists/page.js';
import { OvadexError } from '../../domain/model/errors.js';
import { quote } from '../../domain/text/quote.js';
import type { Neighbour, Position } from './links.js';
import type { ParameterFault } from './problem.js';
import { collect } from './query-string.js';

/** Number of rows of the whole list, so that HEAD counts them. */
export const TOTAL_HEADER = 'X-Total-Count';
/** When the list was last whole; also sent with a 304, when the client has all else. */
export const SYNCED_HEADER = 'X-Synced-On';

export const PAGE_PARAMETERS = ['page', 'per_page', 'cursor'] as const;
type PageValues = Readonly<Record<(typeof PAGE_PARAMETERS)[number], readonly string[]>>;

/** Returns the requested page; undefined if none is, null if faults were found, which are noted. */
export function readPage<Key extends string>(
  values: PageValues,
  order: readonly KeyTerm<Key>[],
  types: KeyTypes<Key>,
  faults: ParameterFault[],
): PageRequest | undefined | null {
  const [page, perPage, cursor] = PAGE_PARAMETERS.map((name) => values[name][0]);
  if (page === undefined && perPage === undefined && cursor === undefined) return undefined;
  const number = collect('page', faults, () => (page === undefined ? null : readCount('page', page)) ?? 'none');
  const size = collect('per_page', faults, () =>
    perPage === undefined ? DEFAULT_PER_PAGE : readCount('per_page', perPage),
  );
  const place = collect('cursor', faults, () => {
    if (cursor === undefined) return 'none';
    // A client that changes the number in an address wants that page, not the one that the cursor leads to.
    if (typeof number === 'number' && number !== pageOfCursor(cursor)) return 'none';
    return readCursor(cursor, order, types);
  });
  if (number === null || size === null || place === null) return null;
  const written = place === 'none' ? { page: 1, cursor: null } : place;
  return {
    number: number === 'none' ? written.page : number,
    // Existing clients ask for larger pages; they follow next_url to the rest.
    size: Math.min(size, MAX_PER_PAGE),
    cursor: written.cursor,
  };
}

function readCount(parameter: string, text: string): number {
  const count = /^\s*\d+\s*$/.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : 0;
  if (count >= 1) return count;
  const allowed =
    parameter === 'page'
      ? 'integers from 1'
      : `integers from 1 to ${MAX_PER_PAGE} (larger ones count as ${MAX_PER_PAGE})`;
  throw new OvadexError('usage', `${parameter}: ${quote(text)} is not a valid ${parameter}; allowed are ${allowed}`);
}

/** Returns the place of this page and its neighbours; undefined for a whole list. */
export function positionOf<Row extends { readonly id: number }, Key extends string>(
  page: PageRequest | undefined,
  place: PagePlace,
  rows: readonly Row[],
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
): Position | undefined {
  if (page === undefined) return undefined;
  const pages = Math.max(1, Math.ceil(place.total / page.size));
  const beside = (side: Cursor['side'], row: Row | undefined, number: number, end: number): Neighbour =>
    row === undefined
      ? { page: end, cursor: null }
      : { page: number, cursor: writeCursor(cursorAt(side, order, keyOf, row), { order, page: number, id: row.id }) };
  return {
    page: page.number,
    pages,
    per_page: page.size,
    total: place.total,
    next: place.hasAfter ? beside('after', rows.at(-1), page.number + 1, 1) : null,
    prev: place.hasBefore ? beside('before', rows[0], Math.max(1, page.number - 1), pages) : null,
  };
}
