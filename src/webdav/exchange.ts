import { AuthType, createClient } from 'webdav';
import type { Authenticator } from './authenticator.js';
import { slashRedirect } from './redirect.js';
import { type Carrier, type DavAnswer, isDavAnswer } from './transport.js';

export interface DavRequest {
  readonly method: string;
  /** Percent-encoded; goes into the request line as it is. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request to a space's storage as whoever the space belongs to, any status being an answer like any other. */
export type Exchange = (request: DavRequest, signal: AbortSignal) => Promise<DavAnswer>;

/** `headers` are the space's own, sent with every request. */
export function createExchange(options: {
  readonly origin: string;
  readonly carrier: Carrier;
  readonly headers: Readonly<Record<string, string>>;
  readonly authenticator: Authenticator;
}): Exchange {
  const { origin, carrier, authenticator } = options;
  const client = createClient(origin, { authType: AuthType.None, httpAgent: carrier, httpsAgent: carrier });

  const send = async (request: DavRequest, authorization: string | null, signal: AbortSignal): Promise<DavAnswer> => {
    // The client lets a later header replace an earlier one, however its name is written.
    const headers = { ...request.headers, ...options.headers };
    try {
      // The path is not looked at where a `url` is given; the client would encode it once more.
      const answer: unknown = await client.customRequest('/', {
        url: request.url,
        method: request.method,
        headers: authorization === null ? headers : { ...headers, Authorization: authorization },
        data: request.body,
        signal,
      });
      if (!isDavAnswer(answer)) throw new TypeError('the WebDAV client did not use the transport it was given');
      return answer;
    } catch (error) {
      // The client throws at 400 and above.
      if (error instanceof Error && 'response' in error && isDavAnswer(error.response)) return error.response;
      throw error;
    }
  };
  const ask = (request: DavRequest, signal: AbortSignal) => {
    const asked = { method: request.method, uri: request.url.slice(origin.length) };
    return authenticator.ask(asked, (authorization) => send(request, authorization, signal), signal);
  };

  return async (request, signal) => {
    const answer = await ask(request, signal);
    const url = slashRedirect(request.url, answer);
    return url === null ? answer : await ask({ ...request, url }, signal);
  };
}
