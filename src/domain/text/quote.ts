/** More says no more: whoever sent a longer value finds it by its beginning, and a message stays readable. */
const MAX_QUOTED = 100;

/** A value as a message shows it: in quotes, and cut where it is very long. */
export function quote(text: string): string {
  if (text.length <= MAX_QUOTED) return `"${text}"`;
  return `"${beginningOf(text)}" (${text.length} characters)`;
}

/** A value as a record keeps it: cut in the same way. */
export function shorten(text: string): string {
  return text.length <= MAX_QUOTED ? text : `${beginningOf(text)} (${text.length} characters)`;
}

function beginningOf(text: string): string {
  // Not through the middle of a character that takes two units.
  const end = /[\ud800-\udbff]/.test(text.charAt(MAX_QUOTED - 1)) ? MAX_QUOTED - 1 : MAX_QUOTED;
  return `${text.slice(0, end)}…`;
}
