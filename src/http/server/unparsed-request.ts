import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { PROBLEM_TYPE, problemBody } from '../reply/problem.js';
import { SECURITY_HEADERS } from '../reply/security-headers.js';

/** Answers to the errors of Node's parser; all others are 400. */
const REFUSALS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the request line and the headers are too large; at most 16 KiB are allowed'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too large'],
  // curl, for example, sends a target as it was typed.
  HPE_INVALID_URL: [400, 'the request target has characters that must be percent-encoded, as UTF-8'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
};
/** The longest possible head: `maxHeaderSize` of the server. */
const MAX_LINE_BYTES = 16_384;
/** Time for the answer to be read before the connection is closed: a reset would destroy it on its way. */
const LINGER_MS = 1_000;

/** An error of Node's parser, with the bytes that it had at that time. */
export type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** Returns the answer that is under way on a connection, or null: Node notes it there, for its own answers to errors. */
export function answerUnderWay(socket: Duplex): ServerResponse | null {
  return (Reflect.get(socket, '_httpMessage') as ServerResponse | null | undefined) ?? null;
}

/**
 * Calls `next` once every request that came whole on a connection has its answer: what comes behind such a request, like a body
 * that none of its headers tells of, must not spoil it.
 */
export function afterAnswers(socket: Duplex, next: () => void): void {
  const answer = answerUnderWay(socket);
  if (answer?.req.complete === true) answer.once('close', () => afterAnswers(socket, next));
  else next();
}

/**
 * Answers a request that never became one, as Node's `clientError` reports it, and ends the connection. Returns the
 * status, or null if no client was left to answer.
 */
export function answerClientError(error: ParserError, socket: Duplex, logger: Logger): number | null {
  if (socket.writableEnded) return null; // answered already; what still comes is not read
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return null;
  }
  const requestId = randomUUID();
  const [status, detail] = refusalOf(error);
  logger.info({ requestId, status, code: error.code }, 'request');
  const body = problemBody({ status, detail }, requestId);
  const headers = { ...headersFor(requestId), 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  return status;
}

function refusalOf({ code = '', rawPacket }: ParserError): readonly [status: number, detail: string] {
  if (code === 'HPE_HEADER_OVERFLOW' && rawPacket !== undefined && hasLongTarget(rawPacket)) {
    return [414, 'the request target is too long; at most 16 KiB are allowed, less what the headers need'];
  }
  return REFUSALS[code] ?? [400, 'the request is malformed HTTP'];
}

/**
 * Whether the target alone is too long; known only if the line came in one piece, since otherwise any part of the head
 * could be the cause.
 */
function hasLongTarget(packet: Buffer): boolean {
  const lineEnd = packet.indexOf('\r\n');
  const isRequestLine = /^[A-Z]+ \S/.test(packet.toString('latin1', 0, 64));
  return isRequestLine && (lineEnd === -1 ? packet.length : lineEnd) > MAX_LINE_BYTES;
}

/** Returns the answer for an error if there is no request that an app could see. */
export function refusalWithoutContext(status: number, detail: string): Response {
  const requestId = randomUUID();
  return new Response(problemBody({ status, detail }, requestId), { status, headers: headersFor(requestId) });
}

/** Returns the headers of an error that no app has seen. */
export function headersFor(requestId: string): Record<string, string> {
  return {
    'Content-Type': PROBLEM_TYPE,
    'Cache-Control': 'no-store',
    ...SECURITY_HEADERS,
    'X-Request-Id': requestId,
  };
}
