import type { FilterTerm } from '../../domain/lists/filter.js';
import { MAX_TERMS } from '../../domain/lists/parse-filter.js';
import { OvadexError } from '../../domain/model/errors.js';
import { quote } from '../../domain/text/quote.js';
import type { ParameterFault } from './problem.js';

const ENCODED = /[%+]/;

export type Parsed<Query> =
  | { readonly query: Query /** As in `Parameters`. */; readonly ignored: readonly string[] }
  | { readonly faults: readonly ParameterFault[] };

/** Returns the raw query of an absolute URL, without `?`; empty if there is none. */
export function queryOf(url: string): string {
  const end = url.indexOf('#');
  const target = end === -1 ? url : url.slice(0, end);
  const start = target.indexOf('?');
  return start === -1 ? '' : target.slice(start + 1);
}

/** Existing clients send these with any list, even if they mean nothing there. */
const TOLERATED: ReadonlySet<string> = new Set(['expand', 'groups', 'summary', 'count', 'page', 'per_page']);
/** Parameters that may be given several times, all of which must match. */
const REPEATABLE = new Set(['name', 'filter']);
/** A query can hold thousands of names; a few are enough to see what is wrong. */
const MAX_TOLD = 20;
const MAX_NAME = 64;
/** The suffix with which generated clients write an array: `name[]=a`, `name[0]=a`. */
const BRACKETS = /\[\d*\]$/;

export interface Parameters<Name extends string> {
  readonly values: Readonly<Record<Name, readonly string[]>>;
  readonly faults: ParameterFault[];
  /** Unknown names; without being told, a client would take a misspelled filter for one that everything matches. */
  readonly ignored: readonly string[];
}

/**
 * Returns the values of these parameters in a raw query (application/x-www-form-urlencoded), in order; an empty value
 * means not given. It is a fault to repeat one that may be given once only. `tolerated` may be given though they mean
 * nothing.
 */
export function readParameters<Name extends string>(
  rawQuery: string,
  names: readonly Name[],
  tolerated: ReadonlySet<string> = TOLERATED,
): Parameters<Name> {
  const values = {} as Record<Name, string[]>;
  for (const name of names) values[name] = [];
  const faults: ParameterFault[] = [];
  const ignored: string[] = [];
  for (const pair of rawQuery === '' ? [] : rawQuery.split('&')) {
    const equals = pair.indexOf('=');
    const rawKey = equals === -1 ? pair : pair.slice(0, equals);
    const key = decodeText(rawKey) ?? rawKey;
    const name = nameOf(key, names);
    if (name === undefined) {
      if (key !== '' && !tolerated.has(key)) ignored.push(key);
      continue;
    }
    const rawValue = equals === -1 ? '' : pair.slice(equals + 1);
    const value = decodeText(rawValue);
    if (value === null) {
      const detail = `${name}: ${quote(rawValue)} is not percent-encoded UTF-8; a % is written %25`;
      faults.push({ parameter: name, detail });
    } else if (value !== '') {
      values[name].push(value);
    }
  }
  for (const name of names) {
    const times = values[name].length;
    if (times < 2 || REPEATABLE.has(name)) continue;
    faults.push({ parameter: name, detail: `${name}: given ${times} times; allowed is once` });
  }
  return { values, faults, ignored: tellNames(ignored) };
}

/** Returns the names of unknown parameters, each once, as they are reported. */
function tellNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.slice(0, MAX_NAME)))].slice(0, MAX_TOLD);
}

function nameOf<Name extends string>(key: string, names: readonly Name[]): Name | undefined {
  return names.find((each) => each === key) ?? names.find((each) => each === key.replace(BRACKETS, ''));
}

/** Returns the result of `read`; null if it finds a fault in the parameter, which is noted. */
export function collect<T>(parameter: string, faults: ParameterFault[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OvadexError && error.code === 'usage')) throw error;
    faults.push({ parameter, detail: error.message });
    return null;
  }
}

/** Joins several filters into one whose conditions must all be met, with the limit of a single one. */
export function joinFilters<Field extends string>(
  filters: readonly (readonly FilterTerm<Field>[])[],
): readonly FilterTerm<Field>[] {
  const filter = filters.flat();
  if (filter.length <= MAX_TERMS) return filter;
  throw new OvadexError('usage', `filter: has ${filter.length} conditions; at most ${MAX_TERMS} are allowed`);
}

/** Decodes a part of a form; null if it is not percent-encoded UTF-8. */
export function decodeText(text: string): string | null {
  if (!ENCODED.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return null;
  }
}
