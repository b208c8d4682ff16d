import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a port answers a request with: bytes as characters of Latin-1, in pieces that are sent one by one. */
export interface RawScript {
  readonly pieces: readonly string[];
  /** Leaves the connection open behind them. */
  readonly isKept?: boolean;
}

export interface RawPort {
  /** Ends in a slash. */
  readonly url: string;
  readonly port: number;
  /** How many requests came whole. */
  readonly requests: number;
}

/** The end of a request: all of the client's have a body of this kind, or none. */
const REQUEST_END = /<\/D:propfind>\s*$|^(?:OPTIONS|GET|CONNECT) [\s\S]*\r\n\r\n$/;

/**
 * A port in this process that speaks whatever `script` says, HTTP or not; it is called with each whole request, its head
 * and body as they came. Ends with the test.
 */
export async function startRawPort(script: (request: string) => string | RawScript): Promise<RawPort> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const answer = async (socket: Socket, request: string) => {
    requests++;
    const scripted = script(request);
    const { pieces, isKept = false } = typeof scripted === 'string' ? { pieces: [scripted] } : scripted;
    for (const piece of pieces) {
      socket.write(piece, 'latin1');
      // A piece of its own for whoever reads.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!isKept) socket.end();
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let request = '';
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      request += text;
      if (!REQUEST_END.test(request)) return;
      const whole = request;
      request = '';
      void answer(socket, whole);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    port: address.port,
    get requests() {
      return requests;
    },
  };
}

/** A multistatus that lists an empty collection at this path. */
export function emptyListing(path: string): string {
  return `<multistatus xmlns="DAV:"><response><href>${path}</href><propstat><prop><resourcetype><collection/></resourcetype><getlastmodified>Mon, 05 Jan 2026 08:00:00 GMT</getlastmodified></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`;
}

/** The target of a raw request. */
export function targetOf(request: string): string {
  return request.split(' ', 2)[1] ?? '';
}

/** A whole answer with these header lines beside its length. */
export function httpAnswer(status: string, body: string, headers: readonly string[] = []): string {
  return [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...headers, '', body].join('\r\n');
}
