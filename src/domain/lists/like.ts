import { nameKey } from '../model/image.js';

/**
 * A pattern of `like`: the literal texts between its wildcards, as name keys, so that it matches in any case and
 * Unicode form. A single part is the whole text.
 */
export type LikePattern = readonly string[];

/** A character that loses its special meaning after a backslash. */
const ESCAPABLE = /[\\;,|%]/;
const ESCAPED = /\\([\\;,|%])/g;

/** Reads a pattern in which `%` stands for any text, even none, and `\%` for itself; `_` is literal. */
export function parseLike(text: string): LikePattern {
  const parts = splitUnescaped(text, '%').map((part) => nameKey(withoutEscapes(part)));
  // Several wildcards in a row are one.
  return parts.filter((part, i) => part !== '' || i === 0 || i === parts.length - 1);
}

/** Whether the pattern matches the whole text, given by its name key. The time grows with the text, not with the pattern. */
export function matchesLike(pattern: LikePattern, key: string): boolean {
  const first = pattern[0] ?? '';
  if (pattern.length === 1) return key === first;
  if (!key.startsWith(first)) return false;
  let at = first.length;
  for (let i = 1; i < pattern.length - 1; i++) {
    const part = pattern[i] ?? '';
    const found = key.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  const last = pattern.at(-1) ?? '';
  return key.length - last.length >= at && key.endsWith(last);
}

/** Removes the backslashes that made the next character literal; any other backslash stands for itself. */
export function withoutEscapes(text: string): string {
  return text.replace(ESCAPED, '$1');
}

/** Splits at each of these separators that isn't preceded by a backslash of its own. */
export function splitUnescaped(text: string, separators: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\' && ESCAPABLE.test(text.charAt(i + 1))) {
      i += 1;
    } else if (separators.includes(character)) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
