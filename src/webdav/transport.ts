import type { Dispatcher } from 'undici';
import { getPatcher } from 'webdav';

export interface Timeouts {
  /** From the request to the status line. */
  readonly firstByteMs: number;
  /** Between two pieces of the body. */
  readonly silenceMs: number;
  /** The whole request. */
  readonly totalMs: number;
}

/** An answer whose body is a stream: it must be read to its end or dumped, or its connection is lost. */
export interface DavAnswer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: {
    /** Several headers of the name as one list. */
    get(name: string): string | null;
    /** One by one, as they came. */
    all(name: string): readonly string[];
  };
  readonly body: Dispatcher.ResponseData['body'];
}

/** What the `webdav` client hands to its fetch. */
interface FetchOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Picks the agent that the client was created with. */
  readonly agent: (url: { protocol: string }) => unknown;
}

/** An error page is read on so far to keep its connection; a longer one costs the connection. */
const DUMPED_BYTES = 65_536;
const answers = new WeakSet<object>();
const carriers = new WeakSet<object>();

/** What a `webdav` client is given as its `httpAgent` and `httpsAgent`. */
export interface Carrier {
  readonly dispatcher: Dispatcher;
  readonly timeouts: Timeouts;
}

/** Connections for `webdav` clients, with the times that each request may take. */
export function createCarrier(dispatcher: Dispatcher, timeouts: Timeouts): Carrier {
  // The client's own node-fetch takes twice as long for the same crawl. The replacement is one for the whole process
  // and holds nothing: which connections to use comes with each request.
  getPatcher().patch('fetch', (url, options) => send(url as string, options as FetchOptions));
  const carrier = { dispatcher, timeouts };
  carriers.add(carrier);
  return carrier;
}

function isCarrier(value: unknown): value is Carrier {
  return typeof value === 'object' && value !== null && carriers.has(value);
}

/** Whether a response or a thrown error's response is one that this transport gave. */
export function isDavAnswer(value: unknown): value is DavAnswer {
  return typeof value === 'object' && value !== null && answers.has(value);
}

/** Reads the rest of a body that nobody wants. Never rejects: what breaks in there is nobody's concern either. */
export async function dump(body: DavAnswer['body']): Promise<void> {
  await body.dump({ limit: DUMPED_BYTES });
}

/** Sends the path as it stands and follows no redirect, so credentials go nowhere but to the URL's own origin. */
async function send(url: string, options: FetchOptions): Promise<DavAnswer> {
  const pathStart = url.indexOf('/', url.indexOf('//') + 2);
  const carrier = options.agent({ protocol: url.slice(0, url.indexOf(':') + 1) });
  if (!isCarrier(carrier)) throw new TypeError('a WebDAV client was created without a carrier of createCarrier');
  const { statusCode, statusText, headers, body } = await carrier.dispatcher.request({
    origin: url.slice(0, pathStart),
    path: url.slice(pathStart),
    method: options.method,
    headers: options.headers,
    body: options.body ?? null,
    signal: options.signal ?? null,
    headersTimeout: carrier.timeouts.firstByteMs,
    bodyTimeout: carrier.timeouts.silenceMs,
  });
  // Nobody reads them: a redirect, a challenge, an error page.
  if (statusCode >= 300) await dump(body);
  const answer: DavAnswer = {
    url,
    status: statusCode,
    statusText,
    ok: statusCode >= 200 && statusCode < 300,
    headers: {
      get: (name) => headerValues(headers, name).join(', ') || null,
      all: (name) => headerValues(headers, name),
    },
    body,
  };
  answers.add(answer);
  return answer;
}

function headerValues(headers: Dispatcher.ResponseData['headers'], name: string): readonly string[] {
  const value = headers[name.toLowerCase()] ?? [];
  return typeof value === 'string' ? [value] : value;
}
