import type { FilterTerm } from '../../domain/lists/filter.js';
import type { LikePattern } from '../../domain/lists/like.js';
import { nameKey } from '../../domain/model/image.js';

/** The columns in which a table has a field: names have their key in a separate one. */
export type FieldColumn =
  | { readonly kind: 'name'; readonly column: string; readonly keyColumn: string }
  | { readonly kind: 'text' | 'value'; readonly column: string };

export type FieldColumns<Field extends string> = Readonly<Record<Field, FieldColumn>>;

/** A condition with the values of its `?`. */
export interface Condition {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

const COMPARISONS = { lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

/** Returns the conditions of a filter, all of which must hold; their meaning is defined by `matchesFilter`. */
export function filterConditions<Field extends string>(
  filter: readonly FilterTerm<Field>[],
  columns: FieldColumns<Field>,
): readonly Condition[] {
  return filter.map((term) => conditionOf(term, columns[term.field]));
}

/** Finds a part of the name, wherever it occurs. */
export function containsCondition(keyColumn: string, key: string): Condition {
  return { sql: `instr(${keyColumn}, ?) > 0`, parameters: [key] };
}

function conditionOf(term: FilterTerm<string>, field: FieldColumn): Condition {
  const { column } = field;
  switch (term.operator) {
    case 'like':
      return likeCondition(field.kind === 'name' ? field.keyColumn : keyOfText(column), term.pattern);
    case 'in':
      return { sql: `${column} IN (SELECT value FROM json_each(?))`, parameters: [JSON.stringify(term.values)] };
    case 'eq':
      // Only the key leads to the name through an index.
      return field.kind === 'name'
        ? {
            sql: `(${field.keyColumn} = ? AND ${column} = ?)`,
            parameters: [nameKey(`${term.value}`), term.value],
          }
        : { sql: `${column} = ?`, parameters: [term.value] };
    case 'ne':
      return { sql: `${column} IS NOT ?`, parameters: [term.value] };
    default: {
      const comparison = COMPARISONS[term.operator];
      return field.kind === 'name'
        ? {
            sql: `(${field.keyColumn}, ${column}) ${comparison} (?, ?)`,
            parameters: [nameKey(`${term.value}`), term.value],
          }
        : { sql: `${column} ${comparison} ?`, parameters: [term.value] };
    }
  }
}

function likeCondition(key: string, pattern: LikePattern): Condition {
  const [first = '', second, third] = pattern;
  if (second === undefined) return { sql: `${key} = ?`, parameters: [first] };
  if (first === '' && second === '') return { sql: `${key} IS NOT NULL`, parameters: [] };
  if (pattern.length === 3 && first === '' && third === '') return containsCondition(key, second);
  // GLOB would read such a text only up to its NUL, and no path has one.
  if (pattern.some((part) => part.includes('\0'))) return { sql: '0', parameters: [] };
  const glob = pattern.map((part) => part.replace(/[*?[]/g, '[$&]')).join('*');
  return { sql: `${key} GLOB ?`, parameters: [glob] };
}

/**
 * Computes the name key of a column that has none beside it: `name_key` is `nameKey` itself and as slow as any call
 * from SQLite into JavaScript; for ASCII, `lower` does the same.
 */
function keyOfText(column: string): string {
  return `CASE WHEN length(${column}) = octet_length(${column}) THEN lower(${column}) ELSE name_key(${column}) END`;
}
