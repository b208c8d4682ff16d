import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import type { KeyTerm } from '../domain/order.js';
import { type PagePlace, type PageRequest, placeOf } from '../domain/page.js';
import type { Condition } from './filter-sql.js';
import { countSql, type KeyColumns, type ListSource, listSql, rowsSql } from './list-sql.js';

/** Orders and numbers of filters that are asked for in practice; each costs a few KB and half a millisecond to prepare. */
const PREPARED_LISTS = 100;

export interface ListReader {
  /** Rows as arrays of the source's columns: all, or those of a page; `total` is asked for where a page needs it. */
  read<Row, Key extends string>(
    source: ListSource,
    order: readonly KeyTerm<Key>[],
    columnOf: KeyColumns<Key>,
    page: PageRequest | undefined,
    total: () => number,
  ): { readonly rows: readonly Row[]; readonly place: PagePlace };
  count(source: ListSource): number;
  /** The one value of a source that is an aggregate. */
  sum(source: ListSource): number;
}

/** Reads lists in any order and any part; a caller's transaction keeps what it reads together. */
export function createListReader(db: Database): ListReader {
  const prepared = new LRUCache<string, Statement<(number | string)[], unknown>>({ max: PREPARED_LISTS });
  const all = ({ sql, parameters }: Condition) => {
    const statement = prepared.get(sql) ?? db.prepare<(number | string)[], unknown>(sql).raw();
    prepared.set(sql, statement);
    return statement.all(...parameters);
  };

  const only = (condition: Condition): number => {
    const [row] = all(condition) as [readonly [number]];
    return row[0];
  };

  return {
    read: <Row, Key extends string>(
      source: ListSource,
      order: readonly KeyTerm<Key>[],
      columnOf: KeyColumns<Key>,
      page: PageRequest | undefined,
      total: () => number,
    ) => {
      if (page === undefined) {
        const rows = all(listSql(source, order, columnOf, { kind: 'all' })) as Row[];
        return { rows, place: { total: rows.length, hasBefore: false, hasAfter: false } };
      }
      const { cursor, size, number } = page;
      if (cursor !== null) {
        // One row more tells whether there is a further page.
        const found = all(listSql(source, order, columnOf, { kind: 'beside', limit: size + 1, cursor })) as Row[];
        const rows = found.slice(0, size);
        if (cursor.side === 'before') rows.reverse();
        return { rows, place: placeOf(page, total(), rows.length, found.length > size) };
      }
      const count = total();
      const offset = (number - 1) * size;
      if (offset >= count) return { rows: [], place: placeOf(page, count, 0, false) };
      // What is passed over costs time, so a page is read from the nearer end.
      const limit = Math.min(size, count - offset);
      const rest = count - offset - limit;
      const isReversed = rest < offset;
      const slice = { kind: 'offset', limit, offset: isReversed ? rest : offset, isReversed } as const;
      const rows = all(listSql(source, order, columnOf, slice)) as Row[];
      if (isReversed) rows.reverse();
      return { rows, place: placeOf(page, count, rows.length, false) };
    },

    count: (source) => only(countSql(source)),
    sum: (source) => only(rowsSql(source)),
  };
}
