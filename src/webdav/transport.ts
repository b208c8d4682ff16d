import { Agent, type Dispatcher } from 'undici';
import { getPatcher } from 'webdav';

export interface Timeouts {
  readonly connectMs: number;
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
  readonly headers: { get(name: string): string | null };
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

/** Connections for the clients of one factory, given to them as their `httpAgent` and `httpsAgent`. */
export function createAgent(timeouts: Timeouts, connectionsPerHost: number): Agent {
  // The client's own node-fetch takes twice as long for the same crawl. The replacement is one for the whole process
  // and holds nothing: which connections to use comes with each request.
  getPatcher().patch('fetch', (url, options) => send(url as string, options as FetchOptions));
  return new Agent({
    connections: connectionsPerHost,
    connect: { timeout: timeouts.connectMs },
    headersTimeout: timeouts.firstByteMs,
    bodyTimeout: timeouts.silenceMs,
  });
}

/** Whether a response or a thrown error's response is one that `createAgent`'s fetch gave. */
export function isDavAnswer(value: unknown): value is DavAnswer {
  return typeof value === 'object' && value !== null && answers.has(value);
}

/** Reads the rest of a body that nobody wants. Never rejects: what breaks in there is nobody's concern either. */
export async function dump(body: DavAnswer['body']): Promise<void> {
  await body.dump({ limit: DUMPED_BYTES });
}

/**
 * Sends the path as it stands and follows no redirect, so credentials go nowhere but to the URL's own origin. The one
 * redirect that would be harmless, to the same URL with a slash, never comes: collections are asked with theirs.
 */
async function send(url: string, options: FetchOptions): Promise<DavAnswer> {
  const pathStart = url.indexOf('/', url.indexOf('//') + 2);
  const agent = options.agent({ protocol: url.slice(0, url.indexOf(':') + 1) });
  if (!(agent instanceof Agent)) throw new TypeError('a WebDAV client was created without an agent of createAgent');
  const { statusCode, statusText, headers, body } = await agent.request({
    origin: url.slice(0, pathStart),
    path: url.slice(pathStart),
    method: options.method,
    headers: options.headers,
    body: options.body ?? null,
    signal: options.signal ?? null,
  });
  // The client drops these unread, for one the 401 with a Digest challenge.
  if (statusCode >= 300) await dump(body);
  const answer: DavAnswer = {
    url,
    status: statusCode,
    statusText,
    ok: statusCode >= 200 && statusCode < 300,
    headers: { get: (name) => headerValue(name, headers[name.toLowerCase()]) },
    body,
  };
  answers.add(answer);
  return answer;
}

function headerValue(name: string, value: string | string[] | undefined): string | null {
  if (!Array.isArray(value)) return value ?? null;
  if (name.toLowerCase() !== 'www-authenticate') return value.join(', ');
  // The client looks at the first challenge only, and knows Digest with MD5 only.
  const isUsable = (challenge: string) => /^digest\s/i.test(challenge) && !/algorithm="?sha/i.test(challenge);
  return value.find(isUsable) ?? value.join(', ');
}
