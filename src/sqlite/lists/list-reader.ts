import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { type Anchor, type Cursor, cursorOf } from '../../domain/lists/cursor.js';
import type { KeyTerm, KeyValue } from '../../domain/lists/order.js';
import { type PagePlace, type PageRequest, placeOf } from '../../domain/lists/page.js';
import { nameKey } from '../../domain/model/image.js';
import type { Condition, SqlValue } from '../../sql/dialect.js';
import { anchorSql, countSql, type KeyColumns, type ListSource, listSql, rowsSql } from '../../sql/list-sql.js';
import type { Landmarks } from '../../sql/page-anchors.js';
import { type ReadKeys, shortestWay, sliceOf, type Walk, walkAlong, walkTo } from '../../sql/page-seek.js';

/** Orders and numbers of filters that are used in practice; each costs a few KB and half a millisecond to prepare. */
const PREPARED_LISTS = 100;

type Parameters = SqlValue[];

export interface ListLandmarks<Row> {
  readonly of: Landmarks;
  readonly keysOf: (row: Row) => Cursor['keys'];
  readonly walk: ListSource | null;
}

export interface ListReader {
  /**
   * Reads the rows of a source: all, or those of a page. `total` is called if a page needs it; `landmarks` are those of
   * the very same rows in this order, `walk` is their keys if an index has them.
   */
  read<Row, Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
    page: PageRequest | undefined,
    total: () => number,
    landmarks?: ListLandmarks<Row>,
  ): { readonly rows: readonly Row[]; readonly place: PagePlace };
  /** Returns the cursor itself, or that of an anchor; throws OvadexError `usage` if its row isn't what it was. */
  cursorOf<Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
    cursor: Cursor | Anchor,
  ): Cursor;
  /** Returns what reads the keys of a row by its id, whether or not it is in the list; undefined if an anchor can't be there. */
  keysById<Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
  ): (id: number) => readonly KeyValue[] | undefined;
  /** Prepares landmarks until some rows of a list aren't far from one. */
  approach<Key extends string>(walk: Walk<Key>, offset: number, limit: number): void;
  /** Iterates over all rows; the connection can do nothing else until they are read or the iteration ends. */
  each<Row, Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
  ): IterableIterator<Row>;
  count(source: ListSource): number;
  /** Returns the one value of a source that is an aggregate. */
  sum(source: ListSource): number;
}

/**
 * Creates a reader of lists in any order and any part, with each row as an array of the source's columns or as an
 * object with their names. To see a single moment, call it within a transaction.
 */
export function createListReader(db: Database, kind: 'arrays' | 'objects' = 'arrays'): ListReader {
  db.function('name_key', { deterministic: true }, (text) => (text === null ? null : nameKey(`${text}`)));
  const lists = new LRUCache<string, Statement<Parameters, unknown>>({ max: PREPARED_LISTS });
  const values = new LRUCache<string, Statement<Parameters, number>>({ max: PREPARED_LISTS });

  const prepared = (sql: string, areArrays: boolean) => {
    const statement = lists.get(sql) ?? db.prepare<Parameters, unknown>(sql).raw(areArrays);
    lists.set(sql, statement);
    return statement;
  };
  const all = ({ sql, parameters }: Condition, areArrays = kind === 'arrays') =>
    prepared(sql, areArrays).all(...parameters);
  const valueFor = ({ sql, parameters }: Condition): number => {
    const statement = values.get(sql) ?? db.prepare<Parameters, number>(sql).pluck();
    values.set(sql, statement);
    return statement.get(...parameters) ?? 0;
  };

  const keysOf =
    <Key extends string>({ source, order, columnOf }: Walk<Key>): ReadKeys =>
    (slice) =>
      all(listSql(source, order, columnOf, slice))[0] as Cursor['keys'] | undefined;
  const approach = <Key extends string>(walk: Walk<Key>, offset: number, limit: number) =>
    walkTo(walk, offset, limit, keysOf(walk));

  const keysById = <Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
  ): ((id: number) => readonly KeyValue[] | undefined) => {
    const anchor = anchorSql(source, order, columnOf, 0);
    if (anchor === null) return () => undefined;
    const statement = prepared(anchor.sql, true);
    // The first is the id.
    const [, ...others] = anchor.parameters;
    return (id) => statement.get(id, ...others) as readonly KeyValue[] | undefined;
  };
  const placed = <Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
    cursor: Cursor | Anchor,
  ): Cursor => {
    if (!('id' in cursor)) return cursor;
    return cursorOf(cursor, keysById(source, order, columnOf)(cursor.id));
  };

  return {
    read: <Row, Key extends string>(
      source: ListSource,
      order: readonly KeyTerm<Key>[],
      columnOf: KeyColumns<Key>,
      page: PageRequest | undefined,
      total: () => number,
      landmarks?: ListLandmarks<Row>,
    ) => {
      if (page === undefined) {
        const rows = all(listSql(source, order, columnOf, { kind: 'all' })) as Row[];
        return { rows, place: { total: rows.length, hasBefore: false, hasAfter: false } };
      }
      const { size, number } = page;
      if (page.cursor !== null) {
        const cursor = placed(source, order, columnOf, page.cursor);
        // One row more tells if there is a further page.
        const found = all(
          listSql(source, order, columnOf, {
            kind: 'beside',
            limit: size + 1,
            offset: 0,
            cursor,
          }),
        ) as Row[];
        const rows = found.slice(0, size);
        if (cursor.side === 'before') rows.reverse();
        return { rows, place: placeOf(page, total(), rows.length, found.length > size) };
      }
      const count = total();
      const offset = (number - 1) * size;
      if (offset >= count) return { rows: [], place: placeOf(page, count, 0, false) };
      const limit = Math.min(size, count - offset);
      const walk = landmarks?.walk && { source: landmarks.walk, order, columnOf, count, landmarks: landmarks.of };
      if (walk) approach(walk, offset, limit);
      const shortest = shortestWay(offset, limit, count, landmarks?.of);
      const way = walk ? walkAlong(shortest, keysOf(walk)) : shortest;
      const rows = all(listSql(source, order, columnOf, sliceOf(way, limit))) as Row[];
      if (way.side === 'before') rows.reverse();
      const [first, last] = [rows[0], rows.at(-1)];
      if (landmarks !== undefined && first !== undefined && last !== undefined) {
        landmarks.of.note(offset, landmarks.keysOf(first));
        landmarks.of.note(offset + rows.length - 1, landmarks.keysOf(last));
      }
      return { rows, place: placeOf(page, count, rows.length, false) };
    },

    cursorOf: placed,
    keysById,
    approach,

    each<Row, Key extends string>(source: ListSource, order: readonly KeyTerm<Key>[], columnOf: KeyColumns<Key>) {
      const { sql, parameters } = listSql(source, order, columnOf, { kind: 'all' });
      return db
        .prepare<Parameters, Row>(sql)
        .raw(kind === 'arrays')
        .iterate(...parameters);
    },

    count: (source) => valueFor(countSql(source)),
    sum: (source) => valueFor(rowsSql(source)),
  };
}
