import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Spoiled, Spoiler } from './spoilers.js';

/** A proxy in front of a real server that spoils the answers to some of the paths. */
export interface SpoilingProxy {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** Spoils the answers of paths that begin so; without any, everything is passed on as it is. */
  spoil(spoilers: ReadonlyMap<string, Spoiler>): void;
  stop(): Promise<void>;
}

export async function startSpoilingProxy(targetUrl: string): Promise<SpoilingProxy> {
  const target = new URL(targetUrl);
  let armed: readonly { readonly below: string; readonly spoiler: Spoiler; before: number }[] = [];

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, url: path = '/', headers } = incoming;
    const upstream = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const status = answer.statusCode ?? 502;
        const { 'content-type': type = 'text/xml', 'www-authenticate': challenge, date = '' } = answer.headers;
        const plain = {
          date,
          'content-type': type,
          ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
        };
        const hit = status === 207 ? armed.find(({ below }) => path.startsWith(below)) : undefined;
        const authorization = headers.authorization ?? '';
        const what = hit?.spoiler.spoil({ path, authorization, body: body.toString(), before: hit.before++ });
        reply(outgoing, { status, headers: plain, body }, what ?? 'as it is');
      });
    });
    upstream.once('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  };

  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    spoil(spoilers) {
      armed = [...spoilers].map(([below, spoiler]) => ({ below, spoiler, before: 0 }));
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function reply(
  outgoing: ServerResponse,
  good: { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer },
  spoiled: Spoiled,
): void {
  if (spoiled === 'silence') return;
  if (spoiled === 'reset') {
    outgoing.socket?.resetAndDestroy();
  } else if (spoiled === 'as it is') {
    outgoing.writeHead(good.status, { ...good.headers, 'content-length': good.body.length }).end(good.body);
  } else if ('raw' in spoiled) {
    outgoing.socket?.end(spoiled.raw);
  } else if ('cutAt' in spoiled) {
    const part = good.body.subarray(0, spoiled.cutAt);
    outgoing.useChunkedEncodingByDefault = spoiled.told === 'chunks';
    const length = spoiled.told === 'length' ? { 'content-length': good.body.length } : {};
    outgoing.writeHead(good.status, { ...good.headers, ...length, connection: 'close' });
    if (spoiled.told === 'end') outgoing.end(part);
    else outgoing.write(part, () => outgoing.destroy());
  } else {
    const { status = good.status, headers = {}, body = '' } = spoiled;
    const length = { 'content-length': Buffer.byteLength(body) };
    outgoing.writeHead(status, { ...good.headers, ...headers, ...length }).end(body);
  }
}
