import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { METHODS } from '../reply/methods.js';
import { problemBody } from '../reply/problem.js';
import { SECURITY_HEADERS } from '../reply/security-headers.js';
import { headersFor } from './unparsed-request.js';

/** Methods that the server as a whole allows (RFC 9110 9.3.7); a resource allows fewer. */
const ALLOW = ['GET', 'HEAD', ...METHODS.filter((method) => method !== 'GET'), 'OPTIONS'].join(', ');

/**
 * Answers requests that are not for the app, and returns the status; null if the request is valid for the app and names
 * a host. These are `OPTIONS *`, with which Apache checks that a server is up, and requests with an invalid Host.
 */
export function answerBeforeApp(incoming: IncomingMessage, outgoing: ServerResponse): number | null {
  const fault = hostFault(incoming);
  if (fault !== null) return refuse(outgoing, fault);
  if (incoming.url === '*') {
    if (incoming.method !== 'OPTIONS') return refuse(outgoing, 'the target "*" is allowed with OPTIONS only');
    outgoing.writeHead(204, { Allow: ALLOW, ...SECURITY_HEADERS, 'X-Request-Id': randomUUID() }).end();
    return 204;
  }
  incoming.headers.host ??= hostOfSocket(incoming.socket);
  return null;
}

function refuse(outgoing: ServerResponse, detail: string): number {
  const requestId = randomUUID();
  const body = problemBody({ status: 400, detail }, requestId);
  // The sender of such a request may take the bytes of its body for another request.
  const headers = { ...headersFor(requestId), 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  outgoing.writeHead(400, headers).end(body);
  return 400;
}

/** The part of a request that says which host it is for. */
type HostedHead = Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>;

/**
 * Returns what is wrong with the Host of a request, or null. RFC 9112 3.2: HTTP/1.1 has exactly one; if there are more,
 * or it is a list, the proxy that passed the request on may have read another host. HTTP/1.0, which health checks
 * speak, may leave it out.
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

/** Returns the host of a request that names none: the address at which it arrived. */
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
