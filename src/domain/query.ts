import { OvadexError } from './errors.js';
import { type Image, nameKey } from './image.js';

/** What image lists can be ordered by; the names are those of the wire contract. */
export const SORT_FIELDS = ['name', 'path', 'id', 'size', 'created_on', 'updated_on'] as const;
export type SortField = (typeof SORT_FIELDS)[number];

export interface SortTerm {
  readonly field: SortField;
  readonly direction: 'asc' | 'desc';
}

/** A validated question to the image list of one space. */
export interface ImageQuery {
  /** Every one must occur in the name, compared by `nameKey`; `%` and `_` are literal. */
  readonly nameContains: readonly string[];
  /** Never empty; `totalOrder` makes it one without ties. */
  readonly sort: readonly SortTerm[];
}

export const DEFAULT_SORT: readonly SortTerm[] = [{ field: 'name', direction: 'asc' }];

/**
 * Reads `field`, `field,asc` or `field,desc`, several joined by `;`; nothing at
 * all means the default. Throws OvadexError `usage` that says what is allowed.
 */
export function parseSort(text: string): readonly SortTerm[] {
  if (text.trim() === '') return DEFAULT_SORT;
  return text.split(';').map((term) => {
    const [field = '', direction = 'asc', ...rest] = term.split(',').map((word) => word.trim().toLowerCase());
    if (!isSortField(field) || (direction !== 'asc' && direction !== 'desc') || rest.length > 0) {
      throw new OvadexError(
        'usage',
        `sort: "${term}" is no order; allowed are ${SORT_FIELDS.join(', ')}, each alone or with ",asc" or ",desc", several joined by ";"`,
      );
    }
    return { field, direction };
  });
}

function isSortField(field: string): field is SortField {
  return (SORT_FIELDS as readonly string[]).includes(field);
}

/**
 * The values that an order really compares. `name` means case-insensitive
 * first, then exact. Text compares by code point, which is how SQLite's BINARY
 * collation orders UTF-8.
 */
export type SortKey = 'nameKey' | 'name' | 'path' | 'id' | 'sizeBytes' | 'createdAt' | 'updatedAt';

export interface SortKeyTerm {
  readonly key: SortKey;
  readonly direction: 'asc' | 'desc';
}

const KEYS_OF_FIELD: Record<SortField, readonly SortKey[]> = {
  name: ['nameKey', 'name'],
  path: ['path'],
  id: ['id'],
  size: ['sizeBytes'],
  created_on: ['createdAt'],
  updated_on: ['updatedAt'],
};

/**
 * The order of a query without ties: the fields' keys, each once, and at last
 * the path (unique in a space) in the direction of the last field, so that an
 * index serves both directions by being read backwards.
 */
export function totalOrder(sort: readonly SortTerm[]): readonly SortKeyTerm[] {
  const terms: SortKeyTerm[] = [];
  const add = (key: SortKey, direction: 'asc' | 'desc') => {
    if (!terms.some((term) => term.key === key)) terms.push({ key, direction });
  };
  for (const { field, direction } of sort) {
    for (const key of KEYS_OF_FIELD[field]) add(key, direction);
  }
  add('path', sort.at(-1)?.direction ?? 'asc');
  return terms;
}

/** The order as a comparison in memory; unknown sizes come before all others, as in SQLite. */
export function compareImages(sort: readonly SortTerm[]): (a: Image, b: Image) => number {
  const terms = totalOrder(sort);
  return (a, b) => {
    for (const { key, direction } of terms) {
      const difference = compareValues(keyOf(a, key), keyOf(b, key));
      if (difference !== 0) return direction === 'asc' ? difference : -difference;
    }
    return 0;
  };
}

/** The filter as a predicate in memory. */
export function matchesName(query: Pick<ImageQuery, 'nameContains'>, name: string): boolean {
  const key = nameKey(name);
  return query.nameContains.every((part) => key.includes(nameKey(part)));
}

function keyOf(image: Image, key: SortKey): string | number | null {
  return key === 'nameKey' ? nameKey(image.name) : image[key];
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return Number(a ?? -1) - Number(b ?? -1);
}

/** UTF-16 orders surrogates before U+E000..U+FFFF, UTF-8 and code points don't. */
function compareCodePoints(a: string, b: string): number {
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
