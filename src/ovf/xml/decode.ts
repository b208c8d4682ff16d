import { isUtf8 } from 'node:buffer';

/** The text of a document, or in words why its bytes are none. */
export type Decoded = { readonly text: string } | { readonly fault: string };

/** How far into a document its declaration is looked for, in bytes: genuine ones end within 60. */
const DECLARATION_BYTES = 256;

const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** What Windows' Western encoding has from 0x80 to 0x9f; five places are not taken and stay what they are. */
const WINDOWS_1252: readonly string[] = Array.from('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ');

/**
 * Decodes a document by its byte order mark, else by its declaration, and drops the mark and blanks before the first
 * character. Citrix declares `utf-16` and writes UTF-8: what has no zero bytes isn't UTF-16. What is declared to be ASCII
 * is UTF-8, which ASCII is a part of, unless its bytes are not.
 */
export function decodeXml(bytes: Uint8Array): Decoded {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  const encoding = marked?.[0] ?? unmarkedUtf16(bytes) ?? declaredEncoding(bytes) ?? 'utf-8';
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    const text = decodeWindows(encoding, decoder.decode(bytes));
    return { text: text.replace(/^[ \t\r\n]+/, '') };
  } catch (error) {
    if (error instanceof RangeError) return { fault: `its encoding is not known: ${encoding.slice(0, 40)}` };
    if (error instanceof TypeError) return { fault: `its bytes are not ${encoding}` };
    throw error;
  }
}

/**
 * Puts right what Node.js makes of Windows' own Western characters: some releases decode them as Latin-1's control
 * characters. A real control character of this kind is nothing that a document could mean.
 */
function decodeWindows(encoding: string, text: string): string {
  if (!/^(?:windows-|x-cp|cp)1252$/.test(encoding)) return text;
  return text.replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] ?? control);
}

/** UTF-16 without a mark shows in the `<` that it begins with. */
function unmarkedUtf16(bytes: Uint8Array): string | null {
  if (bytes[0] === 0x3c && bytes[1] === 0) return 'utf-16le';
  if (bytes[0] === 0 && bytes[1] === 0x3c) return 'utf-16be';
  return null;
}

function declaredEncoding(bytes: Uint8Array): string | null {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION_BYTES));
  const declared = /^[ \t\r\n]*<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(start);
  const name = (declared?.[1] ?? declared?.[2])?.trim().toLowerCase() ?? null;
  if (name === null || /^(?:utf-?16|utf-?32|ucs-?[24]|iso-10646|(?:cs)?unicode(?:$|fe|ff))/.test(name)) return null;
  return /^(?:us-ascii|ascii|ansi_x3\.4-1968)$/.test(name) && isUtf8(bytes) ? null : name;
}
