/** Longer quotes tell no more: the sender of a longer value recognises it by its beginning, and a message stays readable. */
const MAX_QUOTED = 100;

/** Returns a value as messages show it: in quotes, and cut if it is very long. */
export function quote(text: string): string {
  if (text.length <= MAX_QUOTED) return `"${text}"`;
  return `"${beginningOf(text, MAX_QUOTED)}" (${text.length} characters)`;
}

/** Returns a value as records keep it: without quotes, and cut if it is very long. */
export function shorten(text: string): string {
  return text.length <= MAX_QUOTED ? text : `${beginningOf(text, MAX_QUOTED)} (${text.length} characters)`;
}

/** Returns the first characters of a text that is longer, with an ellipsis. */
export function beginningOf(text: string, length: number): string {
  return `${cutTo(text, length)}…`;
}

/** Cuts a text, but not through a character that takes two units: half of one can't be written as UTF-8. */
export function cutTo(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length);
}
