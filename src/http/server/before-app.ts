import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { METHODS } from '../reply/methods.js';
import { problemBody } from '../reply/problem.js';
import { SECURITY_HEADERS } from '../reply/security-headers.js';
import { hostFault, hostOfSocket } from './host.js';
import { headersFor } from './unparsed-request.js';

/** What the server as a whole allows (RFC 9110 9.3.7); a resource allows less. */
const ALLOW = ['GET', 'HEAD', ...METHODS.filter((method) => method !== 'GET'), 'OPTIONS'].join(', ');

/**
 * Answers what is no affair of the app, and its status; null: the request is good for the app, and names a host. It is
 * `OPTIONS *`, by which Apache asks whether a server is well, and a request that does not say whom it is for.
 */
export function answerBeforeApp(incoming: IncomingMessage, outgoing: ServerResponse): number | null {
  const fault = hostFault(incoming);
  if (fault !== null) return refuse(outgoing, fault);
  if (incoming.url === '*') {
    if (incoming.method !== 'OPTIONS') return refuse(outgoing, 'the target "*" is for OPTIONS alone');
    outgoing.writeHead(204, { Allow: ALLOW, ...SECURITY_HEADERS, 'X-Request-Id': randomUUID() }).end();
    return 204;
  }
  incoming.headers.host ??= hostOfSocket(incoming.socket);
  return null;
}

function refuse(outgoing: ServerResponse, detail: string): number {
  const requestId = randomUUID();
  const body = problemBody({ status: 400, detail }, requestId);
  // Whoever made such a request may take the bytes of its body for another one.
  const headers = { ...headersFor(requestId), 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  outgoing.writeHead(400, headers).end(body);
  return 400;
}
