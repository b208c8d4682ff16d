/**
 * Returns a text as PostgreSQL can store it: without NUL and without halves of characters, which both may come from a
 * storage's answer.
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Returns a value as JSON whose texts can all be stored, also apart from it. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'string' ? storable(each) : each));
}
