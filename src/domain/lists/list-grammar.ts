import type { KeyTypes } from './cursor.js';
import type { Fields, FilterTerm } from './filter.js';
import { type KeyTerm, orderWithoutTies, type SortTerm } from './order.js';
import type { PageRequest } from './page.js';

/** What may be asked of a kind of list. */
export interface ListGrammar<Field extends string, Key extends string> {
  /** What it can be filtered and ordered by; the names are those of the wire contract. */
  readonly fields: Fields<Field>;
  /** The values that an order by a field really compares; none for a field that a list can't be ordered by. */
  readonly keysOfField: Readonly<Record<Field, readonly Key[]>>;
  readonly keyTypes: KeyTypes<Key>;
  /** The order where none is asked for. */
  readonly byDefault: readonly SortTerm<Field>[];
  /** Unique together. */
  readonly tieBreak: readonly Key[];
}

/** A validated question to a list. */
export interface ListQuery<Field extends string> {
  /** Every one must be met. */
  readonly filter?: readonly FilterTerm<Field>[];
  readonly sort: readonly SortTerm<Field>[];
  /** The whole list where it is left out. */
  readonly page?: PageRequest;
}

/** The fields that a list can be ordered by. */
export function sortFieldsOf<Field extends string, Key extends string>({
  fields,
  keysOfField,
}: Pick<ListGrammar<Field, Key>, 'fields' | 'keysOfField'>): readonly Field[] {
  return (Object.keys(fields) as Field[]).filter((field) => keysOfField[field].length > 0);
}

/** The order of a query without ties. */
export function orderOf<Field extends string, Key extends string>(
  { keysOfField, tieBreak }: ListGrammar<Field, Key>,
  sort: readonly SortTerm<Field>[],
): readonly KeyTerm<Key>[] {
  return orderWithoutTies(sort, keysOfField, tieBreak);
}
