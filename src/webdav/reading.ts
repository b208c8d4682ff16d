import { parseDate } from './dates.js';
import type { Failed } from './failure.js';
import { createInflatingReader } from './inflate.js';
import { createMultistatusReader, type MultistatusReader, type ReadCaps, type ReadFailure } from './multistatus.js';
import type { MultistatusResponse } from './response.js';
import type { BodyReader, DavAnswer } from './transport.js';

/** A whole multistatus was read; what it says went to `onResponse`. */
export interface Answered {
  /** When it was asked for, by the server's own clock, in ms since the epoch; null where it didn't say. */
  readonly askedAt: number | null;
}

/** Reads the answer to one request, which is sent when this is created. */
export interface Reading {
  /** Begins to read a 207; any other status has nothing to read. */
  readerOf(answer: DavAnswer): BodyReader | null;
  hasBegun(): boolean;
  /** What the 207 was worth, behind its body. Rejects with zlib's error. */
  end(): Promise<Failed | Answered>;
  /** The body broke off. */
  cancel(): void;
}

const NEXT_LINK = /;\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next[\s"])/i;

export function createReading(onResponse: (response: MultistatusResponse) => void, caps: ReadCaps): Reading {
  const sentAt = performance.now();
  let begun: { readonly askedAt: number | null; readonly body: Body } | null = null;

  return {
    readerOf(answer) {
      if (answer.status !== 207) return null;
      const servedAt = parseDate(answer.headers.get('date') ?? '');
      // Some servers work everything out before they date their answer.
      const askedAt = servedAt === null ? null : servedAt - (performance.now() - sentAt);
      begun = { askedAt, body: bodyOf(answer, onResponse, caps) };
      return begun.body.reader;
    },
    hasBegun: () => begun !== null,
    async end() {
      if (begun === null) throw new Error('a 207 has ended without a beginning');
      const { askedAt, body } = begun;
      await body.inflated?.();
      const failure = body.end();
      if (failure === null) return { askedAt };
      return { ...failure, trouble: { kind: failure.failure === 'truncated' ? 'cut' : 'permanent' } };
    },
    cancel: () => begun?.body.cancel?.(),
  };
}

/** The body of a 207. */
interface Body {
  /** null: it says nothing that is of use. */
  readonly reader: BodyReader | null;
  readonly inflated?: () => Promise<void>;
  readonly end: () => Misfit | ReadFailure | null;
  readonly cancel?: () => void;
}

type Misfit = Pick<Failed, 'failure' | 'detail'>;

function bodyOf({ headers }: DavAnswer, onResponse: (response: MultistatusResponse) => void, caps: ReadCaps): Body {
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  const isGzip = encoding === 'gzip' || encoding === 'x-gzip';
  if (NEXT_LINK.test(headers.get('link') ?? '')) {
    return unread({ failure: 'paged', detail: 'the rest of the listing stands behind a Link with rel="next"' });
  }
  if (!isGzip && encoding !== 'identity') {
    return unread({ failure: 'malformed', detail: `Content-Encoding is ${encoding}; expected gzip or none` });
  }
  const reader = createMultistatusReader(onResponse, headers.get('content-type'), caps);
  return isGzip ? inflating(reader) : { reader, end: reader.end };
}

function unread(misfit: Misfit): Body {
  return { reader: null, end: () => misfit };
}

function inflating(reader: MultistatusReader): Body {
  const inflater = createInflatingReader(reader.write);
  return { reader: inflater, inflated: inflater.end, end: reader.end, cancel: inflater.cancel };
}
