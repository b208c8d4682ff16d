import type { FilterTerm } from '../domain/lists/filter.js';
import type { LikePattern } from '../domain/lists/like.js';
import { nameKey } from '../domain/model/image.js';
import type { Condition, Dialect } from './dialect.js';

/** The columns in which a table has a field: names have their key in a separate one. */
export type FieldColumn =
  | { readonly kind: 'name'; readonly column: string; readonly keyColumn: string }
  | { readonly kind: 'text' | 'value'; readonly column: string };

export type FieldColumns<Field extends string> = Readonly<Record<Field, FieldColumn>>;

const COMPARISONS = { lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

const NEVER: Condition = { sql: 'FALSE', parameters: [] };
const ALWAYS: Condition = { sql: 'TRUE', parameters: [] };

/** Returns the conditions of a filter, all of which must hold; their meaning is defined by `matchesFilter`. */
export function filterConditions<Field extends string>(
  dialect: Dialect,
  filter: readonly FilterTerm<Field>[],
  columns: FieldColumns<Field>,
): readonly Condition[] {
  return filter.map((term) => conditionOf(dialect, term, columns[term.field]));
}

/** Finds a part of the name, wherever it occurs. */
export function containsCondition(dialect: Dialect, keyColumn: string, key: string): Condition {
  return isStorable(key) ? dialect.contains(keyColumn, key) : NEVER;
}

/** Whether a text may be in the index: none has a NUL, and PostgreSQL refuses statements with one. */
export function isStorable(value: string | number): boolean {
  return typeof value === 'number' || !value.includes('\0');
}

function conditionOf(dialect: Dialect, term: FilterTerm<string>, field: FieldColumn): Condition {
  const { column } = field;
  switch (term.operator) {
    case 'like':
      return likeCondition(dialect, field.kind === 'name' ? field.keyColumn : dialect.keyOfText(column), term.pattern);
    case 'in':
      return dialect.isAnyOf(column, term.values.filter(isStorable));
    case 'eq':
      if (!isStorable(term.value)) return NEVER;
      // Only the key leads to the name through an index.
      return field.kind === 'name'
        ? {
            sql: `(${field.keyColumn} = ? AND ${column} = ?)`,
            parameters: [nameKey(`${term.value}`), term.value],
          }
        : { sql: `${column} = ?`, parameters: [term.value] };
    case 'ne':
      if (!isStorable(term.value)) return ALWAYS;
      return { sql: `${column} IS DISTINCT FROM ?`, parameters: [term.value] };
    default: {
      const comparison = COMPARISONS[term.operator];
      if (!isStorable(term.value)) return besideNul(field, comparison, `${term.value}`);
      return field.kind === 'name'
        ? {
            sql: `(${field.keyColumn}, ${column}) ${comparison} (?, ?)`,
            parameters: [nameKey(`${term.value}`), term.value],
          }
        : { sql: `${column} ${comparison} ?`, parameters: [term.value] };
    }
  }
}

/** Compares with a text that has a NUL: directly before it is what precedes the NUL, directly after it all that goes on otherwise. */
function besideNul(field: FieldColumn, comparison: '<' | '<=' | '>' | '>=', value: string): Condition {
  const before = value.slice(0, value.indexOf('\0'));
  const [column, text] = field.kind === 'name' ? [field.keyColumn, nameKey(before)] : [field.column, before];
  return { sql: `${column} ${comparison.startsWith('<') ? '<=' : '>'} ?`, parameters: [text] };
}

function likeCondition(dialect: Dialect, key: string, pattern: LikePattern): Condition {
  const [first = '', second, third] = pattern;
  if (!pattern.every(isStorable)) return NEVER;
  if (second === undefined) return { sql: `${key} = ?`, parameters: [first] };
  if (first === '' && second === '') return { sql: `${key} IS NOT NULL`, parameters: [] };
  if (pattern.length === 3 && first === '' && third === '') return containsCondition(dialect, key, second);
  return dialect.isLike(key, pattern);
}
