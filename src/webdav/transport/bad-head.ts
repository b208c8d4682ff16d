/** A head that the parser rejected; the message says what is wrong with it, without quoting it. */
export class BadHead extends Error {
  override readonly name = 'BadHead';
}

const CARRIAGE_RETURN = '\r';
/** A token (RFC 9110 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A value may contain tabs and anything beyond ASCII (RFC 9110 5.5). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Describes what is wrong with the head at the beginning of these bytes; null if nothing is found. undici reports a
 * mismatch of Content-Length and body for any head that has a Content-Length, whatever the parser found.
 */
export function faultOfHead(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!text.startsWith('HTTP/')) return null;
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/, 2);
  const [, ...lines] = (rest.length === 0 ? head : `${head}${CARRIAGE_RETURN}`).split('\n');
  if (rest.length === 0) lines.pop(); // it is incomplete
  const lengths: string[] = [];
  let isEncoded = false;
  for (const line of lines) {
    const fault = faultOfLine(line);
    if (fault !== null) return fault;
    const [, name = '', value = ''] = /^([^:]*):\s*(.*?)\s*$/s.exec(line) ?? [];
    if (name.toLowerCase() === 'content-length') lengths.push(value);
    if (name.toLowerCase() === 'transfer-encoding') isEncoded = true;
  }
  const [length] = lengths;
  if (lengths.length > 1) return 'it has more than one Content-Length';
  if (length === undefined) return null;
  if (isEncoded) return 'it has both Content-Length and Transfer-Encoding';
  return /^\d{1,15}$/.test(length) ? null : 'its Content-Length is not a number';
}

function faultOfLine(line: string): string | null {
  if (!line.endsWith(CARRIAGE_RETURN)) return 'one of its lines ends in LF without CR';
  if (/^[ \t]/.test(line)) return 'a header continues on the next line';
  const colon = line.indexOf(':');
  if (colon === -1) return 'one of its lines is not a header';
  const name = line.slice(0, colon);
  if (/[ \t]$/.test(name)) return "a blank stands before a header's colon";
  if (!TOKEN.test(name)) return "a header's name has a character that none may have";
  return CONTROL.test(line.slice(colon, -1)) ? "a header's value has a control character" : null;
}
