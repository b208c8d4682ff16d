import {
  type Cell,
  type CopiedRow,
  INDEX_TABLES,
  type IndexTable,
  type Key,
  keyOf,
  tableNamed,
} from './index-tables.js';

/**
 * How far a copy has come. First rows that the source doesn't have are removed from all tables, the last one first, as
 * rows refer to those of earlier tables; then rows that are missing or different are put; then both are compared.
 */
export interface CopyPlace {
  readonly phase: 'prune' | 'put' | 'compare';
  /** The table; in the phase `compare` there is none, since that begins anew after an interruption. */
  readonly table: string | null;
  /** The key of the last row that is done in this table. */
  readonly after: Key | null;
}

const LAST = INDEX_TABLES.length - 1;
const nameAt = (index: number) => INDEX_TABLES[index]?.name ?? null;

export const COPY_BEGIN: CopyPlace = { phase: 'prune', table: nameAt(LAST), after: null };

/** Returns a place as a text, and back; a database keeps it. Equal places have equal texts. */
export function placeToText({ phase, table, after }: CopyPlace): string {
  return JSON.stringify({ phase, table, after });
}

export function placeFromText(text: string): CopyPlace {
  return JSON.parse(text) as CopyPlace;
}

/** Returns the place after all rows up to `last` are done; null: all of the table are. */
export function placeAfter(place: CopyPlace, last: Key | null): CopyPlace {
  if (last !== null || place.table === null) return { ...place, after: last };
  const index = INDEX_TABLES.indexOf(tableNamed(place.table));
  if (place.phase === 'prune') {
    return index > 0
      ? { phase: 'prune', table: nameAt(index - 1), after: null }
      : { phase: 'put', table: nameAt(0), after: null };
  }
  return index < LAST
    ? { phase: 'put', table: nameAt(index + 1), after: null }
    : { phase: 'compare', table: null, after: null };
}

/** Returns those keys of the first that the second don't have. */
export function keysWithout(keys: readonly Key[], others: readonly Key[]): readonly Key[] {
  const known = new Set(others.map(textOf));
  return keys.filter((key) => !known.has(textOf(key)));
}

/** Returns the rows that are missing in `theirs` or different there. */
export function rowsToPut(
  table: IndexTable,
  rows: readonly CopiedRow[],
  theirs: readonly CopiedRow[],
): readonly CopiedRow[] {
  const known = new Map(theirs.map((row) => [textOf(keyOf(table, row)), row]));
  return rows.filter((row) => {
    const other = known.get(textOf(keyOf(table, row)));
    return other === undefined || differingColumn(table, row, other) !== null;
  });
}

/** Returns how two readings of the same part of a table differ, in words; null: they don't. */
export function differenceOf(
  table: IndexTable,
  rows: readonly CopiedRow[],
  theirs: readonly CopiedRow[],
): string | null {
  for (let i = 0; i < Math.max(rows.length, theirs.length); i++) {
    const [row, other] = [rows[i], theirs[i]];
    const key = textOf(keyOf(table, row ?? other ?? []));
    if (row === undefined) return `${table.name} has a row ${key} that the source doesn't have`;
    if (other === undefined || textOf(keyOf(table, other)) !== key) return `${table.name} has no row ${key}`;
    const column = differingColumn(table, row, other);
    if (column !== null) return `${table.name}: row ${key} has another ${column}`;
  }
  return null;
}

function differingColumn(table: IndexTable, row: CopiedRow, other: CopiedRow): string | null {
  const index = row.findIndex((cell, i) => cell !== other[i]);
  return index === -1 ? null : (table.columns[index]?.name ?? null);
}

function textOf(key: readonly Cell[]): string {
  return JSON.stringify(key);
}
