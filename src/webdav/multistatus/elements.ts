import type { ListingFailure } from '../../domain/model/listing.js';
import {
  createDavErrorReader,
  type DavErrorReader,
  type DavErrorWords,
  failureOfError,
  quoteWords,
} from './dav-error.js';
import { createResponseAssembly, type MultistatusResponse, type TextProperty } from './response.js';

export interface ReadFailure {
  readonly failure: Extract<
    ListingFailure,
    'not-multistatus' | 'malformed' | 'truncated' | 'too-large' | 'not-found' | 'unauthorized' | 'forbidden'
  >;
  readonly detail: string;
}

/** Limits of a single answer. */
export interface ReadCaps {
  /** Bytes after decompression. */
  readonly bytes: number;
  /** Entries; each href counts as one. */
  readonly entries: number;
  /**
   * UTF-16 units of an href or a property. Nothing between two tags, together with the second one, may be twice as long,
   * not counting the chunks of the body in which it begins and ends.
   */
  readonly textLength: number;
}

/** An element's expanded name (Namespaces in XML 1.0, section 2.1). */
export interface ElementName {
  readonly uri: string;
  readonly local: string;
}

/** Interprets the elements of a multistatus (RFC 4918 section 14) as they open and close. */
export interface MultistatusElements {
  open(name: ElementName): void;
  close(): void;
  /** Adds character data of the current element, possibly one of several pieces. */
  text(piece: string): void;
  /** Records a failure. The first one is kept, and everything after it is ignored. */
  fail(kind: ReadFailure['failure'], detail: string): void;
  failure(): ReadFailure | null;
  /** How many elements have opened and closed; a response that was read as a whole counts once. */
  progress(): number;
  /** Depth of the current element; 1 is the root. */
  depth(): number;
  /** Whether the text of the current element is wanted. */
  isCapturing(): boolean;
  /** Whether the root has ended. */
  isClosed(): boolean;
  /** Its responses; null if it reads something else. */
  readonly responses: ResponsesRead | null;
}

/** The responses of a multistatus, for a reader that knows how they look. */
export interface ResponsesRead {
  /** What the text of the current element is in a response; null if it is not wanted. */
  capturing(): 'href' | 'status' | TextProperty | null;
  /** How many have been passed on, one for each href. */
  count(): number;
  /** The last of them, until the next one is read. */
  last(): MultistatusResponse | null;
  /** Passes on one that was read as a whole, with a single href; returns false after a failure. */
  take(response: MultistatusResponse): boolean;
}

/** A `response` has several hrefs only to report an error (RFC 4918 14.24); all are kept until it ends. */
const MAX_HREFS = 1_000;
const DAV = 'DAV:';
const OWNCLOUD = 'http://owncloud.org/ns';
const NEXTCLOUD = 'http://nextcloud.org/ns';
const TEXT_PROPERTIES = new Map<string, TextProperty>([
  ['getcontentlength', 'contentLength'],
  ['getlastmodified', 'lastModified'],
  ['getetag', 'etag'],
  ['getcontenttype', 'contentType'],
  ['iscollection', 'isCollection'],
  [`${OWNCLOUD} permissions`, 'permissions'],
  [`${OWNCLOUD} fileid`, 'fileId'],
  [`${OWNCLOUD} data-fingerprint`, 'fingerprint'],
  [`${NEXTCLOUD} mount-type`, 'mountType'],
]);

