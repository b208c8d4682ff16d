import type { IncomingMessage } from 'node:http';

/** What of a request says whom it is for. */
export type HostedHead = Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>;

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
