/** Returns the text at this place of a JSON value; null if there is none, it is empty, longer, or has control characters. */
export function textAt(json: unknown, keys: readonly string[], maxLength: number): string | null {
  let value = json;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  if (typeof value !== 'string' || value === '' || value.length > maxLength || /\p{Cc}/u.test(value)) return null;
  return value;
}
