import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { PROBLEM_TYPE, problemBody } from './problem.js';

/** What Node's parser gives up with; the rest is 400. */
const REFUSALS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the request line and the headers are too large; at most 16 KiB are allowed'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too large'],
  // curl, for one, sends a target as it was typed.
  HPE_INVALID_URL: [400, 'the request target has characters that must be percent-encoded, as UTF-8'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
};
/** The answer is given this time to be read before the connection goes: a reset would destroy it on its way. */
const LINGER_MS = 1_000;

/** Answers a request that never became one, as Node's `clientError` reports it, and ends the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, logger: Logger): void {
  if (socket.writableEnded) return; // answered already; what still comes is not read
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const [status, detail] = REFUSALS[error.code ?? ''] ?? [400, 'the request is no HTTP that can be read'];
  logger.info({ requestId, status, code: error.code }, 'request');
  const body = problemBody({ status, detail }, requestId);
  const headers = { ...headersFor(requestId), 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** An error as an answer where there is no request that an app could see. */
export function refusalWithoutContext(status: number, detail: string): Response {
  const requestId = randomUUID();
  return new Response(problemBody({ status, detail }, requestId), { status, headers: headersFor(requestId) });
}

function headersFor(requestId: string): Record<string, string> {
  return {
    'Content-Type': PROBLEM_TYPE,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
  };
}
