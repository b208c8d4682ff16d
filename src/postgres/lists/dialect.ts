import type { Dialect } from '../../sql/dialect.js';

const MOST = Number.MAX_SAFE_INTEGER;

/** What PostgreSQL writes differently. */
export const POSTGRES: Dialect = {
  user: 'user_name',
  isTrue: (column) => column,
  // Unlike of strpos, the server knows of LIKE how many names a text is in, and finds few of them by their trigrams.
  contains: (column, text) => ({ sql: `${column} LIKE ?`, parameters: [`%${literal(text)}%`] }),
  isAnyOf: (column, values) => ({ sql: `${column} = ANY(?)`, parameters: [values] }),
  isLike: (column, pattern) => ({ sql: `${column} LIKE ?`, parameters: [pattern.map(literal).join('%')] }),
  // ICU's lower case without a language is that of JavaScript, down to the final sigma; for ASCII any other is quicker.
  keyOfText: (column) =>
    `(CASE WHEN length(${column}) = octet_length(${column}) THEN lower(${column})
      ELSE lower(normalize(${column}, NFC) COLLATE "und-x-icu") END) COLLATE "C"`,
  comparable: (column) => `CASE WHEN ${column} > ${MOST} THEN ${MOST} ELSE ${column} END`,
};

/** Returns a text as a part of a pattern that means itself. */
export function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
