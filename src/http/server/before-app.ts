import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { METHODS } from '../reply/methods.js';
import { problemBody } from '../reply/problem.js';
import { SECURITY_HEADERS } from '../reply/security-headers.js';
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

/** What of a request says whom it is for. */
type HostedHead = Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>;

/**
 * What is wrong with the Host of a request, or null. RFC 9112 3.2: HTTP/1.1 has exactly one; more than one, or one that is a
 * list, may mean another host to whoever passed the request on. HTTP/1.0, which health checks speak, may leave it out.
 */
export function hostFault({ rawHeaders, httpVersionMajor, httpVersionMinor }: HostedHead): string | null {
  let host: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== undefined) return 'the request has more than one Host header; exactly one is allowed';
    host = rawHeaders[at + 1] as string;
  }
  if (host === undefined) {
    const isOld = httpVersionMajor === 1 && httpVersionMinor === 0;
    return isOld ? null : 'the request has no Host header; HTTP/1.1 requires exactly one';
  }
  return host.includes(',') ? 'the Host header is a list; exactly one host is allowed' : null;
}

/** The host of a request that names none: the address that it came to. */
export function hostOfSocket({
  localAddress,
  localPort,
}: {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}): string {
  if (localAddress === undefined || localPort === undefined) return 'localhost'; // a unix socket has no address
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '');
  return `${address.includes(':') ? `[${address.replace(/%.*$/, '')}]` : address}:${localPort}`;
}
