import { OvadexError } from '../domain/errors.js';
import type { FilterTerm } from '../domain/filter.js';
import { MAX_TERMS } from '../domain/parse-filter.js';
import { quote } from '../domain/quote.js';
import type { ParameterFault } from './problem.js';

const ENCODED = /[%+]/;

export type Parsed<Query> = { readonly query: Query } | { readonly faults: readonly ParameterFault[] };

/** The raw query of an absolute URL, without `?`; empty where there is none. */
export function queryOf(url: string): string {
  const end = url.indexOf('#');
  const target = end === -1 ? url : url.slice(0, end);
  const start = target.indexOf('?');
  return start === -1 ? '' : target.slice(start + 1);
}

/**
 * The values of these parameters in a raw query (application/x-www-form-urlencoded), in
 * their order; an empty one means not given. All others are let pass, since
 * clients send some that mean nothing here with every call.
 */
export function readParameters<Name extends string>(
  rawQuery: string,
  names: readonly Name[],
): { readonly values: Readonly<Record<Name, readonly string[]>>; readonly faults: ParameterFault[] } {
  const values = {} as Record<Name, string[]>;
  for (const name of names) values[name] = [];
  const faults: ParameterFault[] = [];
  for (const pair of rawQuery === '' ? [] : rawQuery.split('&')) {
    const equals = pair.indexOf('=');
    const key = equals === -1 ? null : decodeText(pair.slice(0, equals));
    const name = names.find((each) => each === key);
    if (name === undefined) continue;
    const rawValue = pair.slice(equals + 1);
    const value = decodeText(rawValue);
    if (value === null) {
      const detail = `${name}: ${quote(rawValue)} is not percent-encoded UTF-8; a % is written %25`;
      faults.push({ parameter: name, detail });
    } else if (value !== '') {
      values[name].push(value);
    }
  }
  return { values, faults };
}

/** What `read` answers; null where it finds fault with the parameter, which is noted. */
export function collect<T>(parameter: string, faults: ParameterFault[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OvadexError && error.code === 'usage')) throw error;
    faults.push({ parameter, detail: error.message });
    return null;
  }
}

/** Several filters are one whose conditions must all be met, with the bound of one. */
export function joinFilters<Field extends string>(
  filters: readonly (readonly FilterTerm<Field>[])[],
): readonly FilterTerm<Field>[] {
  const filter = filters.flat();
  if (filter.length <= MAX_TERMS) return filter;
  throw new OvadexError('usage', `filter: has ${filter.length} conditions; at most ${MAX_TERMS} are allowed`);
}

/** A part of a form as text; null for what is not percent-encoded UTF-8. */
export function decodeText(text: string): string | null {
  if (!ENCODED.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return null;
  }
}
