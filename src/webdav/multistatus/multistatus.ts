import { createMultistatusElements, type MultistatusElements, type ReadCaps, type ReadFailure } from './elements.js';
import { createPlainXml } from './plain-xml.js';
import type { MultistatusResponse } from './response.js';
import { createStrictXml, type StrictXml } from './strict-xml.js';
import { createXmlDecoder } from './xml-text.js';

export type { ReadCaps, ReadFailure };

export interface MultistatusReader {
  /** Returns false once the document is known to be unusable, so that the rest need not be read. */
  write(bytes: Uint8Array): boolean;
  /** Returns null after a whole multistatus with nothing after it, or else the failure. */
  end(): ReadFailure | null;
}

export const DEFAULT_CAPS: ReadCaps = {
  // Twice the size of a million entries of Apache (450 bytes each).
  bytes: 1_073_741_824,
  // Box was seen with a million files in one collection (sabre-io/dav#884); no real one is larger.
  entries: 1_000_000,
  // PATH_MAX is 4096 bytes, three characters each when percent-encoded; five times that.
  textLength: 65_536,
};

/** multistatus, response, propstat, prop, resourcetype and collection are six levels; properties may nest a little. */
const MAX_ELEMENT_DEPTH = 64;

/** White space in XML (XML 1.0, 3: S), which is less than in JavaScript. */
const BLANKS = /^[ \t\r\n]*$/;

/** Reads the characters of a document. */
export interface XmlReader {
  write(text: string): void;
  end(): void;
}

/**
 * Reads a multistatus (RFC 4918 section 13) from its bytes and calls `onResponse` for each href. Keeps only the current
 * response.
 */
export function createMultistatusReader(
  onResponse: (response: MultistatusResponse) => void,
  contentType: string | null,
  caps: ReadCaps,
  createXml: typeof createXmlReader = createXmlReader,
): MultistatusReader {
  const decoder = createXmlDecoder(contentType);
  const elements = createMultistatusElements(onResponse, caps);
  const xml = createXml(elements, caps);
  const longest = longestPart(caps);
  let bytesRead = 0;
  let hasText = false;
  /** The length of what has come since the last tag in chunks without one. */
  let held = 0;

  const feed = (piece: string) => {
    if (piece === '') return;
    hasText ||= /\S/.test(piece);
    const before = elements.progress();
    xml.write(piece);
    if (elements.progress() !== before) held = 0;
    else if (held > longest) elements.fail('too-large', `a part of the XML is longer than ${longest} characters`);
    else held += piece.length;
    if (elements.depth() > MAX_ELEMENT_DEPTH) {
      elements.fail('too-large', `elements are nested more than ${MAX_ELEMENT_DEPTH} deep`);
    }
  };

  return {
    write(bytes) {
      bytesRead += bytes.length;
      if (bytesRead > caps.bytes) elements.fail('too-large', `the body is longer than ${caps.bytes} bytes`);
      if (elements.failure() === null) feed(decoder.decode(bytes));
      return elements.failure() === null;
    },
    end() {
      if (elements.failure() === null) feed(decoder.end());
      if (elements.failure() !== null) return elements.failure();
      xml.end();
      if (!hasText) elements.fail('not-multistatus', 'the body is empty');
      if (!elements.isClosed()) elements.fail('truncated', 'the document stops before its end');
      return elements.failure();
    },
  };
}

/** A text and the tag behind it, in characters. */
const longestPart = ({ textLength }: ReadCaps) => 2 * textLength;

/**
 * saxes reads every document, but more than twice as slowly as necessary for the few constructs that nearly all
 * documents consist of. Those are read without it until something else comes; that, valid or not, and everything after
 * it is left to saxes.
 */
function createXmlReader(elements: MultistatusElements, caps: ReadCaps): XmlReader {
  const plain = createPlainXml(elements, caps.textLength);
  let strict: StrictXml | null = null;

  const toStrict = (left: string) => {
    strict = createStrictXml(elements, plain.outline());
    strict.write(left);
  };
  return {
    write(text) {
      if (strict !== null) return strict.write(text);
      const before = elements.progress();
      const isPlain = plain.write(text);
      // What is wrong with so long a part, but for its length, is for saxes to say, and first.
      const isLong = elements.progress() === before && plain.rest().length > longestPart(caps);
      if (!isPlain || isLong) toStrict(plain.rest());
    },
    end() {
      if (strict === null && !BLANKS.test(plain.rest())) toStrict(plain.rest());
      strict?.end();
    },
  };
}
