import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault } from './faults.js';

export interface Answer {
  readonly status: number;
  /** The usual one where not given. */
  readonly statusText?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Sends an answer the way the fault wants it: whole, cut, stalled, compressed, or framed in another manner. */
export function sendAnswer(response: ServerResponse, answer: Answer, fault: Fault): void {
  const plain = Buffer.from(answer.body);
  const body = fault.gzip === true ? gzipSync(plain) : plain;
  const { socket } = response;
  response.statusCode = answer.status;
  if (answer.statusText !== undefined) response.statusMessage = answer.statusText;
  for (const [name, value] of Object.entries({ ...answer.headers, ...fault.headers })) response.setHeader(name, value);
  if (fault.gzip === true) response.setHeader('Content-Encoding', 'gzip');
  if (fault.retryAfter !== undefined) response.setHeader('Retry-After', retryAfterText(fault.retryAfter));

  const framing = fault.framing ?? 'content-length';
  if (framing === 'content-length') response.setHeader('Content-Length', body.length);
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.setHeader('Connection', 'close');
  }

  if (fault.stall === 'body') {
    response.write(body.subarray(0, Math.floor(body.length / 2)));
    return;
  }
  if (fault.cutAtByte === undefined) {
    // Handed over as a whole, a body would get a Content-Length after all.
    if (framing === 'chunked') response.write(body);
    response.end(framing === 'chunked' ? undefined : body);
    return;
  }
  // A close-delimited body ends in good order here (FIN); the others break off in the middle.
  response.write(body.subarray(0, fault.cutAtByte), () => {
    if (framing === 'close') socket?.end();
    else socket?.destroy();
  });
}

/** `ended`: the document came to its end, but not the message around it; a client may see it either way. */
export type Sent = 'whole' | 'ended' | 'cut';

/** How much of a document gets out whose root element ends behind so many bytes. */
export function sentOf(document: { readonly length: number; readonly endsAt: number }, fault: Fault): Sent {
  const { cutAtByte, framing = 'content-length', gzip = false } = fault;
  if (fault.reset === true || fault.stall !== undefined) return 'cut';
  if (cutAtByte === undefined) return 'whole';
  // How much of the document a part of its compressed form is, nobody knows.
  if (gzip) return cutAtByte === 0 ? 'cut' : 'ended';
  if (cutAtByte < document.endsAt) return 'cut';
  const isWholeMessage = framing === 'close' || (framing === 'content-length' && cutAtByte >= document.length);
  return isWholeMessage ? 'whole' : 'ended';
}

function retryAfterText(retryAfter: number | Date): string {
  return typeof retryAfter === 'number' ? `${retryAfter}` : retryAfter.toUTCString();
}
