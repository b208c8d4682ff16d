import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type EncodedStart, SHORT_BYTES } from './coding.js';
import type { HttpContext, Replay } from './context.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** An object literal, not `Headers`: the Node adapter hands it on as it is, which is the fastest way. */
export type HeaderRecord = Readonly<Record<string, string>>;

/** Seconds since the request came in. */
export function secondsSpent(c: HttpContext): number {
  return (performance.now() - c.get('startedAt')) / 1000;
}

/**
 * The headers that all answers have, and then these. Written out, as spreading one record after
 * another takes a hundred times as long, which is a fifth of a whole answer.
 */
function headersOf(c: HttpContext, ...more: readonly (HeaderRecord | undefined)[]): Record<string, string> {
  const headers: Record<string, string> = {
    // With the charset, which JSON needs none of, as older PowerShell and Java take ISO-8859-1 without.
    'Content-Type': 'application/json; charset=utf-8',
    // Answers depend on the token: nobody but the caller may keep one, and not without asking again.
    'Cache-Control': 'private, no-cache',
    Vary: 'Authorization, Accept-Encoding',
    'X-Request-Id': c.get('requestId'),
  };
  for (const record of [SECURITY_HEADERS, ...more]) for (const name in record) headers[name] = record[name] as string;
  const cors = c.get('corsHeaders');
  if (cors !== undefined) Object.assign(headers, cors, { Vary: `${headers['Vary']}, Origin` });
  return headers;
}

/** An answer with a JSON text as its body and the headers that all answers have. */
export function answer(c: HttpContext, status: number, body: string, headers: HeaderRecord = {}): Response {
  const all = headersOf(c, c.get('limitHeaders'), headers);
  // Of an answer to HEAD only the headers are sent, so the length of what GET sends has to be said.
  if (c.req.method === 'HEAD') all['Content-Length'] = `${Buffer.byteLength(body)}`;
  return new Response(body, { status, headers: all });
}

/**
 * 200 with a start that is shared with other answers, never copied where it is long, and the end that `endOf` makes of
 * the seconds spent. `replay`: while the same request may be given it again; null: never.
 */
export function answerStart(
  c: HttpContext,
  start: EncodedStart,
  endOf: (seconds: number) => string,
  headers: HeaderRecord,
  replay: Replay | null,
): Response {
  const { content, sizeBytes } = start;
  const end = start.complete(endOf(secondsSpent(c)));
  const length = sizeBytes + end.length;
  const all = headersOf(c, c.get('limitHeaders'), headers);
  if (replay !== null && length <= SHORT_BYTES) {
    let text: string | undefined;
    const body = (seconds: number) => {
      text ??= latin1Of(content);
      return text + latin1Of(start.complete(endOf(seconds)));
    };
    c.set('replayable', { replay, status: 200, headers: all, body, sizeBytes });
  }
  all['Content-Length'] = `${length}`;
  if (c.req.method === 'HEAD') return new Response(null, { headers: all });
  if (typeof content === 'string' && typeof end === 'string') return new Response(content + end, { headers: all });
  const parts = [bytesOf(content), bytesOf(end)] as const;
  const outgoing = c.env?.outgoing;
  if (length <= SHORT_BYTES || outgoing === undefined) {
    return new Response(Buffer.concat(parts, length), { headers: all });
  }
  outgoing.writeHead(200, all);
  outgoing.write(parts[0]);
  outgoing.end(parts[1]);
  return RESPONSE_ALREADY_SENT;
}

/** 204 to a browser that asks what a page may; it says nothing of the resource. */
export function answerPreflight(c: HttpContext, headers: HeaderRecord): Response {
  const all = headersOf(c, headers);
  delete all['Content-Type'];
  return new Response(null, { status: 204, headers: all });
}

/** 200 with a body that is made while it is sent; null for HEAD. Nobody knows its length. */
export function answerStream(c: HttpContext, body: ReadableStream<Uint8Array> | null, headers: HeaderRecord): Response {
  return new Response(body, { headers: headersOf(c, c.get('limitHeaders'), headers) });
}

/** 304: what the client has is what it would get. `replay` as in `answerStart`. */
export function answerUnchanged(c: HttpContext, headers: HeaderRecord, replay: Replay | null): Response {
  const all = headersOf(c, c.get('limitHeaders'), headers);
  delete all['Content-Type'];
  if (replay !== null) c.set('replayable', { replay, status: 304, headers: all, body: null, sizeBytes: 0 });
  return new Response(null, { status: 304, headers: all });
}

function bytesOf(part: string | Buffer): Buffer {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Each byte as one character: what Node sends fastest, in one piece with the head. */
function latin1Of(part: string | Buffer): string {
  return bytesOf(part).toString('latin1');
}
