import type { Authenticator } from './authenticator.js';
import { slashRedirect } from './redirect.js';
import type { DavAnswer, DavRequest, Transport } from './transport.js';

/**
 * Sends a request to a space's storage as whoever the space belongs to, any status being an answer like any other. Only
 * the answer that comes out in the end is one with a reader of its own, if it is a 207.
 */
export type Exchange = (request: DavRequest, signal: AbortSignal) => Promise<DavAnswer>;

/** `headers` are the space's own, sent with every request. */
export function createExchange(options: {
  readonly origin: string;
  readonly transport: Transport;
  readonly headers: Readonly<Record<string, string>>;
  readonly authenticator: Authenticator;
}): Exchange {
  const { origin, transport, authenticator } = options;
  const own = Object.entries(options.headers);

  const ask = (request: DavRequest, signal: AbortSignal) => {
    const headers = withOwn(request.headers, own);
    const send = (authorization: string | null) => {
      const sent = authorization === null ? headers : { ...headers, Authorization: authorization };
      return transport({ ...request, headers: sent }, signal);
    };
    return authenticator.ask({ method: request.method, uri: request.path }, send, signal);
  };

  return async (request, signal) => {
    const answer = await ask(request, signal);
    const url = slashRedirect(`${origin}${request.path}`, answer);
    return url === null ? answer : await ask({ ...request, path: url.slice(origin.length) }, signal);
  };
}

/** The space's own headers replace a request's, however their names are written. */
function withOwn(
  headers: Readonly<Record<string, string>>,
  own: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string>> {
  if (own.length === 0) return headers;
  const replaced = new Set(own.map(([name]) => name.toLowerCase()));
  const kept = Object.entries(headers).filter(([name]) => !replaced.has(name.toLowerCase()));
  return Object.fromEntries([...kept, ...own]);
}
