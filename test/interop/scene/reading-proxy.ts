import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A GET that went through the proxy. */
export interface PassedGet {
  /** Decoded, without the first slash. */
  readonly path: string;
  readonly range: string | null;
  /** null until the server behind has answered. */
  readonly status: number | null;
  /** What its answer put into the client's socket so far, head included. */
  readonly bytes: number;
}

/** Runs at a moment of a GET, which waits for it. */
export interface Moments {
  /** The request has come and was not passed on yet. */
  readonly asked?: (get: PassedGet) => unknown;
  /** The first bytes of the body have gone to the client, more are to come. */
  readonly amid?: (get: PassedGet) => unknown;
  /** All of the answer has gone to the client. */
  readonly answered?: (get: PassedGet) => unknown;
}

/** A proxy before a real server that passes everything on as it comes, and counts what it is asked for. */
export interface ReadingProxy {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** All since the start, or since they were forgotten. */
  readonly gets: readonly PassedGet[];
  forget(): void;
  use(moments: Moments): void;
  stop(): Promise<void>;
}

export async function startReadingProxy(targetUrl: string): Promise<ReadingProxy> {
  const target = new URL(targetUrl);
  const agent = new Agent({ keepAlive: true });
  let gets: PassedGet[] = [];
  let moments: Moments = {};

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse, noted: Noted | null) => {
    if (noted !== null) await moments.asked?.(noted);
    const { method, url: path, headers } = incoming;
    const upstream = request({ host: target.hostname, port: target.port, method, path, headers, agent });
    outgoing.once('close', () => upstream.destroy());
    incoming.pipe(upstream);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    // A connection that is reset in the middle of the body is told by both; who reads the body learns of it.
    upstream.on('error', () => undefined);
    if (noted !== null) noted.status = answer.statusCode ?? 0;
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    let isAmid = false;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const half = noted !== null && !isAmid && moments.amid !== undefined ? chunk.length >> 1 : 0;
      if (half > 0) {
        isAmid = true;
        await write(outgoing, chunk.subarray(0, half));
        if (noted !== null) await moments.amid?.(noted);
      }
      await write(outgoing, chunk.subarray(half));
    }
    outgoing.end();
    await once(outgoing, 'close');
    if (noted !== null) await moments.answered?.(noted);
  };

  const server = createServer((incoming, outgoing) => {
    const { socket, method, url = '/', headers } = incoming;
    const before = socket.bytesWritten;
    const noted: Noted | null =
      method === 'GET'
        ? { path: decodeURIComponent(url.slice(1)), range: headers.range ?? null, status: null, bytes: 0 }
        : null;
    if (noted !== null) {
      gets.push(noted);
      outgoing.once('close', () => {
        noted.bytes = socket.bytesWritten - before;
      });
    }
    // A client that goes away, or a server that does, ends the answer and nothing else.
    forward(incoming, outgoing, noted).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    get gets() {
      return gets;
    },
    forget() {
      gets = [];
    },
    use(next) {
      moments = next;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

type Noted = { -readonly [Key in keyof PassedGet]: PassedGet[Key] };

/** Waits as long as the client doesn't take what it was given. */
async function write(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  if (outgoing.destroyed) throw new Error('the client has gone');
  if (outgoing.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const goOn = () => {
      outgoing.off('drain', goOn).off('close', goOn);
      resolve();
    };
    outgoing.on('drain', goOn).on('close', goOn);
  });
}
