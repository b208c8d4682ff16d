import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface PlainAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Whether the message came to its end by the rules of HTTP. */
  readonly isComplete: boolean;
}

export interface PlainRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Gives up after so many ms. */
  readonly patienceMs?: number;
}

/** One request by node:http and nothing else, on a connection of its own; never rejects. */
export function askPlainly(url: string, options: PlainRequest = {}): Promise<PlainAnswer> {
  const { method = 'GET', headers = {}, body = '', patienceMs } = options;
  const { origin } = new URL(url);
  return new Promise((resolve) => {
    // The target goes out as it stands; `new URL()` would escape some of it once more.
    const path = url.slice(origin.length);
    let isAnswered = false;
    const outgoing = request(origin, { method, path, headers, agent: new Agent() }, (response) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined); // `close` follows
      response.on('close', () => {
        const { statusCode: status = 0, headers, rawHeaders, complete: isComplete } = response;
        resolve({ status, headers, rawHeaders, body: Buffer.concat(chunks), isComplete });
      });
    });
    const giveUp = () => outgoing.destroy(new Error('out of patience'));
    const timer = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.on('error', () => {
      if (!isAnswered) resolve({ status: 0, headers: {}, rawHeaders: [], body: Buffer.alloc(0), isComplete: false });
    });
    outgoing.end(body);
  });
}

/** A PROPFIND with Depth 1, or another. */
export function propfindPlainly(
  url: string,
  options: PlainRequest & { readonly depth?: string } = {},
): Promise<PlainAnswer> {
  const { depth = '1', ...rest } = options;
  return askPlainly(url, { ...rest, method: 'PROPFIND', headers: { Depth: depth, ...rest.headers } });
}

/** What stands between the tags of every href, unescaped from XML, one character a byte. */
export function hrefsOf({ body }: PlainAnswer): string[] {
  return [...body.toString('latin1').matchAll(/<(?:\w+:)?href>(.*?)<\/(?:\w+:)?href>/gs)].map((match) =>
    (match[1] ?? '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
}
