import type { Exchange } from './auth/exchange.js';
import { connectionFailure } from './failure/connection-failure.js';
import { type Failed, statusFailure } from './failure/failure.js';
import type { ReadCaps } from './multistatus/multistatus.js';
import type { MultistatusResponse } from './multistatus/response.js';
import { type Answered, createReading, type Reading } from './reading.js';
import { ConnectionError } from './transport/connection-error.js';
import type { DavAnswer } from './transport/transport.js';

export interface PropfindRequest {
  readonly exchange: Exchange;
  /** The percent-encoded path, sent unchanged in the request line. */
  readonly path: string;
  readonly depth: '0' | '1';
  /** Whether to ask for ownCloud's properties, too. A server without them answers 404 for every single member. */
  readonly asksOwncloud: boolean;
  readonly userAgent: string;
  readonly totalMs: number;
  readonly caps: ReadCaps;
  readonly onResponse: (response: MultistatusResponse) => void;
}

/** Only the properties that are used: for `allprop` Apache computes quotas and Nextcloud asks every plug-in. */
const PROPERTIES = '<D:resourcetype/><D:getcontentlength/><D:getlastmodified/><D:getetag/>';
const BODY = bodyFor('<D:propfind xmlns:D="DAV:">', PROPERTIES);
const OWNCLOUD_BODY = bodyFor(
  '<D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns">',
  `${PROPERTIES}<oc:fileid/><oc:permissions/>`,
);
const HEADERS = {
  'Content-Type': 'application/xml; charset=utf-8',
  Accept: 'application/xml, text/xml',
  'Accept-Encoding': 'gzip',
  // sabre (Nextcloud, ownCloud) then omits the propstats with 404 (RFC 8144 2.1).
  Prefer: 'return=minimal',
};

/** Sends one PROPFIND (RFC 4918 9.1) without any retry. Rejects only with the reason of an aborted signal. */
export async function propfind(request: PropfindRequest, signal: AbortSignal): Promise<Failed | Answered> {
  const deadline = startDeadline(request.totalMs, signal);
  const reading = createReading(request.onResponse, request.caps);
  try {
    const answer = await send(request, reading, deadline.signal);
    return answer.status === 207 ? await reading.end() : statusFailure(answer);
  } catch (error) {
    reading.cancel();
    signal.throwIfAborted();
    return connectionFailure(error, reading.hasBegun() ? 'body' : 'head');
  } finally {
    deadline.clear();
  }
}

function bodyFor(propfind: string, properties: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${propfind}<D:prop>${properties}</D:prop></D:propfind>\n`;
}

function send(request: PropfindRequest, { readerOf }: Reading, signal: AbortSignal): Promise<DavAnswer> {
  const { exchange, path, depth, asksOwncloud, userAgent } = request;
  const headers = { ...HEADERS, Depth: depth, 'User-Agent': userAgent };
  return exchange({ method: 'PROPFIND', path, headers, body: asksOwncloud ? OWNCLOUD_BODY : BODY, readerOf }, signal);
}

/** Creates a signal that follows another one and also aborts after this many ms, as a timeout. */
function startDeadline(ms: number, outer: AbortSignal) {
  const controller = new AbortController();
  const follow = () => controller.abort(outer.reason);
  const expire = () => {
    const error = Object.assign(new Error(`not answered within ${ms} ms`), { code: 'ETIMEDOUT' });
    controller.abort(new ConnectionError(error));
  };
  const timer = setTimeout(expire, ms);
  if (outer.aborted) follow();
  outer.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}
