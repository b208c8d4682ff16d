import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { pathFromBytes } from '../../domain/model/path.js';

/** Decodes the bytes of an XML body chunk by chunk. Nothing is lost or rejected at a chunk's edge. */
export interface XmlDecoder {
  decode(bytes: Uint8Array): string;
  /** Returns the rest at the end of the body. */
  end(): string;
}

/** Enough for a byte order mark and an XML declaration, which name the encoding. */
const HEAD_BYTES = 256;
const DECLARED_ENCODING = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/;
/** A byte that is not UTF-8, as `pathFromBytes` writes it. */
const STRAY_BYTE = /\u201B([89A-F][0-9A-F])/g;

/**
 * Decodes by byte order mark, else by `charset` of the Content-Type, else by the XML declaration, else as UTF-8 (RFC
 * 7303 section 3). Zero bytes reveal two-byte characters, whatever is declared (XML 1.0, appendix F). In UTF-8 a stray
 * byte becomes `%E9`: some servers put unescaped Latin-1 names into hrefs, and that is how they should have been
 * escaped.
 */
export function createXmlDecoder(contentType: string | null): XmlDecoder {
  let head: Uint8Array | null = new Uint8Array(0);
  let body: XmlDecoder | null = null;
  const start = (bytes: Uint8Array): string => {
    head = null;
    body = decoderOf(encodingOf(bytes, contentType), widthOf(bytes));
    return body.decode(bytes);
  };
  return {
    decode(bytes) {
      if (body !== null) return body.decode(bytes);
      const joined = head === null || head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      if (joined.length >= HEAD_BYTES) return start(joined);
      head = joined;
      return '';
    },
    end() {
      const text = head === null ? '' : start(head);
      return text + (body?.end() ?? '');
    },
  };
}

function encodingOf(bytes: Uint8Array, contentType: string | null): string {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1');
  if (head.startsWith('\xef\xbb\xbf')) return 'utf-8';
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1];
  return (charset ?? DECLARED_ENCODING.exec(head)?.[1] ?? 'utf-8').toLowerCase();
}

/** Recognises UTF-16: a document begins with an ASCII character or a mark, and which of its bytes is zero tells. */
function widthOf([first = -1, second = -1]: Uint8Array): 'utf-16le' | 'utf-16be' | 'one' {
  if ((first === 0xff && second === 0xfe) || (first > 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second > 0)) return 'utf-16be';
  return 'one';
}

function decoderOf(encoding: string, width: ReturnType<typeof widthOf>): XmlDecoder {
  if (width !== 'one') return decodingAs(new TextDecoder(width));
  // Without a charset text/xml means ASCII (RFC 2376), but then the body is UTF-8 all the same.
  if (encoding === 'utf-8' || encoding === 'utf8' || encoding === 'us-ascii') return utf8Decoder();
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return utf8Decoder(); // an unknown encoding: ASCII markup can still be read
  }
  // A .NET StringWriter declares utf-16 however the text is encoded later.
  return decoder.encoding.startsWith('utf-16') ? utf8Decoder() : decodingAs(decoder);
}

function decodingAs(decoder: TextDecoder): XmlDecoder {
  return { decode: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

const NOTHING = new Uint8Array(0);

function utf8Decoder(): XmlDecoder {
  let rest = NOTHING;
  return {
    decode(bytes) {
      // Nearly all there is: found out and copied in half the time.
      if (rest.length === 0 && isAscii(bytes)) return bufferOf(bytes).toString('latin1');
      const joined = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const whole = joined.length - unfinishedBytes(joined);
      rest = Uint8Array.from(joined.subarray(whole));
      return utf8Text(joined.subarray(0, whole));
    },
    end() {
      const text = utf8Text(rest);
      rest = NOTHING;
      return text;
    },
  };
}

function utf8Text(bytes: Uint8Array): string {
  return isUtf8(bytes) ? bufferOf(bytes).toString('utf8') : pathFromBytes(bytes).replace(STRAY_BYTE, '%$1');
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Returns how many bytes at the end belong to an incomplete character: 0 to 3. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back];
    if (byte === undefined || byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}

/** Longer than nearly all paths; a text is copied through it in two thirds of the time that a buffer of its own takes. */
const scratch = Buffer.alloc(3_072);
const MOST_BYTES_A_UNIT = 3;

/** Copies a text: a slice of the body would keep its whole chunk in memory. */
export function detached(text: string): string {
  if (text.length * MOST_BYTES_A_UNIT > scratch.length) return Buffer.from(text, 'utf8').toString('utf8');
  return scratch.toString('utf8', 0, scratch.write(text, 'utf8'));
}
