import { type ImageQuery, parseImageFilter, parseSort, SORT_KEY_TYPES, totalOrder } from '../domain/query.js';
import { PAGE_PARAMETERS, readPage } from './paging.js';
import { collect, joinFilters, type Parsed, readParameters } from './query-string.js';

/** More parts than anybody types; SQLite refuses an expression of a thousand. */
const MAX_NAME_PARTS = 32;

/**
 * Reads the question to an image list out of a raw query. Several `name=` and several
 * `filter=` must all match, several `sort=` follow one another.
 */
export function parseImageQuery(rawQuery: string): Parsed<ImageQuery> {
  const { values, faults } = readParameters(rawQuery, ['name', 'filter', 'sort', ...PAGE_PARAMETERS]);
  const { name } = values;
  if (name.length > MAX_NAME_PARTS) {
    const detail = `name: given ${name.length} times; at most ${MAX_NAME_PARTS} are allowed`;
    faults.push({ parameter: 'name', detail });
  }
  const filter = collect('filter', faults, () => joinFilters(values.filter.map(parseImageFilter)));
  const sort = collect('sort', faults, () => parseSort(values.sort.join(';')));
  // Which cursors are good is for the order to say.
  const page = sort === null ? null : readPage(values, totalOrder(sort), SORT_KEY_TYPES, faults);
  if (faults.length > 0 || filter === null || sort === null || page === null) return { faults };
  return { query: { nameContains: name, filter, sort, ...(page === undefined ? {} : { page }) } };
}
