import type { Cursor } from '../domain/lists/cursor.js';
import type { Direction, KeyTerm } from '../domain/lists/order.js';
import type { Condition } from './dialect.js';
import { isStorable } from './filter-sql.js';

/** The column, or expression that is never NULL, for each key of an order; texts compare by their bytes. */
export type KeyColumns<Key extends string> = Readonly<Record<Key, string>>;

/** A list before it is ordered. */
export interface ListSource {
  readonly columns: string;
  /** Tables and their joins. */
  readonly from: Condition;
  readonly conditions: readonly Condition[];
  /** The rows that an anchor may be at, including those that have since left the list; not set if no pages are requested. */
  readonly anchors?: {
    readonly id: string;
    readonly from: string;
    readonly conditions: readonly Condition[];
  };
}

/** A part of a list. A reversed one is counted from the list's end. */
export type Slice =
  | { readonly kind: 'all' }
  | { readonly kind: 'offset'; readonly limit: number; readonly offset: number; readonly isReversed: boolean }
  | { readonly kind: 'beside'; readonly limit: number; readonly offset: number; readonly cursor: Cursor };

/** Selects the rows of a part of a list; those before a cursor and those of a reversed one from the last to the first. */
export function listSql<Key extends string>(
  { columns, from, conditions }: ListSource,
  order: readonly KeyTerm<Key>[],
  columnOf: KeyColumns<Key>,
  slice: Slice,
): Condition {
  const isReversed =
    slice.kind === 'beside' ? slice.cursor.side === 'before' : slice.kind === 'offset' && slice.isReversed;
  const terms = order.map(({ key, direction }): ColumnTerm => {
    return { column: columnOf[key], direction: isReversed ? opposite(direction) : direction };
  });
  const where = slice.kind === 'beside' ? [...conditions, keysetCondition(terms, slice.cursor.keys)] : conditions;
  const by = terms.map(({ column, direction }) => `${column} ${direction}`).join(', ');
  const limit =
    slice.kind === 'all'
      ? { sql: '', parameters: [] }
      : { sql: ' LIMIT ? OFFSET ?', parameters: [slice.limit, slice.offset] };
  return {
    sql: `SELECT ${columns} FROM ${from.sql}${whereSql(where)} ORDER BY ${by}${limit.sql}`,
    parameters: [...from.parameters, ...where.flatMap(({ parameters }) => parameters), ...limit.parameters],
  };
}

/** Selects the keys of the row that an anchor is at, by the names of `nameOfKey`. */
export function anchorSql<Key extends string>(
  { anchors }: ListSource,
  order: readonly KeyTerm<Key>[],
  columnOf: KeyColumns<Key>,
  id: number,
): Condition | null {
  if (anchors === undefined) return null;
  const columns = keysSql(order, columnOf);
  const conditions = [{ sql: `${anchors.id} = ?`, parameters: [id] }, ...anchors.conditions];
  return rowsSql({ columns, from: { sql: anchors.from, parameters: [] }, conditions });
}

/** Returns the columns of an order's keys, by the names of `nameOfKey`. */
export function keysSql<Key extends string>(order: readonly KeyTerm<Key>[], columnOf: KeyColumns<Key>): string {
  return order.map(({ key }, i) => `${columnOf[key]} AS ${nameOfKey(i)}`).join(', ');
}

/** Returns the name of the key of this index in the order. */
export function nameOfKey(index: number): string {
  return `key_${index}`;
}

/** Selects the rows of a list in any order. */
export function rowsSql({ columns, from, conditions }: ListSource): Condition {
  return {
    sql: `SELECT ${columns} FROM ${from.sql}${whereSql(conditions)}`,
    parameters: [...from.parameters, ...conditions.flatMap(({ parameters }) => parameters)],
  };
}

/** Counts the rows of a list. */
export function countSql(source: ListSource): Condition {
  return rowsSql({ ...source, columns: 'count(*)' });
}

function whereSql(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
}

interface ColumnTerm {
  readonly column: string;
  readonly direction: Direction;
}

/** Selects the rows after these keys. For a single direction a row value is enough, which an index serves. */
function keysetCondition(terms: readonly ColumnTerm[], keys: Cursor['keys']): Condition {
  // A cursor that nobody was given.
  if (!keys.every(isStorable)) return { sql: 'FALSE', parameters: [] };
  const isUniform = terms.every(({ direction }) => direction === terms[0]?.direction);
  if (!isUniform) return mixedKeyset(terms, keys);
  const columns = terms.map(({ column }) => column).join(', ');
  const marks = terms.map(() => '?').join(', ');
  return { sql: `(${columns}) ${comparisonOf(terms[0]?.direction)} (${marks})`, parameters: keys };
}

/** Writes `a > ? OR a = ? AND (b < ? OR b = ? AND ...)`. */
function mixedKeyset([first, ...rest]: readonly ColumnTerm[], [key = -1, ...others]: Cursor['keys']): Condition {
  if (first === undefined) return { sql: 'FALSE', parameters: [] };
  const behind = mixedKeyset(rest, others);
  const { column, direction } = first;
  return {
    sql: `(${column} ${comparisonOf(direction)} ? OR ${column} = ? AND ${behind.sql})`,
    parameters: [key, key, ...behind.parameters],
  };
}

function comparisonOf(direction: Direction | undefined): '<' | '>' {
  return direction === 'desc' ? '<' : '>';
}

function opposite(direction: Direction): Direction {
  return direction === 'asc' ? 'desc' : 'asc';
}
