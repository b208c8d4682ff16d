import type { Dialect } from '../../sql/dialect.js';

/** What SQLite writes differently. The function `name_key` is that of the list reader. */
export const SQLITE: Dialect = {
  user: 'user',
  isTrue: (column) => `${column} = 1`,
  contains: (column, text) => ({ sql: `instr(${column}, ?) > 0`, parameters: [text] }),
  isAnyOf: (column, values) => ({
    sql: `${column} IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(values)],
  }),
  isLike: (column, pattern) => ({
    sql: `${column} GLOB ?`,
    parameters: [pattern.map((part) => part.replace(/[*?[]/g, '[$&]')).join('*')],
  }),
  // `name_key` is `nameKey` itself and as slow as any call from SQLite into JavaScript; for ASCII, `lower` does the same.
  keyOfText: (column) =>
    `CASE WHEN length(${column}) = octet_length(${column}) THEN lower(${column}) ELSE name_key(${column}) END`,
  comparable: (column) => `iif(typeof(${column}) = 'text', ${Number.MAX_SAFE_INTEGER}, ${column})`,
};
