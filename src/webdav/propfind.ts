import type { Exchange } from './auth/exchange.js';
import { connectionFailure } from './failure/connection-failure.js';
import { type Failed, statusFailure } from './failure/failure.js';
import type { ReadCaps } from './multistatus/multistatus.js';
import type { MultistatusResponse } from './multistatus/response.js';
import { type Answered, createReading } from './reading.js';
import { deadlineIn } from './transport/transport.js';

/** A request that a multistatus answers, and how to read that. */
export interface MultistatusRequest {
  readonly exchange: Exchange;
  /** The percent-encoded path, sent unchanged in the request line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly totalMs: number;
  readonly caps: ReadCaps;
  readonly onResponse: (response: MultistatusResponse) => void;
}

/** `headers` are those of `propfindHeaders`. */
export interface PropfindRequest extends MultistatusRequest {
  /**
   * Whether to ask for the properties of ownCloud and Nextcloud, too. A server without them answers 404 for every single
   * member.
   */
  readonly asksOwncloud: boolean;
  /** Whether it is a space's root, which is also asked for what is the same in the whole storage. */
  readonly isRoot: boolean;
}

/** Only the properties that are used: for `allprop` Apache computes quotas and Nextcloud asks every plug-in. */
const PROPERTIES = '<D:resourcetype/><D:getcontentlength/><D:getlastmodified/><D:getetag/>';
const BODY = bodyFor('<D:propfind xmlns:D="DAV:">', PROPERTIES);
const OWNCLOUD = '<D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">';
const OWNCLOUD_PROPERTIES = `${PROPERTIES}<oc:fileid/><oc:permissions/><nc:mount-type/>`;
const OWNCLOUD_BODY = bodyFor(OWNCLOUD, OWNCLOUD_PROPERTIES);
const OWNCLOUD_ROOT_BODY = bodyFor(OWNCLOUD, `${OWNCLOUD_PROPERTIES}<oc:data-fingerprint/>`);
const HEADERS = {
  'Content-Type': 'application/xml; charset=utf-8',
  Accept: 'application/xml, text/xml',
  'Accept-Encoding': 'gzip',
  // sabre (Nextcloud, ownCloud) then omits the propstats with 404 (RFC 8144 2.1).
  Prefer: 'return=minimal',
};

export type Depth = '0' | '1';

/** Returns the headers of all requests with this depth: made once, they are also encoded only once. */
export function propfindHeaders(depth: Depth, userAgent: string): Readonly<Record<string, string>> {
  return { ...HEADERS, Depth: depth, 'User-Agent': userAgent };
}

/** Returns the headers of all searches. */
export function searchHeaders(userAgent: string): Readonly<Record<string, string>> {
  return { ...HEADERS, 'User-Agent': userAgent };
}

/** Sends one PROPFIND (RFC 4918 9.1) without any retry. Rejects only with the reason of an aborted signal. */
export function propfind(request: PropfindRequest, signal: AbortSignal): Promise<Failed | Answered> {
  const { asksOwncloud, isRoot } = request;
  const body = !asksOwncloud ? BODY : isRoot ? OWNCLOUD_ROOT_BODY : OWNCLOUD_BODY;
  return ask(request, 'PROPFIND', body, signal);
}

/** Sends one SEARCH (RFC 5323 2), like `propfind`; `headers` are those of `searchHeaders`. */
export function searchOnce(request: MultistatusRequest, body: string, signal: AbortSignal): Promise<Failed | Answered> {
  return ask(request, 'SEARCH', body, signal);
}

async function ask(
  request: MultistatusRequest,
  method: 'PROPFIND' | 'SEARCH',
  body: string,
  signal: AbortSignal,
): Promise<Failed | Answered> {
  const { exchange, path, headers, totalMs } = request;
  const reading = createReading(request.onResponse, request.caps);
  try {
    const { readerOf } = reading;
    const answer = await exchange({ method, path, headers, body, deadline: deadlineIn(totalMs), readerOf }, signal);
    return answer.status === 207 ? await reading.end() : statusFailure(answer);
  } catch (error) {
    reading.cancel();
    signal.throwIfAborted();
    return connectionFailure(error, reading.hasBegun() ? 'body' : 'head');
  }
}

function bodyFor(propfind: string, properties: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${propfind}<D:prop>${properties}</D:prop></D:propfind>\n`;
}
