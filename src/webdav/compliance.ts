import { createClient, getPatcher } from 'webdav';
import { oneLine } from '../domain/text/printable.js';
import type { Exchange } from './auth/exchange.js';

/** What a server says of itself. */
export interface Compliance {
  /** Of its `DAV` header (RFC 4918 10.1): numbers, and names of extensions. */
  readonly classes: readonly string[];
  /** Its `Server` header; null: it keeps that to itself. */
  readonly server: string | null;
}

/** The longest that was seen has 200 characters: Nextcloud's DAV. */
const LONGEST_HEADER = 1_000;

/** What the `webdav` client hands to its fetch; `agent` picks what the client was created with. */
interface FetchOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: (url: { readonly protocol: string }) => unknown;
}

/** What a client is created with in the place of an agent: how its space is spoken to. */
class Carrier {
  constructor(
    readonly exchange: Exchange,
    /** The client would leave out the slash behind it, which makes it a collection's. */
    readonly path: string,
    readonly signal: AbortSignal,
  ) {}
}

// The client's own fetch knows neither the space's credentials nor its certificates and proxies. The replacement is one
// for the whole process and holds nothing: whom to ask as comes with each request.
getPatcher().patch('fetch', async (url, options) => {
  const { method, headers, agent } = options as FetchOptions;
  const carrier = agent(new URL(url as string));
  if (!(carrier instanceof Carrier)) throw new TypeError('a WebDAV client was created without a Carrier');
  const { exchange, path, signal } = carrier;
  const answer = await exchange({ method, path, headers, body: '', readerOf: () => null }, signal);
  // What it says of itself is shown as it stands.
  const get = (name: string) => oneLine(answer.blot(answer.headers.get(name) ?? ''), LONGEST_HEADER) || null;
  return { ...answer, headers: { ...answer.headers, get } };
});

/** Asks a space's root for it by OPTIONS. null where that isn't answered: many a server does without, and nothing depends on it. */
export async function readCompliance(url: string, exchange: Exchange, signal: AbortSignal): Promise<Compliance | null> {
  const carrier = new Carrier(exchange, new URL(url).pathname, signal);
  const client = createClient(url, { httpAgent: carrier, httpsAgent: carrier });
  try {
    const { compliance, server } = await client.getDAVCompliance('/');
    return { classes: compliance.filter((word) => word !== ''), server: server === '' ? null : server };
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
