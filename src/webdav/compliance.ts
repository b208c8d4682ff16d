import { createClient, getPatcher } from 'webdav';
import { oneLine } from '../domain/text/printable.js';
import type { Exchange } from './auth/exchange.js';
import { deadlineIn } from './transport/transport.js';

/** A server's description of itself. */
export interface Compliance {
  /** The words of its `DAV` header (RFC 4918 10.1): numbers, and names of extensions. */
  readonly classes: readonly string[];
  /** Its `Server` header; null if it sends none. */
  readonly server: string | null;
}

/** The longest header seen, Nextcloud's DAV, has 200 characters. */
const LONGEST_HEADER = 1_000;

/** The options that the `webdav` client passes to its fetch; `agent` is what the client was created with. */
interface FetchOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: (url: { readonly protocol: string }) => unknown;
}

/** Passed to a client in place of an agent: how to send requests to its space. */
class Carrier {
  constructor(
    readonly exchange: Exchange,
    /** The path with its final slash, which the client would drop. */
    readonly path: string,
    readonly signal: AbortSignal,
    readonly totalMs: number,
  ) {}
}

// The client's own fetch knows neither the space's credentials nor its certificates and proxies. The replacement is
// global and stateless: the carrier comes with each request.
getPatcher().patch('fetch', async (url, options) => {
  const { method, headers, agent } = options as FetchOptions;
  const carrier = agent(new URL(url as string));
  if (!(carrier instanceof Carrier)) throw new TypeError('a WebDAV client was created without a Carrier');
  const { exchange, path, signal, totalMs } = carrier;
  const deadline = deadlineIn(totalMs);
  const answer = await exchange({ method, path, headers, body: '', deadline, readerOf: () => null }, signal);
  // Its description is shown as it is, so it is made safe here.
  const get = (name: string) => oneLine(answer.blot(answer.headers.get(name) ?? ''), LONGEST_HEADER) || null;
  return { ...answer, headers: { ...answer.headers, get } };
});

/**
 * Sends OPTIONS to a space's root. Returns null if there is no answer: many servers don't support it, and nothing
 * depends on it.
 */
export async function readCompliance(
  url: string,
  exchange: Exchange,
  totalMs: number,
  signal: AbortSignal,
): Promise<Compliance | null> {
  const carrier = new Carrier(exchange, new URL(url).pathname, signal, totalMs);
  const client = createClient(url, { httpAgent: carrier, httpsAgent: carrier });
  try {
    const { compliance, server } = await client.getDAVCompliance('/');
    return { classes: compliance.filter((word) => word !== ''), server: server === '' ? null : server };
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
