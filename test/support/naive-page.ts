import { type Anchor, type Cursor, cursorOf } from '../../src/domain/lists/cursor.js';
import { compareBy, type KeyTerm, type KeyValue } from '../../src/domain/lists/order.js';
import { type PagePlace, type PageRequest, placeOf } from '../../src/domain/lists/page.js';

/** A page of a list that is in memory as a whole: what an index must answer, said as shortly as possible. */
export function naivePage<Row extends { readonly id: number }, Key extends string>(
  rows: readonly Row[],
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
  page: PageRequest | undefined,
  /** The rows that an anchor may be at. */
  all: readonly Row[] = rows,
): { readonly rows: readonly Row[]; readonly place: PagePlace } {
  const total = rows.length;
  const sorted = rows.toSorted(compareBy(order, keyOf));
  if (page === undefined) return { rows: sorted, place: { total, hasBefore: false, hasAfter: false } };
  const { number, size } = page;
  if (page.cursor === null) {
    const found = sorted.slice((number - 1) * size, number * size);
    return { rows: found, place: placeOf(page, total, found.length, false) };
  }
  const cursor = placed(page.cursor, order, keyOf, all);
  const keys = new Map(order.map(({ key }, i) => [key, cursor.keys[i] ?? null]));
  const compare = compareBy<Key, Row | null>(order, (row, key) =>
    row === null ? (keys.get(key) ?? null) : keyOf(row, key),
  );
  const isBehind = (row: Row) => (cursor.side === 'after' ? compare(row, null) > 0 : compare(row, null) < 0);
  const beyond = sorted.filter(isBehind);
  const found = cursor.side === 'after' ? beyond.slice(0, size) : beyond.slice(-size);
  return { rows: found, place: placeOf(page, total, found.length, beyond.length > size) };
}

function placed<Row extends { readonly id: number }, Key extends string>(
  cursor: Cursor | Anchor,
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
  all: readonly Row[],
): Cursor {
  if (!('id' in cursor)) return cursor;
  const row = all.find(({ id }) => id === cursor.id);
  return cursorOf(cursor, row && order.map(({ key }) => keyOf(row, key)));
}
