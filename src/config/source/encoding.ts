import type { SyntaxProblem } from './document.js';

/** Either the text, or the position of its first invalid byte and what to do about it. */
export type DecodedText = { readonly text: string } | { readonly problem: SyntaxProblem };

const NEWLINE = 0x0a;

/**
 * Decodes a file in UTF-8, without its byte order mark. Anything else is rejected with its position: a name with
 * replacement characters would be another user's.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const wide = wideEncodingOf(bytes);
  if (wide !== null) {
    const message = `the file is in ${wide}; save it as UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)`;
    return { problem: { line: 1, column: 1, message } };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { problem: notUtf8(bytes) };
  }
}

/** Recognises UTF-16 by its byte order mark or, without one, by the zero byte in each of its ASCII characters. */
function wideEncodingOf([first, second, third, fourth]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16';
  if (first === 0xfe && second === 0xff) return 'UTF-16';
  if ((first === 0) !== (second === 0) && second !== undefined) return 'UTF-16';
  return null;
}

function notUtf8(bytes: Uint8Array): SyntaxProblem {
  const at = validLength(bytes);
  const start = bytes.lastIndexOf(NEWLINE, at - 1) + 1;
  let line = 1;
  for (let each = 0; each < start; each++) if (bytes[each] === NEWLINE) line += 1;
  const column = [...new TextDecoder().decode(bytes.subarray(start, at))].length + 1;
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  const message = `the byte 0x${byte} here is not UTF-8; is the file in Latin-1? save it as UTF-8 (iconv -f LATIN1 -t UTF-8 converts it)`;
  return { line, column, message };
}

/** Returns how many bytes from the start are valid UTF-8; the byte after them is not. */
function validLength(bytes: Uint8Array): number {
  // Text that is decoded with replacement characters and encoded again first differs at the invalid byte.
  const again = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at += 1;
  // The invalid byte may equal the first byte of the replacement character.
  while (at > 0 && ((again[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}
