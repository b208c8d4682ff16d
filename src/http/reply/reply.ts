import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type EncodedStart, SHORT_BYTES } from './coding.js';
import type { HttpContext, Replay } from './context.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Headers as an object literal, which the Node adapter hands on as it is: the fastest way, unlike `Headers`. */
export type HeaderRecord = Readonly<Record<string, string>>;

/** Stands for an answer that is given later, when the request is handled again. */
export const PUT_ASIDE: Response = RESPONSE_ALREADY_SENT.clone();

/** Returns the seconds since the request arrived. */
export function secondsSpent(c: HttpContext): number {
  return (performance.now() - c.get('startedAt')) / 1000;
}

/**
 * Returns the headers of all answers, and then these. Written out, since spreading one record after another takes a
 * hundred times as long, which is a fifth of a whole answer.
 */
function headersOf(c: HttpContext, ...more: readonly (HeaderRecord | undefined)[]): Record<string, string> {
  const headers: Record<string, string> = {
    // With the charset, which JSON doesn't need, since older PowerShell and Java assume ISO-8859-1 without.
    'Content-Type': 'application/json; charset=utf-8',
    // Answers depend on the token: only the caller may keep one, and must revalidate it.
    'Cache-Control': 'private, no-cache',
    Vary: 'Authorization, Accept-Encoding',
    'X-Request-Id': c.get('requestId'),
  };
  for (const record of [SECURITY_HEADERS, ...more]) for (const name in record) headers[name] = record[name] as string;
  const cors = c.get('corsHeaders');
  if (cors !== undefined) Object.assign(headers, cors, { Vary: `${headers['Vary']}, Origin` });
  return headers;
}

/** Answers with a JSON text as the body and the headers that all answers have. */
export function answer(c: HttpContext, status: number, body: string, headers: HeaderRecord = {}): Response {
  const all = headersOf(c, c.get('limitHeaders'), headers);
  // HEAD sends only the headers, so the length of the body of GET has to be stated.
  if (c.req.method === 'HEAD') all['Content-Length'] = `${Buffer.byteLength(body)}`;
  return new Response(body, { status, headers: all });
}

/**
 * Answers 200 with a start that is shared with other answers, never copied if it is long, and the end that `endOf`
 * makes of the seconds spent. `replay`: how long the same request may be given it again; null: never.
 */
export function answerStart(
  c: HttpContext,
  start: EncodedStart,
  endOf: (seconds: number) => string,
  headers: HeaderRecord,
  replay: Replay | null,
): Response {
  const { content, sizeBytes, complete } = start;
  const plainEnd = endOf(secondsSpent(c));
  const end = complete === null ? plainEnd : complete(plainEnd);
  const length = sizeBytes + end.length;
  const all = headersOf(c, c.get('limitHeaders'), headers);
  if (replay !== null && length <= SHORT_BYTES) {
    let text: string | undefined;
    const body = (seconds: number) => {
      text ??= latin1Of(content);
      return complete === null ? text + endOf(seconds) : text + latin1Of(complete(endOf(seconds)));
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

/** Answers 200 with bytes that are at hand, encoded already if the headers say so. */
export function answerBytes(c: HttpContext, body: Buffer, headers: HeaderRecord): Response {
  const all = headersOf(c, headers);
  all['Content-Length'] = `${body.length}`;
  return new Response(c.req.method === 'HEAD' ? null : new Uint8Array(body), { headers: all });
}

/** Answers 204 to a browser's preflight, without anything about the resource itself. */
export function answerPreflight(c: HttpContext, headers: HeaderRecord): Response {
  const all = headersOf(c, headers);
  delete all['Content-Type'];
  return new Response(null, { status: 204, headers: all });
}

/** Answers 200 with a body that is produced while it is sent; null for HEAD. Its length is unknown. */
export function answerStream(c: HttpContext, body: ReadableStream<Uint8Array> | null, headers: HeaderRecord): Response {
  return new Response(body, { headers: headersOf(c, c.get('limitHeaders'), headers) });
}

/** Answers 304: the client already has what it would get. `replay` as in `answerStart`. */
export function answerUnchanged(c: HttpContext, headers: HeaderRecord, replay: Replay | null): Response {
  const all = headersOf(c, c.get('limitHeaders'), headers);
  delete all['Content-Type'];
  if (replay !== null) c.set('replayable', { replay, status: 304, headers: all, body: null, sizeBytes: 0 });
  return new Response(null, { status: 304, headers: all });
}

function bytesOf(part: string | Buffer): Buffer {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Returns each byte as one character, which Node sends fastest, in one piece with the head. */
function latin1Of(part: string | Buffer): string {
  return bytesOf(part).toString('latin1');
}
