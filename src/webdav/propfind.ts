import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parseDate } from './dates.js';
import type { Exchange } from './exchange.js';
import { connectionFailure, type Failed, statusFailure } from './failure.js';
import { createMultistatusReader, type ReadCaps } from './multistatus.js';
import type { MultistatusResponse } from './response.js';
import { type DavAnswer, dump } from './transport.js';

export interface PropfindRequest {
  readonly exchange: Exchange;
  /** Percent-encoded; goes into the request line as it is. */
  readonly url: string;
  readonly depth: '0' | '1';
  /** Ask for ownCloud's properties, too. A server that has none answers 404 for each and every member. */
  readonly asksOwncloud: boolean;
  readonly userAgent: string;
  readonly totalMs: number;
  readonly caps: ReadCaps;
  readonly onResponse: (response: MultistatusResponse) => void;
}

/** Only what is used: for `allprop` Apache works out quotas and Nextcloud asks every plug-in. */
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
  // sabre (Nextcloud, ownCloud) then leaves out the propstats with 404 (RFC 8144 2.1).
  Prefer: 'return=minimal',
};
const NEXT_LINK = /;\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next[\s"])/i;

/** A whole multistatus was read; what it says went to `onResponse`. */
export interface Answered {
  /** When it was asked for, by the server's own clock, in ms since the epoch; null where it didn't say. */
  readonly askedAt: number | null;
}

/** One PROPFIND (RFC 4918 9.1) without any retry. Rejects only with the reason of an aborted signal. */
export async function propfind(request: PropfindRequest, signal: AbortSignal): Promise<Failed | Answered> {
  const deadline = startDeadline(request.totalMs, signal);
  let phase: 'head' | 'body' = 'head';
  try {
    const sentAt = performance.now();
    const answer = await send(request, deadline.signal);
    const servedAt = parseDate(answer.headers.get('date') ?? '');
    // Some servers work everything out before they date their answer.
    const askedAt = servedAt === null ? null : servedAt - (performance.now() - sentAt);
    phase = 'body';
    const failed = answer.status === 207 ? await read(answer, request) : await refuse(answer);
    return failed ?? { askedAt };
  } catch (error) {
    signal.throwIfAborted();
    return connectionFailure(error, phase);
  } finally {
    deadline.clear();
  }
}

function bodyFor(propfind: string, properties: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${propfind}<D:prop>${properties}</D:prop></D:propfind>\n`;
}

function send(request: PropfindRequest, signal: AbortSignal): Promise<DavAnswer> {
  const { exchange, url, depth, asksOwncloud, userAgent } = request;
  const headers = { ...HEADERS, Depth: depth, 'User-Agent': userAgent };
  return exchange({ method: 'PROPFIND', url, headers, body: asksOwncloud ? OWNCLOUD_BODY : BODY }, signal);
}

async function refuse(answer: DavAnswer): Promise<Failed> {
  if (answer.ok) await dump(answer.body);
  return statusFailure(answer);
}

async function read(answer: DavAnswer, { onResponse, caps }: PropfindRequest): Promise<Failed | null> {
  const encoding = answer.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  const isGzip = encoding === 'gzip' || encoding === 'x-gzip';
  const misfit = NEXT_LINK.test(answer.headers.get('link') ?? '')
    ? ({ failure: 'paged', detail: 'the rest of the listing stands behind a Link with rel="next"' } as const)
    : !isGzip && encoding !== 'identity'
      ? ({ failure: 'malformed', detail: `Content-Encoding is ${encoding}; expected gzip or none` } as const)
      : null;
  if (misfit !== null) {
    await dump(answer.body);
    return { ...misfit, trouble: { kind: 'permanent' } };
  }
  const reader = createMultistatusReader(onResponse, answer.headers.get('content-type'), caps);
  for await (const chunk of isGzip ? inflated(answer.body) : answer.body) {
    if (!reader.write(chunk)) break;
  }
  const failure = reader.end();
  if (failure === null) return null;
  return { ...failure, trouble: { kind: failure.failure === 'truncated' ? 'cut' : 'permanent' } };
}

/** Inflates piece by piece, so the reader's cap ends a bomb early. */
function inflated(body: Readable): Readable {
  // An error of the body destroys the output with it, whose reader then sees it.
  return pipeline(body, createGunzip(), () => undefined);
}

/** A signal that follows another one and also ends after so many ms, as a timeout. */
function startDeadline(ms: number, outer: AbortSignal) {
  const controller = new AbortController();
  const follow = () => controller.abort(outer.reason);
  const expire = () =>
    controller.abort(Object.assign(new Error(`not answered within ${ms} ms`), { code: 'ETIMEDOUT' }));
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
