import { nameKey } from '../model/image.js';
import { type LikePattern, matchesLike } from './like.js';
import { compareCodePoints, compareValues, type KeyValue } from './order.js';

export const FILTER_OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'like', 'in'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/**
 * The kind of a field, which decides how its values are read and compared:
 * - `name`: `eq`, `ne` and `in` compare exactly, `like` in any case, `lt` to `ge` in the order of names;
 * - `text`: the same, but ordered by code point;
 * - `integer`, and `time` as ms since the epoch;
 * - a list of words: one of them, in any case and without an order.
 */
export type FieldKind = 'name' | 'text' | 'integer' | 'time' | readonly string[];

export type Fields<Field extends string> = Readonly<Record<Field, FieldKind>>;

/** One condition; a row must meet all conditions of a filter. */
export type FilterTerm<Field extends string> =
  | { readonly field: Field; readonly operator: 'like'; readonly pattern: LikePattern }
  | { readonly field: Field; readonly operator: 'in'; readonly values: readonly (string | number)[] }
  | {
      readonly field: Field;
      readonly operator: Exclude<FilterOperator, 'like' | 'in'>;
      readonly value: string | number;
    };

/**
 * Returns the filter as a predicate in memory. A value that isn't known (null) differs from every value, so it meets
 * `ne` and nothing else.
 */
export function matchesFilter<Field extends string>(
  fields: Fields<Field>,
  filter: readonly FilterTerm<Field>[],
  readField: (field: Field) => KeyValue,
): boolean {
  return filter.every((term) => matchesTerm(fields[term.field], term, readField(term.field)));
}

function matchesTerm(kind: FieldKind, term: FilterTerm<string>, value: KeyValue): boolean {
  if (value === null) return term.operator === 'ne';
  if (term.operator === 'like') return matchesLike(term.pattern, nameKey(`${value}`));
  if (term.operator === 'in') return term.values.includes(value);
  const difference = kind === 'name' ? compareNames(`${value}`, `${term.value}`) : compareValues(value, term.value);
  switch (term.operator) {
    case 'eq':
      return value === term.value;
    case 'ne':
      return value !== term.value;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
  }
}

/** Compares names: first without case, then exactly. */
function compareNames(a: string, b: string): number {
  return compareCodePoints(nameKey(a), nameKey(b)) || compareCodePoints(a, b);
}
