import type { KeyTypes } from './cursor.js';
import type { Fields, FilterTerm } from './filter.js';
import { type KeyTerm, orderWithoutTies, type SortTerm } from './order.js';
import type { PageRequest } from './page.js';

/** How a kind of list can be queried. */
export interface ListGrammar<Field extends string, Key extends string> {
  /** The fields that it can be filtered and ordered by, with the names of the wire contract. */
  readonly fields: Fields<Field>;
  /** The values that an order by a field really compares; none for a field that a list can't be ordered by. */
  readonly keysOfField: Readonly<Record<Field, readonly Key[]>>;
  readonly keyTypes: KeyTypes<Key>;
  /** The order if none is requested. */
  readonly byDefault: readonly SortTerm<Field>[];
  /** Keys that are unique together. */
  readonly tieBreak: readonly Key[];
}

/** A validated query for a list. */
export interface ListQuery<Field extends string> {
  /** Conditions, all of which must be met. */
  readonly filter?: readonly FilterTerm<Field>[];
  readonly sort: readonly SortTerm<Field>[];
  /** The requested page; the whole list if omitted. */
  readonly page?: PageRequest;
}

/** Lists the fields that a list can be ordered by. */
export function sortFieldsOf<Field extends string, Key extends string>({
  fields,
  keysOfField,
}: Pick<ListGrammar<Field, Key>, 'fields' | 'keysOfField'>): readonly Field[] {
  return (Object.keys(fields) as Field[]).filter((field) => keysOfField[field].length > 0);
}

/** Returns the order of a query, completed so that it has no ties. */
export function orderOf<Field extends string, Key extends string>(
  { keysOfField, tieBreak }: ListGrammar<Field, Key>,
  sort: readonly SortTerm<Field>[],
): readonly KeyTerm<Key>[] {
  return orderWithoutTies(sort, keysOfField, tieBreak);
}
