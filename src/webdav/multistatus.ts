import { SaxesParser } from 'saxes';
import type { ListingFailure } from '../domain/listing.js';
import { createResponseAssembly, type MultistatusResponse, type TextProperty } from './response.js';
import { createXmlDecoder } from './xml-text.js';

export interface ReadFailure {
  readonly failure: Extract<ListingFailure, 'not-multistatus' | 'malformed' | 'truncated' | 'too-large'>;
  readonly detail: string;
}

export interface MultistatusReader {
  /** False once the document is known to be unusable: the rest need not be read. */
  write(bytes: Uint8Array): boolean;
  /** null: a whole multistatus and nothing behind it. */
  end(): ReadFailure | null;
}

/** Bounds of what one answer may hold. */
export interface ReadCaps {
  /** Behind any decompression. */
  readonly bytes: number;
  readonly entries: number;
  /** UTF-16 units of an href or a property; a comment or a tag may be longer by one chunk of the body. */
  readonly textLength: number;
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
const DAV = 'DAV:';
const OWNCLOUD = 'http://owncloud.org/ns';
const TEXT_PROPERTIES = new Map<string, TextProperty>([
  ['getcontentlength', 'contentLength'],
  ['getlastmodified', 'lastModified'],
  ['getetag', 'etag'],
  ['getcontenttype', 'contentType'],
  ['iscollection', 'isCollection'],
  [`${OWNCLOUD} permissions`, 'permissions'],
  [`${OWNCLOUD} fileid`, 'fileId'],
]);

/**
 * Reads a multistatus (RFC 4918 section 13) from its bytes, by namespace and never by prefix, and calls
 * `onResponse` for each href. Keeps nothing but the response it is in.
 */
export function createMultistatusReader(
  onResponse: (response: MultistatusResponse) => void,
  contentType: string | null,
  caps: ReadCaps,
): MultistatusReader {
  const decoder = createXmlDecoder(contentType);
  const parser = new SaxesParser({ xmlns: true, position: false });
  const response = createResponseAssembly();

  let failure: ReadFailure | null = null;
  let bytesRead = 0;
  let entries = 0;
  let hasText = false;
  let isClosed = false;
  /** Depth of the current element; 1 is the root. */
  let depth = 0;
  /** Depth of the outermost element that means nothing to us, or 0. */
  let ignoredFrom = 0;
  /** The element whose text is wanted, or null. */
  let capturing: 'href' | 'status' | TextProperty | null = null;
  let text = '';
  /** Text that the parser holds back since its last event. */
  let pending = 0;

  const fail = (kind: ReadFailure['failure'], detail: string) => {
    failure ??= { failure: kind, detail };
  };
  const capture = (what: NonNullable<typeof capturing>) => {
    capturing = what;
    text = '';
  };

  parser.on('opentag', ({ uri, local }) => {
    pending = 0;
    depth++;
    if (ignoredFrom !== 0 || failure !== null) return;
    const name = uri === DAV ? local : uri === OWNCLOUD ? `${OWNCLOUD} ${local}` : '';
    if (depth === 1 && name !== 'multistatus') {
      fail('not-multistatus', `the document is a {${uri}}${local}, not a {DAV:}multistatus`);
    } else if (depth > 1 && !enter(name, depth)) {
      ignoredFrom = depth;
    }
  });

  /** Whether the element and what is in it mean anything: its depth tells what it is in, since all else is ignored. */
  const enter = (name: string, level: number): boolean => {
    if (capturing !== null) return false;
    switch (level) {
      case 2:
        if (name !== 'response') return false;
        response.begin();
        return true;
      case 3:
        if (name === 'propstat') response.beginPropstat();
        else if (name === 'href' || name === 'status') capture(name);
        else return false;
        return true;
      case 4:
        if (name === 'status') capture('status');
        return name === 'status' || name === 'prop';
      case 5:
        return enterProperty(name);
      case 6:
        if (name === 'collection') response.setResourceType('collection');
        return false;
      default:
        return false;
    }
  };

  const enterProperty = (name: string): boolean => {
    response.countProperty();
    if (name === 'resourcetype') {
      response.setResourceType('other');
      return true;
    }
    const property = TEXT_PROPERTIES.get(name);
    if (property === undefined) return false;
    capture(property);
    return true;
  };

  parser.on('closetag', () => {
    pending = 0;
    if (failure !== null) return;
    if (ignoredFrom !== 0) {
      if (ignoredFrom === depth) ignoredFrom = 0;
    } else if (capturing !== null) {
      keepText(capturing);
      capturing = null;
    } else if (depth === 3) {
      response.endPropstat();
    } else if (depth === 2) {
      endResponse();
    } else if (depth === 1) {
      isClosed = true;
    }
    depth--;
  });

  const keepText = (what: NonNullable<typeof capturing>) => {
    if (what === 'href') response.addHref(text);
    else if (what !== 'status') response.setText(what, text);
    else if (depth === 3) response.setStatus(text);
    else response.setPropstatStatus(text);
  };

  const emit = (entry: MultistatusResponse) => {
    if (++entries > caps.entries) fail('too-large', `more than ${caps.entries} responses`);
    if (failure === null) onResponse(entry);
  };
  const endResponse = () => {
    if (response.end(emit) === 0) fail('malformed', 'a response element has no href');
  };

  const onText = (piece: string) => {
    pending = 0;
    if (capturing === null || ignoredFrom !== 0 || failure !== null) return;
    text = text === '' ? piece : text + piece;
    if (text.length > caps.textLength)
      fail('too-large', `an element's text is longer than ${caps.textLength} characters`);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);

  parser.on('doctype', (doctype) => {
    // Entities that a document type declares can be made to grow without bound; WebDAV has no use for them.
    if (/^\s*html\b/i.test(doctype)) fail('not-multistatus', 'the document is an HTML page');
    else fail('malformed', 'the document has a <!DOCTYPE, which is refused');
  });

  parser.on('error', ({ message }) => {
    const isInside = depth > 0;
    if (isHarmless(message, { isInside, isCapturing: capturing !== null })) return;
    if (message === TEXT_OUTSIDE && !isClosed)
      fail('not-multistatus', 'the document does not begin with an XML element');
    else if (isClosed) fail('malformed', 'something stands behind the end of the document');
    else fail('malformed', `the XML can't be read: ${message}`);
  });

  const feed = (piece: string) => {
    if (piece === '') return;
    hasText ||= /\S/.test(piece);
    pending += piece.length;
    parser.write(piece);
    if (pending > caps.textLength + piece.length) {
      fail('too-large', `a part of the XML is longer than ${caps.textLength} characters`);
    }
    if (depth > MAX_ELEMENT_DEPTH) fail('too-large', `elements are nested more than ${MAX_ELEMENT_DEPTH} deep`);
  };

  return {
    write(bytes) {
      bytesRead += bytes.length;
      if (bytesRead > caps.bytes) fail('too-large', `the body is longer than ${caps.bytes} bytes`);
      if (failure === null) feed(decoder.decode(bytes));
      return failure === null;
    },
    end() {
      if (failure === null) feed(decoder.end());
      if (failure !== null) return failure;
      if (!hasText) fail('not-multistatus', 'the body is empty');
      else if (!isClosed) fail('truncated', 'the document stops before its end');
      else parser.close();
      return failure;
    },
  };
}

const TEXT_OUTSIDE = 'text data outside of root node.';

/**
 * saxes tells its errors apart by their text only. Harmless are those behind which the parser still reads every
 * element as it stands: a control character, an XML declaration behind blank lines (PHP servers), a prefix that is
 * bound to nothing, an entity of HTML in a text that nobody wants. A bare `&` isn't: it swallows elements up to the
 * next semicolon.
 */
function isHarmless(message: string, at: { isInside: boolean; isCapturing: boolean }): boolean {
  switch (message) {
    case 'disallowed character.':
      return true;
    case 'an XML declaration must be at the start of the document.':
    case 'the XML declaration must appear at the start of the document.':
      return !at.isInside;
    case 'undefined entity.':
      return !at.isCapturing;
    default:
      return message.startsWith('unbound namespace prefix');
  }
}
