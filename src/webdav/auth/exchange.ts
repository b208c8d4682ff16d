import type { DavAnswer, DavRequest, Transport } from '../transport/transport.js';
import type { Authenticator } from './authenticator.js';
import type { CookieJar } from './cookies.js';
import { leadsToItself, slashRedirect } from './redirect.js';

type Headers = Readonly<Record<string, string>>;

/**
 * Sends an authenticated request to a space's storage; every status is an answer like any other. Only the final answer,
 * if it is a 207, is given a reader.
 */
export type Exchange = (request: DavRequest, signal: AbortSignal) => Promise<DavAnswer>;

/**
 * Creates an exchange. `headers` are the space's own, sent with every request; `cookies` those of its origin and
 * credentials. `isRefusalForAll` tells whether a 401 to one request is one to all, as on a Nextcloud.
 */
export function createExchange(options: {
  readonly origin: string;
  readonly transport: Transport;
  readonly headers: Headers;
  readonly authenticator: Authenticator;
  readonly cookies: CookieJar;
  readonly isRefusalForAll?: () => boolean;
}): Exchange {
  const { origin, transport, authenticator, cookies, isRefusalForAll = () => false } = options;
  const own = Object.entries(options.headers);

  /**
   * The headers of a request with those of the space and its credentials, for the last credentials: requests are given
   * the same headers again and again.
   */
  const prepared = new WeakMap<Headers, { readonly authorization: string | null; readonly headers: Headers }>();
  const prepare = (given: Headers, authorization: string | null): Headers => {
    const last = prepared.get(given);
    if (last?.authorization === authorization) return last.headers;
    const headers = withOwn(given, own);
    const all = authorization === null ? headers : { ...headers, Authorization: authorization };
    prepared.set(given, { authorization, headers: all });
    return all;
  };

  /** Sends a request; `isHandedOver` says whether the answer set cookies. */
  const ask = async (request: DavRequest, signal: AbortSignal) => {
    let isHandedOver = false;
    const send = async (authorization: string | null) => {
      const { method, path, body, deadline, readerOf } = request;
      const headers = withCookies(prepare(request.headers, authorization), cookies, path);
      const answer = await transport({ method, path, headers, body, deadline, readerOf }, signal);
      isHandedOver = cookies.take(answer.headers.all('set-cookie'), request.path) > 0;
      return answer;
    };
    const answer = await authenticator.ask({ method: request.method, uri: request.path }, send, signal);
    return { answer, isHandedOver };
  };

  /** A request that finds out whether credentials are refused without cookies, too; and how often they were. */
  let trial: Promise<unknown> | null = null;
  let refusals = 0;

  /**
   * Repeats a request that was refused with cookies. Where a refusal is one to all, a single request does so for those
   * that were on their way together: each of them would count towards a lock-out.
   */
  const askWithout = async (request: DavRequest, refused: DavAnswer, before: number, signal: AbortSignal) => {
    if (!isRefusalForAll()) return (await ask(request, signal)).answer;
    while (trial !== null) await trial;
    if (refusals > before) return refused;
    const asking = ask(request, signal);
    trial = asking.then(
      ({ answer }) => {
        trial = null;
        if (answer.status === 401) refusals++;
      },
      () => {
        trial = null;
      },
    );
    return (await asking).answer;
  };

  /** Repeats a request whose expired session cookie hid valid credentials, or whose redirect only wants its cookie back. */
  const askPatiently = async (request: DavRequest, signal: AbortSignal): Promise<DavAnswer> => {
    const hadCookies = cookies.headerFor(request.path) !== null;
    const refusalsBefore = refusals;
    const { answer, isHandedOver } = await ask(request, signal);
    if (isHandedOver && leadsToItself(`${origin}${request.path}`, answer)) return (await ask(request, signal)).answer;
    if (answer.status !== 401) return answer;
    cookies.clear();
    if (!hadCookies) return answer;
    const repeated = await askWithout(request, answer, refusalsBefore, signal);
    // What a refusal hands over is no session, and would have the next refusal asked about twice.
    if (repeated.status === 401) cookies.clear();
    return repeated;
  };

  return async (request, signal) => {
    const answer = await askPatiently(request, signal);
    const url = slashRedirect(`${origin}${request.path}`, answer);
    return url === null ? answer : (await ask({ ...request, path: url.slice(origin.length) }, signal)).answer;
  };
}

/** Adds the space's own headers, which replace a request's headers in any spelling of their names. */
function withOwn(headers: Headers, own: readonly (readonly [name: string, value: string])[]): Headers {
  if (own.length === 0) return headers;
  const replaced = new Set(own.map(([name]) => name.toLowerCase()));
  const kept = Object.entries(headers).filter(([name]) => !replaced.has(name.toLowerCase()));
  return Object.fromEntries([...kept, ...own]);
}

/** Adds the cookies after those that the configuration itself sends. */
function withCookies(headers: Headers, cookies: CookieJar, path: string): Headers {
  const kept = cookies.headerFor(path);
  if (kept === null) return headers;
  const name = Object.keys(headers).find((each) => each.toLowerCase() === 'cookie');
  return name === undefined ? { ...headers, Cookie: kept } : { ...headers, [name]: `${headers[name]}; ${kept}` };
}
