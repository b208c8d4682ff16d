import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

export interface ConnectProxy {
  readonly url: string;
  /** The request lines' targets, `CONNECT host:port` or `METHOD http://...`, refused ones too. */
  readonly seen: readonly string[];
  /** The headers that came with them. */
  readonly headers: readonly IncomingMessage['headers'][];
}

/**
 * A proxy on the loopback that tunnels by CONNECT and passes plain requests on. `status` is what it says to
 * everything, 'silent' that it says nothing. It ends with the test.
 */
export async function startConnectProxy(
  options: { readonly account?: string; readonly status?: number | 'silent' } = {},
): Promise<ConnectProxy> {
  const seen: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const sockets = new Set<Duplex>();
  const track = (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  };
  /** null: let it through. */
  const refusal = (message: IncomingMessage, line: string): number | 'silent' | null => {
    seen.push(line);
    headers.push(message.headers);
    if (options.status !== undefined) return options.status;
    const wanted = `Basic ${Buffer.from(options.account ?? '').toString('base64')}`;
    return options.account === undefined || message.headers['proxy-authorization'] === wanted ? null : 407;
  };

  const server = createServer((message, response) => {
    const target = message.url ?? '';
    const status = refusal(message, `${message.method} ${target}`);
    if (status === 'silent') return;
    if (status !== null) {
      response.writeHead(status, { 'Proxy-Authenticate': 'Basic realm="proxy"' }).end('refused');
      return;
    }
    const { 'proxy-authorization': _own, ...rest } = message.headers;
    message.pipe(
      forward(target, { method: message.method, headers: rest }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }).on('error', () => response.destroy()),
    );
  });
  server.on('connection', track);
  server.on('connect', (message: IncomingMessage, client: Duplex, head: Buffer) => {
    const status = refusal(message, `CONNECT ${message.url}`);
    if (status === 'silent') return;
    if (status !== null) {
      client.end(`HTTP/1.1 ${status} Refused\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${message.url}`);
    const storage: Socket = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      storage.write(head);
      storage.pipe(client).pipe(storage);
    });
    track(storage);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, headers };
}
