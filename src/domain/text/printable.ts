/**
 * Escapes what would control a terminal in a text from outside: control characters and those that reorder or hide text.
 * File names may contain anything but a slash.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, escaped);
}

/** Escapes what would control a terminal in several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(/(?!\r?\n|\t)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, escaped);
}

/**
 * Returns a value as JSON that can't control a terminal: `JSON.stringify` escapes only C0, and leaves DEL, C1 (in which
 * CSI is one character), line separators and bidirectional marks as they are. To a JSON parser it is the same.
 */
export function toJson(value: unknown, indent?: number): string {
  return escapeJson(JSON.stringify(value, null, indent));
}

/** Escapes what would control a terminal in JSON, where such characters occur only within strings. */
export function escapeJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

/** Returns a text from outside in one line, escaped, and cut if it is longer than `maxLength` characters. */
export function oneLine(text: string, maxLength: number): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  if (line.length <= maxLength) return line;
  // Don't cut through a character that takes two units.
  const end = /[\ud800-\udbff]/.test(line.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
  return `${line.slice(0, end)}…`;
}
