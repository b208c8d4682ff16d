/**
 * How values are read whose types JavaScript doesn't have, by the numbers of the types (`pg_type.oid`): `bigint` as a
 * number, since all of ours are exact in one; `numeric` as a number if it is exact in one, else as its text.
 */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number,
  1700: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
};

/** Whether a text can be stored: one with a NUL can't, and a question with one would fail instead of finding nothing. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}
