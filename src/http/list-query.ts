import { type ListGrammar, type ListQuery, orderOf, sortFieldsOf } from '../domain/list-query.js';
import { parseOrder } from '../domain/order.js';
import { parseFilter } from '../domain/parse-filter.js';
import { IMAGE_LIST, type ImageField } from '../domain/query.js';
import { PAGE_PARAMETERS, readPage } from './paging.js';
import type { ParameterFault } from './problem.js';
import { collect, joinFilters, type Parsed, readParameters } from './query-string.js';

/** More parts than anybody types; SQLite refuses an expression of a thousand. */
const MAX_NAME_PARTS = 32;

/** A question to a list of images, see `ImageQuery`. */
type NamedQuery<Field extends string> = ListQuery<Field> & { readonly nameContains: readonly string[] };

const LIST_PARAMETERS = ['filter', 'sort', ...PAGE_PARAMETERS] as const;
const NAMED_PARAMETERS = ['name', ...LIST_PARAMETERS] as const;

/**
 * Reads the question to a list out of a raw query. Several `filter=` must all match,
 * several `sort=` follow one another.
 */
export function parseListQuery<Field extends string, Key extends string>(
  rawQuery: string,
  grammar: ListGrammar<Field, Key>,
): Parsed<ListQuery<Field>> {
  const { values, faults } = readParameters(rawQuery, LIST_PARAMETERS);
  return readList(values, faults, grammar);
}

/** The same of images; several `name=` must all match. */
export function parseNamedQuery<Field extends string, Key extends string>(
  rawQuery: string,
  grammar: ListGrammar<Field, Key>,
): Parsed<NamedQuery<Field>> {
  const { values, faults } = readParameters(rawQuery, NAMED_PARAMETERS);
  const { name } = values;
  if (name.length > MAX_NAME_PARTS) {
    const detail = `name: given ${name.length} times; at most ${MAX_NAME_PARTS} are allowed`;
    faults.push({ parameter: 'name', detail });
  }
  const parsed = readList(values, faults, grammar);
  return 'faults' in parsed ? parsed : { query: { ...parsed.query, nameContains: name } };
}

function readList<Field extends string, Key extends string>(
  values: Readonly<Record<(typeof LIST_PARAMETERS)[number], readonly string[]>>,
  faults: ParameterFault[],
  grammar: ListGrammar<Field, Key>,
): Parsed<ListQuery<Field>> {
  const { fields, byDefault, keyTypes } = grammar;
  const filter = collect('filter', faults, () => joinFilters(values.filter.map((text) => parseFilter(text, fields))));
  const sort = collect('sort', faults, () => parseOrder(values.sort.join(';'), sortFieldsOf(grammar), byDefault));
  // Which cursors are good is for the order to say.
  const page = sort === null ? null : readPage(values, orderOf(grammar, sort), keyTypes, faults);
  if (faults.length > 0 || filter === null || sort === null || page === null) return { faults };
  return { query: { filter, sort, ...(page === undefined ? {} : { page }) } };
}

/** The question to the image list of one space. */
export function parseImageQuery(rawQuery: string): Parsed<NamedQuery<ImageField>> {
  return parseNamedQuery(rawQuery, IMAGE_LIST);
}
