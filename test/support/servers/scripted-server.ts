import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { noteAuthorization } from '../secrets.js';

/** One request as the server saw it. */
export interface ScriptedRequest {
  readonly method: string;
  /** As it stood in the request line. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ScriptedAnswer {
  /** 207 lists an empty collection. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Instead of the listing. */
  readonly body?: Uint8Array;
  /** A `100 Continue` goes first, though nobody asks for one. */
  readonly continues?: boolean;
}

export interface ScriptedServer {
  /** Ends in a slash. */
  readonly url: string;
  readonly port: number;
  /** How many connections were ever opened. */
  readonly connections: number;
  /** The oldest first. */
  readonly requests: readonly ScriptedRequest[];
}

/**
 * A server in this process that lists every collection as an empty one, where `script` says nothing else. It ends
 * with the test.
 */
export async function startScriptedServer(
  script: (request: ScriptedRequest, inFlight: number) => ScriptedAnswer | null | Promise<ScriptedAnswer | null>,
  tls?: ServerOptions,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  let inFlight = 0;
  const answer: RequestListener = (message, response) => {
    const request = { method: message.method ?? '', target: message.url ?? '', headers: message.headers };
    requests.push(request);
    noteAuthorization(request.headers.authorization);
    inFlight++;
    response.on('close', () => {
      inFlight--;
    });
    message.resume();
    message.on('end', () => {
      Promise.resolve(script(request, inFlight)).then(
        (scripted) => {
          const { status, headers = {}, body, continues = false } = scripted ?? { status: 207 };
          if (continues) response.writeContinue();
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          if (status === 207) response.setHeader('Content-Type', 'application/xml');
          const page = status === 207 ? emptyCollection(request.target) : 'nothing to see here';
          response.writeHead(status).end(body ?? page);
        },
        () => message.socket.destroy(),
      );
    });
  };

  const server = tls === undefined ? createPlainServer(answer) : createTlsServer(tls, answer);
  let connections = 0;
  server.on(tls === undefined ? 'connection' : 'secureConnection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`,
    port,
    requests,
    get connections() {
      return connections;
    },
  };
}

function emptyCollection(target: string): string {
  return `<multistatus xmlns="DAV:"><response><href>${target}</href><propstat><prop><resourcetype><collection/></resourcetype><getlastmodified>Mon, 05 Jan 2026 08:00:00 GMT</getlastmodified></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`;
}
