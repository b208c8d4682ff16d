import { OvadexError } from '../model/errors.js';
import { quote } from '../text/quote.js';
import { FILTER_OPERATORS, type FieldKind, type Fields, type FilterOperator, type FilterTerm } from './filter.js';
import { parseLike, splitUnescaped, withoutEscapes } from './like.js';
import { readInstant } from './timestamp.js';

/** More conditions than anybody types; SQLite refuses an expression of a thousand. */
export const MAX_TERMS = 32;
/** Equals the most rows of a page: a client may ask again for what a page showed. */
const MAX_VALUES = 500;
/** No name and no path is longer: most systems allow 4,096 bytes. SQLite refuses patterns longer than 50,000 bytes. */
const MAX_VALUE_LENGTH = 4_096;

/**
 * Reads `field,operator,value`, several joined by `;`; a row must meet all, and empty parts are ignored. The value
 * extends to the end of its term, commas included. `in` takes several, separated by `,` or `|`. A backslash makes `;`
 * literal in any value, `,` and `|` in one of `in`, `%` in one of `like`; before any other character, a backslash is a
 * backslash. Throws OvadexError `usage` that says what is allowed.
 */
export function parseFilter<Field extends string>(text: string, fields: Fields<Field>): readonly FilterTerm<Field>[] {
  const terms = splitUnescaped(text, ';').filter((term) => term.trim() !== '');
  if (terms.length > MAX_TERMS) refuse(`has ${terms.length} conditions; at most ${MAX_TERMS} are allowed`);
  return terms.map((term) => parseTerm(term, fields));
}

function parseTerm<Field extends string>(term: string, fields: Fields<Field>): FilterTerm<Field> {
  const [, name = '', word, value] = /^([^,]*)(?:,([^,]*)(?:,(.*))?)?$/s.exec(term) ?? [];
  const names = Object.keys(fields) as Field[];
  const field = names.find((each) => each === name.trim().toLowerCase());
  if (field === undefined || word === undefined || value === undefined) {
    const form = 'a condition is field,operator,value, several are joined by ";"';
    refuse(`${quote(term)} names no known field; allowed are ${names.join(', ')}; ${form}`);
  }
  const kind = fields[field];
  const operator = FILTER_OPERATORS.find((each) => each === word.trim().toLowerCase());
  const allowed = operatorsOf(kind);
  if (operator === undefined || !allowed.includes(operator)) {
    refuse(`${quote(term)} has no operator that works on ${field}; allowed are ${allowed.join(', ')}`);
  }
  if (value.trim() === '') refuse(`${quote(term)} has no value to compare ${field} with`);

  if (operator === 'like') {
    return { field, operator, pattern: parseLike(bounded(value, field)) };
  }
  if (operator === 'in') {
    const parts = splitUnescaped(value, ',|');
    if (parts.length > MAX_VALUES) refuse(`${field} has ${parts.length} values; at most ${MAX_VALUES} are allowed`);
    return { field, operator, values: parts.map((part) => readValue(part, field, kind)) };
  }
  return { field, operator, value: readValue(value, field, kind) };
}

/** Lists the operators that work on a field of this kind. */
export function operatorsOf(kind: FieldKind): readonly FilterOperator[] {
  if (kind === 'name' || kind === 'text') return FILTER_OPERATORS;
  if (kind === 'integer' || kind === 'time') return FILTER_OPERATORS.filter((each) => each !== 'like');
  return ['eq', 'ne', 'in'];
}

function readValue(given: string, field: string, kind: FieldKind): string | number {
  const text = withoutEscapes(bounded(given, field));
  if (kind === 'name' || kind === 'text') return text;
  const word = text.trim();
  if (kind === 'integer') {
    const integer = /^-?\d{1,16}$/.test(word) ? Number(word) : Number.NaN;
    if (!Number.isSafeInteger(integer)) {
      const range = `${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`;
      refuse(`${quote(text)} is not a valid value for ${field}; allowed are integers from ${range}`);
    }
    return integer;
  }
  if (kind === 'time') {
    const instant = readInstant(word);
    if (instant === null) {
      refuse(
        `${quote(text)} is not a valid value for ${field}; allowed are times such as 2026-03-02T10:03:00Z, 2026-03-02 (in UTC), or seconds or milliseconds since 1970`,
      );
    }
    return instant;
  }
  const known = kind.find((each) => each.toLowerCase() === word.toLowerCase());
  if (known === undefined) refuse(`${quote(text)} is not a valid value for ${field}; allowed are ${kind.join(', ')}`);
  return known;
}

function bounded(value: string, field: string): string {
  if (value.length <= MAX_VALUE_LENGTH) return value;
  refuse(`${quote(value)} is too long a value for ${field}; at most ${MAX_VALUE_LENGTH} characters are allowed`);
}

function refuse(detail: string): never {
  throw new OvadexError('usage', `filter: ${detail}`);
}
