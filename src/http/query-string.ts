import { OvadexError } from '../domain/errors.js';
import { DEFAULT_SORT, type ImageQuery, parseSort, type SortTerm } from '../domain/query.js';
import type { ParameterFault } from './problem.js';

export type ParsedQuery = { readonly query: ImageQuery } | { readonly faults: readonly ParameterFault[] };

/** More parts than anybody types; SQLite refuses an expression of a thousand. */
const MAX_NAME_PARTS = 32;

/** The raw query of an absolute URL, without `?`; empty where there is none. */
export function queryOf(url: string): string {
  const end = url.indexOf('#');
  const target = end === -1 ? url : url.slice(0, end);
  const start = target.indexOf('?');
  return start === -1 ? '' : target.slice(start + 1);
}

/**
 * Reads the question to an image list out of a raw query
 * (application/x-www-form-urlencoded). An empty value means not given, several
 * `name=` must all match, several `sort=` follow one another. Parameters that
 * mean nothing here are let pass, since clients send some with every call.
 */
export function parseImageQuery(rawQuery: string): ParsedQuery {
  if (rawQuery === '') return { query: { nameContains: [], sort: DEFAULT_SORT } };
  const faults: ParameterFault[] = [];
  const given = { name: [] as string[], sort: [] as string[], filter: [] as string[] };
  for (const pair of rawQuery.split('&')) {
    const equals = pair.indexOf('=');
    const key = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (equals === -1 || (key !== 'name' && key !== 'sort' && key !== 'filter')) continue;
    const rawValue = pair.slice(equals + 1);
    const value = decode(rawValue);
    if (value === null) {
      faults.push({ parameter: key, detail: `${key}: "${rawValue}" is not percent-encoded UTF-8; a % is written %25` });
    } else if (value !== '') {
      given[key].push(value);
    }
  }

  if (given.name.length > MAX_NAME_PARTS) {
    const detail = `name: given ${given.name.length} times; at most ${MAX_NAME_PARTS} are allowed`;
    faults.push({ parameter: 'name', detail });
  }
  if (given.filter.length > 0) {
    // Not let pass as an unknown one: whoever filters would take the whole list for the answer.
    const detail = `filter: "${given.filter.join(';')}" is not supported; allowed is an empty value, or name= to search in names`;
    faults.push({ parameter: 'filter', detail });
  }
  const sort = readSort(given.sort.join(';'), faults);
  return faults.length > 0 ? { faults } : { query: { nameContains: given.name, sort } };
}

function readSort(text: string, faults: ParameterFault[]): readonly SortTerm[] {
  try {
    return parseSort(text);
  } catch (error) {
    if (!(error instanceof OvadexError && error.code === 'usage')) throw error;
    faults.push({ parameter: 'sort', detail: error.message });
    return DEFAULT_SORT;
  }
}

/** null for what is not percent-encoded UTF-8. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return null;
  }
}