/** Calls `onResponse` for each href. Compares namespaces, never prefixes; keeps only the current response. */
export function createMultistatusElements(
  onResponse: (response: MultistatusResponse) => void,
  caps: ReadCaps,
): MultistatusElements {
  const response = createResponseAssembly();
  let failure: ReadFailure | null = null;
  let entries = 0;
  let emitted = 0;
  let last: MultistatusResponse | null = null;
  let hrefs = 0;
  /** Reads the document if it is an error. */
  let davError: DavErrorReader | null = null;
  let isClosed = false;
  let depth = 0;
  let progress = 0;
  /** Depth of the outermost unknown element, or 0. */
  let ignoredFrom = 0;
  /** The element whose text is wanted, or null. */
  let capturing: 'href' | 'status' | TextProperty | null = null;
  let text = '';

  const fail = (kind: ReadFailure['failure'], detail: string) => {
    failure ??= { failure: kind, detail };
  };
  const capture = (what: NonNullable<typeof capturing>) => {
    capturing = what;
    text = '';
  };

  /** Whether the element and its content matter. Its depth tells what it is in, since everything else is ignored. */
  const enter = (name: string, level: number): boolean => {
    if (capturing !== null) return false;
    switch (level) {
      case 2:
        if (name !== 'response') return false;
        response.begin();
        hrefs = 0;
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

  const keepText = (what: NonNullable<typeof capturing>) => {
    if (what === 'href') addHref(text);
    else if (what !== 'status') response.setText(what, text);
    else if (depth === 3) response.setStatus(text);
    else response.setPropstatStatus(text);
  };

  const addHref = (href: string) => {
    countEntry();
    if (++hrefs > MAX_HREFS) fail('too-large', `more than ${MAX_HREFS} hrefs in one response`);
    else response.addHref(href);
  };

  const emit = (entry: MultistatusResponse) => {
    if (failure !== null) return;
    emitted++;
    last = entry;
    onResponse(entry);
  };

  const countEntry = () => {
    if (++entries > caps.entries) fail('too-large', `more than ${caps.entries} responses`);
  };

  const openRoot = ({ uri, local }: ElementName) => {
    if (uri === DAV && local === 'multistatus') return;
    if (uri === DAV && local === 'error') davError = createDavErrorReader();
    else fail('not-multistatus', `the document is a {${uri}}${local}, not a {DAV:}multistatus`);
  };

  const endError = (words: DavErrorWords) => {
    const said = quoteWords(words, (text) => text);
    const detail = `answered 207 with an error in place of a listing${said === '' ? '' : `: ${said}`}`;
    fail(failureOfError(words) ?? 'not-multistatus', detail);
  };

  return {
    open(element) {
      progress++;
      depth++;
      if (ignoredFrom !== 0 || failure !== null) return;
      if (depth === 1) return openRoot(element);
      if (davError !== null) return davError.open(element);
      const { uri, local } = element;
      const name = uri === DAV ? local : uri === OWNCLOUD || uri === NEXTCLOUD ? `${uri} ${local}` : '';
      if (!enter(name, depth)) ignoredFrom = depth;
    },
    close() {
      progress++;
      if (failure !== null) return;
      if (ignoredFrom !== 0) {
        if (ignoredFrom === depth) ignoredFrom = 0;
      } else if (capturing !== null) {
        keepText(capturing);
        capturing = null;
      } else if (depth === 1) {
        isClosed = true;
        if (davError !== null) endError(davError.words());
      } else if (davError !== null) {
        davError.close();
      } else if (depth === 3) {
        response.endPropstat();
      } else if (depth === 2) {
        if (response.end(emit) === 0) fail('malformed', 'a response element has no href');
      }
      depth--;
    },
    text(piece) {
      if (davError !== null) return davError.text(piece);
      if (capturing === null || ignoredFrom !== 0 || failure !== null) return;
      text = text === '' ? piece : text + piece;
      if (text.length > caps.textLength) {
        fail('too-large', `an element's text is longer than ${caps.textLength} characters`);
      }
    },
    fail,
    failure: () => failure,
    progress: () => progress,
    depth: () => depth,
    isCapturing: () => capturing !== null || davError?.isCapturing() === true,
    isClosed: () => isClosed,
    responses: {
      capturing: () => capturing,
      count: () => emitted,
      last: () => last,
      take(entry) {
        progress++;
        countEntry();
        emit(entry);
        return failure === null;
      },
    },
  };
}
