import { OvadexError } from '../model/errors.js';
import { quote } from '../text/quote.js';

export type Direction = 'asc' | 'desc';

/** One field of an order, as a request names it. */
export interface SortTerm<Field extends string> {
  readonly field: Field;
  readonly direction: Direction;
}

/** One value of a row that an order really compares. */
export interface KeyTerm<Key extends string> {
  readonly key: Key;
  readonly direction: Direction;
}

/** The value of a key; null comes before all others, as in SQLite. */
export type KeyValue = string | number | null;

/** More fields than anybody orders by; with them a cursor that refers to its row stays under 100 characters. */
export const MAX_FIELDS = 7;

/**
 * Reads `field`, `field,asc` or `field,desc`, several joined by `;`; empty parts are ignored, and an empty text means
 * the default. Throws OvadexError `usage` that says what is allowed.
 */
export function parseOrder<Field extends string>(
  text: string,
  fields: readonly Field[],
  byDefault: readonly SortTerm<Field>[],
): readonly SortTerm<Field>[] {
  const terms = text.split(';').filter((term) => term.trim() !== '');
  if (terms.length === 0) return byDefault;
  const order = terms.map((term): SortTerm<Field> => {
    const [name = '', direction = 'asc', ...rest] = term.split(',', 3).map((word) => word.trim().toLowerCase());
    const field = fields.find((each) => each === name);
    if (field === undefined) {
      const form = 'each alone or with ",asc" or ",desc", several joined by ";"';
      refuse(`${quote(term)} is not a sort field; use one of ${fields.join(', ')}, ${form}`);
    }
    if ((direction !== 'asc' && direction !== 'desc') || rest.length > 0) {
      refuse(`${quote(term)} is not a sort order; use "${field},asc" or "${field},desc"`);
    }
    return { field, direction };
  });
  const different = new Set(order.map(({ field }) => field)).size;
  if (different > MAX_FIELDS) refuse(`${quote(text)} has ${different} fields; at most ${MAX_FIELDS} are allowed`);
  return order;
}

function refuse(message: string): never {
  throw new OvadexError('usage', `sort: ${message}`);
}

/**
 * Returns the keys of these fields, each once, followed by those that break ties, in the direction of the last field,
 * so that an index serves both directions by being read backwards.
 */
export function orderWithoutTies<Field extends string, Key extends string>(
  sort: readonly SortTerm<Field>[],
  keysOfField: Readonly<Record<Field, readonly Key[]>>,
  tieBreak: readonly Key[],
): readonly KeyTerm<Key>[] {
  const terms: KeyTerm<Key>[] = [];
  const add = (key: Key, direction: Direction) => {
    if (!terms.some((term) => term.key === key)) terms.push({ key, direction });
  };
  for (const { field, direction } of sort) {
    for (const key of keysOfField[field]) add(key, direction);
  }
  for (const key of tieBreak) add(key, sort.at(-1)?.direction ?? 'asc');
  return terms;
}

/** Returns the order as a comparison in memory. */
export function compareBy<Key extends string, Row>(
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const { key, direction } of order) {
      const difference = compareValues(keyOf(a, key), keyOf(b, key));
      if (difference !== 0) return direction === 'asc' ? difference : -difference;
    }
    return 0;
  };
}

export function compareValues(a: KeyValue, b: KeyValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return Number(a ?? -1) - Number(b ?? -1);
}

/**
 * Compares texts by code point, which is how SQLite's BINARY collation orders UTF-8. UTF-16 orders surrogates before
 * U+E000..U+FFFF, UTF-8 and code points don't.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(codeUnit: number): number {
  if (codeUnit < 0xd800) return codeUnit;
  return codeUnit < 0xe000 ? codeUnit + 0x2000 : codeUnit - 0x800;
}
