/**
 * A text from outside without what would steer a terminal: control characters and those that
 * reorder or hide text. File names may hold anything but a slash.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
  });
}

/** The same in one line, cut where it is longer than so many characters. */
export function oneLine(text: string, maxLength: number): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  if (line.length <= maxLength) return line;
  // Not through the middle of a character that takes two units.
  const end = /[\ud800-\udbff]/.test(line.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
  return `${line.slice(0, end)}…`;
}
