import { IMAGE_LIST, type ImageField, type ImageQuery } from '../../domain/lists/image-list.js';
import { parseInclude } from '../../domain/lists/image-words.js';
import { type ListGrammar, type ListQuery, orderOf, sortFieldsOf } from '../../domain/lists/list-grammar.js';
import { parseOrder } from '../../domain/lists/order.js';
import { parseFilter } from '../../domain/lists/parse-filter.js';
import { ignoredFaults } from '../reply/ignored.js';
import { PAGE_PARAMETERS, readPage } from '../reply/paging.js';
import { collect, joinFilters, type Parameters, type Parsed, readParameters } from '../reply/query-string.js';

/** More parts than a person types; SQLite refuses an expression of a thousand. */
const MAX_NAME_PARTS = 32;

/** A query for a list of images, see `ImageQuery`. */
type NamedQuery<Field extends string> = ListQuery<Field> & Pick<ImageQuery, 'nameContains' | 'withShort'>;

const LIST_PARAMETERS = ['filter', 'sort', ...PAGE_PARAMETERS] as const;
/** Parameters of a list of images. */
export const NAMED_PARAMETERS = ['name', ...LIST_PARAMETERS, 'include'] as const;

/**
 * Reads the query for a list from a raw query string. `isStrict`: an unknown parameter is a fault instead of ignored.
 */
export function parseListQuery<Field extends string, Key extends string>(
  rawQuery: string,
  grammar: ListGrammar<Field, Key>,
  isStrict = false,
): Parsed<ListQuery<Field>> {
  return readList(readParameters(rawQuery, LIST_PARAMETERS), grammar, isStrict ? LIST_PARAMETERS : null);
}

/** Reads the query for a list of images; several `name=` must all match. */
export function parseNamedQuery<Field extends string, Key extends string>(
  rawQuery: string,
  grammar: ListGrammar<Field, Key>,
  isStrict = false,
): Parsed<NamedQuery<Field>> {
  const parameters = readParameters(rawQuery, NAMED_PARAMETERS);
  const { name } = parameters.values;
  if (name.length > MAX_NAME_PARTS) {
    const detail = `name: given ${name.length} times; at most ${MAX_NAME_PARTS} are allowed`;
    parameters.faults.push({ parameter: 'name', detail });
  }
  const [include = ''] = parameters.values.include;
  const included = include === '' ? null : collect('include', parameters.faults, () => parseInclude(include));
  const parsed = readList(parameters, grammar, isStrict ? NAMED_PARAMETERS : null);
  if ('faults' in parsed) return parsed;
  const query = { ...parsed.query, nameContains: name };
  return { query: included?.has('ovf') === true ? { ...query, withShort: true } : query, ignored: parsed.ignored };
}

function readList<Field extends string, Key extends string>(
  { values, faults, ignored }: Parameters<(typeof LIST_PARAMETERS)[number]>,
  grammar: ListGrammar<Field, Key>,
  /** null: unknown parameters are accepted. */
  allowed: readonly string[] | null,
): Parsed<ListQuery<Field>> {
  const { fields, byDefault, keyTypes } = grammar;
  if (allowed !== null) faults.push(...ignoredFaults(ignored, allowed));
  const filter = collect('filter', faults, () => joinFilters(values.filter.map((text) => parseFilter(text, fields))));
  const [order] = values.sort;
  const sort =
    order === undefined
      ? byDefault
      : collect('sort', faults, () => parseOrder(order, sortFieldsOf(grammar), byDefault));
  // Which cursors are valid depends on the order.
  const isPaged = PAGE_PARAMETERS.some((name) => values[name].length > 0);
  const page = !isPaged ? undefined : sort && readPage(values, orderOf(grammar, sort), keyTypes, faults);
  if (faults.length > 0 || filter === null || sort === null || page === null) return { faults };
  return { query: { filter, sort, ...(page === undefined ? {} : { page }) }, ignored };
}

/** Reads the query for the image list of one space. */
export function parseImageQuery(rawQuery: string): Parsed<NamedQuery<ImageField>> {
  return parseNamedQuery(rawQuery, IMAGE_LIST);
}
