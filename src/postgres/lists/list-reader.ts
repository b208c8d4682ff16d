import { type Anchor, type Cursor, cursorOf } from '../../domain/lists/cursor.js';
import type { KeyTerm, KeyValue } from '../../domain/lists/order.js';
import { type PagePlace, type PageRequest, placeOf } from '../../domain/lists/page.js';
import type { Condition } from '../../sql/dialect.js';
import {
  anchorSql,
  countSql,
  type KeyColumns,
  keysSql,
  type ListSource,
  listSql,
  nameOfKey,
  rowsSql,
  type Slice,
} from '../../sql/list-sql.js';
import { lastSkipped, shortestWay, sliceOf, wayBehind } from '../../sql/page-seek.js';
import type { Session } from '../connection/database.js';

/** A list in an order. */
export interface OrderedList<Key extends string> {
  readonly source: ListSource;
  readonly order: readonly KeyTerm<Key>[];
  readonly columnOf: KeyColumns<Key>;
  /** Set if an index has the keys of all rows in this order, so that many are skipped quickly. */
  readonly isWalked?: boolean;
}

/**
 * Reads the rows of a list: all, or those of a page. `total` is called if a page needs it, and counts them unless it is
 * known otherwise. To see a single moment, call it within `Database.read`.
 */
export async function readList<Row extends object, Key extends string>(
  session: Session,
  list: OrderedList<Key>,
  page: PageRequest | undefined,
  total: () => Promise<number> = () => countList(session, list.source),
): Promise<{ readonly rows: readonly Row[]; readonly place: PagePlace }> {
  const { source, order, columnOf } = list;
  if (page === undefined) {
    const rows = await rowsOf<Row>(session, listSql(source, order, columnOf, { kind: 'all' }));
    return { rows, place: { total: rows.length, hasBefore: false, hasAfter: false } };
  }
  const { size, number } = page;
  if (page.cursor !== null) {
    const cursor = await placed(session, list, page.cursor);
    // One row more tells if there is a further page.
    const slice = { kind: 'beside', limit: size + 1, offset: 0, cursor } as const;
    const [found, count] = await Promise.all([rowsOf<Row>(session, listSql(source, order, columnOf, slice)), total()]);
    const rows = found.slice(0, size);
    if (cursor.side === 'before') rows.reverse();
    return { rows, place: placeOf(page, count, rows.length, found.length > size) };
  }
  if (number === 1) {
    const slice = { kind: 'offset', limit: size, offset: 0, isReversed: false } as const;
    const [rows, count] = await Promise.all([rowsOf<Row>(session, listSql(source, order, columnOf, slice)), total()]);
    return { rows, place: placeOf(page, count, rows.length, false) };
  }
  const count = await total();
  const offset = (number - 1) * size;
  if (offset >= count) return { rows: [], place: placeOf(page, count, 0, false) };
  const limit = Math.min(size, count - offset);
  const shortest = shortestWay(offset, limit, count, undefined);
  const isWalked = list.isWalked === true && shortest.skipped > 0;
  const way = isWalked
    ? wayBehind(shortest, await keysOf(session, list, walkSql(list, lastSkipped(shortest))))
    : shortest;
  const rows = [...(await rowsOf<Row>(session, listSql(source, order, columnOf, sliceOf(way, limit))))];
  if (way.side === 'before') rows.reverse();
  return { rows, place: placeOf(page, count, rows.length, false) };
}

/** Counts the rows of a list. */
export function countList(session: Session, source: ListSource): Promise<number> {
  return oneValue(session, countSql(source));
}

/** Returns the one value of a source that is an aggregate. */
export function sumList(session: Session, source: ListSource): Promise<number> {
  return oneValue(session, rowsSql(source));
}

/** Returns a statement with `$1`, `$2` and so on in place of each `?`. */
export function numbered(sql: string): string {
  let number = 0;
  return sql.replaceAll('?', () => `$${++number}`);
}

function rowsOf<Row extends object>(session: Session, { sql, parameters }: Condition): Promise<readonly Row[]> {
  return session.rows<Row>(numbered(sql), parameters);
}

async function oneValue(session: Session, statement: Condition): Promise<number> {
  const [row] = await rowsOf<Readonly<Record<string, number>>>(session, statement);
  return Object.values(row ?? {})[0] ?? 0;
}

/** Returns the cursor itself, or that of an anchor. */
async function placed<Key extends string>(
  session: Session,
  { source, order, columnOf }: OrderedList<Key>,
  cursor: Cursor | Anchor,
): Promise<Cursor> {
  if (!('id' in cursor)) return cursor;
  const statement = anchorSql(source, order, columnOf, cursor.id);
  return cursorOf(cursor, statement === null ? undefined : await keysOf(session, { order }, statement));
}

/** Selects the keys of some rows and nothing else, which the index has. */
function walkSql<Key extends string>({ source, order, columnOf }: OrderedList<Key>, slice: Slice): Condition {
  return listSql({ ...source, columns: keysSql(order, columnOf) }, order, columnOf, slice);
}

/** Reads the keys of the first row; an unknown number is -1. */
async function keysOf(
  session: Session,
  { order }: Pick<OrderedList<string>, 'order'>,
  statement: Condition,
): Promise<Cursor['keys'] | undefined> {
  const [row] = await rowsOf<Readonly<Record<string, KeyValue>>>(session, statement);
  return row && order.map((_, i) => row[nameOfKey(i)] ?? -1);
}
