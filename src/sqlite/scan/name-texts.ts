import type { FilterTerm } from '../../domain/lists/filter.js';
import { matchesLike } from '../../domain/lists/like.js';
import { nameKey } from '../../domain/model/image.js';

/** What a query requires of name keys, all of whose texts are bytes as `bytesOf` returns them. */
export interface NameTexts {
  /** Tells these requirements from others. */
  readonly key: string;
  /** The longest text; it isn't empty. */
  readonly longest: string;
  /** Whether a name key meets all requirements. */
  matches(name: string): boolean;
  /** Whether a name key that contains the longest text meets the others; null if there are none. */
  readonly others: ((name: string) => boolean) | null;
}

/** Stands between names: UTF-8 has no such byte, so that no text is found in two of them together. */
export const SEPARATOR = '\xff';

/**
 * Returns the bytes of a text in UTF-8, each as a character of its own: so texts compare with and contain each other as they do in
 * SQLite, and V8 keeps and searches them byte by byte.
 */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Returns what a query requires of name keys; null if it is nothing. */
export function nameTexts<Field extends string>(
  nameContains: readonly string[],
  filter: readonly FilterTerm<Field>[] = [],
): NameTexts | null {
  const texts = nameContains.map((text) => bytesOf(nameKey(text))).filter((text) => text !== '');
  const patterns = filter.flatMap((term) =>
    term.field === 'name' && term.operator === 'like' ? [term.pattern.map(bytesOf)] : [],
  );
  const longest = [...texts, ...patterns.flat()].reduce((most, text) => (text.length > most.length ? text : most), '');
  if (longest === '') return null;
  const further = texts.filter((text) => text !== longest);
  const isOther = ([first, second, third, ...rest]: readonly string[]) =>
    !(first === '' && second === longest && third === '' && rest.length === 0);
  const wanted = patterns.filter(isOther);
  const others = (name: string) =>
    further.every((text) => name.includes(text)) && wanted.every((pattern) => matchesLike(pattern, name));
  return {
    key: JSON.stringify([texts, patterns]),
    longest,
    matches: (name) => name.includes(longest) && others(name),
    others: further.length + wanted.length === 0 ? null : others,
  };
}

/**
 * Whether all that a query requires is in the names, and somewhere within them: a name as a whole and beginnings of names are found
 * by their index.
 */
export function isWithinNames<Field extends string>(filter: readonly FilterTerm<Field>[] = []): boolean {
  return filter.every((term) => term.field === 'name' && term.operator === 'like' && term.pattern[0] === '');
}
