import { oneLine } from '../domain/text/printable.js';
import type { Failed } from './failure/failure.js';
import { beginsLikeXml, type Codings, MAX_CODINGS, parseCodings } from './multistatus/content-coding.js';
import { type Coding, createInflatingReader } from './multistatus/inflate.js';
import {
  createMultistatusReader,
  type MultistatusReader,
  type ReadCaps,
  type ReadFailure,
} from './multistatus/multistatus.js';
import type { MultistatusResponse } from './multistatus/response.js';
import { parseDate } from './transport/dates.js';
import type { BodyReader, DavAnswer } from './transport/transport.js';

/** The result of a whole multistatus, whose content went to `onResponse`. */
export interface Answered {
  /** The time of the request by the server's own clock, in ms since the epoch; null if unknown. */
  readonly askedAt: number | null;
  /** Removes secrets from a text; see `DavAnswer`. */
  readonly blot: (text: string) => string;
}

/** Reads the answer to one request, which is sent when the reading is created. */
export interface Reading {
  /** Starts reading a 207; the body of any other status is not read. */
  readerOf(answer: DavAnswer): BodyReader | null;
  hasBegun(): boolean;
  /** Returns the result at the end of the body. Rejects with zlib's error, as a `ConnectionError`. */
  end(): Promise<Failed | Answered>;
  /** Stops reading because the body broke off. */
  cancel(): void;
}

/** Limits a word of the storage in a message. */
const LONGEST_WORD = 40;
/** Limits a detail, as the name of a document may be as long as a text. */
const LONGEST_DETAIL = 500;
const NEXT_LINK = /;\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next[\s"])/i;

export function createReading(onResponse: (response: MultistatusResponse) => void, caps: ReadCaps): Reading {
  const sentAt = performance.now();
  let begun: (Answered & { readonly body: Body }) | null = null;

  return {
    readerOf(answer) {
      if (answer.status !== 207) return null;
      const servedAt = parseDate(answer.headers.get('date') ?? '');
      // Some servers compute everything before they date their answer.
      const askedAt = servedAt === null ? null : servedAt - (performance.now() - sentAt);
      begun = { askedAt, blot: answer.blot, body: bodyOf(answer, onResponse, caps) };
      return begun.body.reader;
    },
    hasBegun: () => begun !== null,
    async end() {
      if (begun === null) throw new Error('a 207 has ended without a beginning');
      const { askedAt, blot, body } = begun;
      await body.inflated?.();
      const failure = body.end();
      if (failure === null) return { askedAt, blot };
      const kind = failure.failure === 'truncated' ? 'cut' : 'permanent';
      return { failure: failure.failure, detail: oneLine(blot(failure.detail), LONGEST_DETAIL), trouble: { kind } };
    },
    cancel: () => begun?.body.cancel?.(),
  };
}

/** The body of a 207. */
interface Body {
  /** null if there is nothing to parse. */
  readonly reader: BodyReader | null;
  readonly inflated?: () => Promise<void>;
  readonly end: () => Misfit | ReadFailure | null;
  readonly cancel?: () => void;
}

type Misfit = Pick<Failed, 'failure' | 'detail'>;

function bodyOf({ headers }: DavAnswer, onResponse: (response: MultistatusResponse) => void, caps: ReadCaps): Body {
  if (NEXT_LINK.test(headers.get('link') ?? '')) {
    return unread({ failure: 'paged', detail: 'the rest of the listing is on further pages (Link with rel="next")' });
  }
  const codings = parseCodings(headers.get('content-encoding'));
  if (codings.codings.length > MAX_CODINGS) {
    return unread({ failure: 'malformed', detail: `the body is compressed more than ${MAX_CODINGS} times` });
  }
  const reader = createMultistatusReader(onResponse, headers.get('content-type'), caps);
  const plain = codings.unknown.length === 0 ? { reader, end: reader.end } : onlyXml(reader, codings);
  return codings.codings.reduceRight<Body>((inner, coding) => inflating(inner, coding, caps), plain);
}

function unread(misfit: Misfit): Body {
  return { reader: null, end: () => misfit };
}

/** Ignores an unknown coding if the body is XML all the same. */
function onlyXml(reader: MultistatusReader, { unknown }: Codings): Body {
  let isXml: boolean | null = null;
  return {
    reader: {
      write(bytes) {
        if (bytes.length > 0) isXml ??= beginsLikeXml(bytes);
        return isXml !== false && reader.write(bytes);
      },
    },
    end() {
      if (isXml !== false) return reader.end();
      const words = oneLine(unknown.join(', '), LONGEST_WORD);
      return { failure: 'malformed', detail: `Content-Encoding is ${words}; expected gzip, deflate, br or none` };
    },
  };
}

/** Decompresses the body for `inner`, with a limit at each step: what is compressed twice can grow twice. */
function inflating(inner: Body, coding: Coding, { bytes: maxBytes }: ReadCaps): Body {
  let bytes = 0;
  const inflater = createInflatingReader((chunk) => {
    bytes += chunk.length;
    return bytes <= maxBytes && (inner.reader?.write(chunk) ?? false);
  }, coding);
  return {
    reader: inflater,
    async inflated() {
      await inflater.end();
      if (bytes > maxBytes) inner.cancel?.();
      else await inner.inflated?.();
    },
    end() {
      const failure = inner.end();
      if (bytes <= maxBytes) return failure;
      return { failure: 'too-large', detail: `the body is longer than ${maxBytes} bytes` };
    },
    cancel() {
      inflater.cancel();
      inner.cancel?.();
    },
  };
}
