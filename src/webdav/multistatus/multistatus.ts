import { createMultistatusElements, type MultistatusElements, type ReadCaps, type ReadFailure } from './elements.js';
import { createPlainXml } from './plain-xml.js';
import type { MultistatusResponse } from './response.js';
import { createStrictXml, type StrictXml } from './strict-xml.js';
import { createXmlDecoder } from './xml-text.js';

export type { ReadCaps, ReadFailure };

export interface MultistatusReader {
  /** False once the document is known to be unusable: the rest need not be read. */
  write(bytes: Uint8Array): boolean;
  /** null: a whole multistatus and nothing behind it. */
  end(): ReadFailure | null;
}

export const DEFAULT_CAPS: ReadCaps = {
  // A million entries of Apache's size (450 bytes each) are half of it.
  bytes: 1_073_741_824,
  // Box was seen with a million files in one collection (sabre-io/dav#884); no real one is larger.
  entries: 1_000_000,
  // PATH_MAX is 4096 bytes, three characters each when percent-encoded; five times that.
  textLength: 65_536,
};

/** multistatus, response, propstat, prop, resourcetype and collection are six; properties may nest a little. */
const MAX_ELEMENT_DEPTH = 64;

/** S (XML 1.0, 3): less than what JavaScript takes for blank. */
const BLANKS = /^[ \t\r\n]*$/;

/** Reads the characters of a document. */
export interface XmlReader {
  write(text: string): void;
  end(): void;
}

/**
 * Reads a multistatus (RFC 4918 section 13) from its bytes and calls `onResponse` for each href. Keeps nothing but
 * the response it is in.
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
  let bytesRead = 0;
  let hasText = false;

  const feed = (piece: string) => {
    if (piece === '') return;
    hasText ||= /\S/.test(piece);
    xml.write(piece);
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

/**
 * saxes reads every document, but takes more than twice as long as the few constructs need that nearly all of them
 * consist of. Those are read without it for as long as nothing else comes; whatever else comes, right or wrong, and all
 * behind it, is for saxes to read and to judge.
 */
function createXmlReader(elements: MultistatusElements, { textLength }: ReadCaps): XmlReader {
  const plain = createPlainXml(elements, textLength);
  let strict: StrictXml | null = null;

  const toStrict = (left: string) => {
    strict = createStrictXml(elements, { textLength, readBefore: plain.outline() });
    strict.write(left);
  };
  return {
    write(text) {
      if (strict !== null) strict.write(text);
      else if (!plain.write(text)) toStrict(plain.rest());
    },
    end() {
      if (strict === null && !BLANKS.test(plain.rest())) toStrict(plain.rest());
      strict?.end();
    },
  };
}
