/**
 * A text from outside without what would steer a terminal: control characters and those that
 * reorder or hide text. File names may hold anything but a slash.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, escaped);
}

/** The same of lines that are put together already: their ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(/(?!\r?\n|\t)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, escaped);
}

/**
 * A value as JSON that steers no terminal either: `JSON.stringify` escapes C0 alone, and leaves DEL, C1 (in which CSI is one
 * character), line separators and bidirectional marks as they are. To whoever reads JSON it is the same.
 */
export function toJson(value: unknown, indent?: number): string {
  return escapeJson(JSON.stringify(value, null, indent));
}

/** The same of a text that is JSON already, where such characters stand in strings alone. */
export function escapeJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

/** The same in one line, cut where it is longer than so many characters. */
export function oneLine(text: string, maxLength: number): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  if (line.length <= maxLength) return line;
  // Not through the middle of a character that takes two units.
  const end = /[\ud800-\udbff]/.test(line.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
  return `${line.slice(0, end)}…`;
}
