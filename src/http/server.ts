import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from 'pino';
import { bind, type ListenTarget } from './bind.js';
import { answerClientError, refusalWithoutContext } from './client-error.js';

export interface HttpServer {
  /** `http://host:port` with the real port, or `unix:/path`; no trailing slash. */
  readonly url: string;
  /** Stops accepting, lets running answers finish, and after `graceMs` cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** What a server needs of an app. */
export interface FetchApp {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

const SERVER_OPTIONS: ServerOptions = {
  // Node's default, said aloud: a long token and a long query fit three times over. More is answered by 431.
  maxHeaderSize: 16_384,
  // A request's head is one packet; a slow line may need some seconds, a client that drips it in has no right to more.
  headersTimeout: 10_000,
  // A whole request: at most 16 KB of body are wanted.
  requestTimeout: 30_000,
  // Longer than the 60 s that nginx keeps idle connections to us: who closes first must not be us, or it reports a 502.
  keepAliveTimeout: 65_000,
  // Node's 30 s would make the timeouts above mean up to 30 s more.
  connectionsCheckingInterval: 2_000,
  // Left to the app, which refuses such a request with a body that says why; Node's own answer has none.
  requireHostHeader: false,
};
/** Each connection takes some 20 KB and a file descriptor; far more than a proxy or a site's scripts open. */
const MAX_CONNECTIONS = 10_000;
/** While draining, how often connections that fell idle are looked for. */
const SWEEP_MS = 50;

/**
 * Serves an app at an address. Throws OvadexError `conflict` where somebody else
 * listens there, `config` where nobody can.
 */
export async function listen(
  app: FetchApp,
  address: ListenTarget,
  { logger }: { readonly logger: Logger },
): Promise<HttpServer> {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    errorHandler: (error) => {
      if (error instanceof RequestError)
        return refusalWithoutContext(400, 'the request target or the Host header is no good');
      logger.error({ err: error }, 'a request could not be answered');
      return refusalWithoutContext(500, 'the request could not be answered');
    },
  });
  const server = createServer(SERVER_OPTIONS, (incoming, outgoing) => {
    void listener(incoming, outgoing);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (error, socket) => answerClientError(error, socket, logger));
  const sockets = trackSockets(server);
  const url = await bind(server, address);
  server.on('error', (err) => logger.error({ err }, 'the server failed'));

  let closed: Promise<void> | undefined;
  return {
    url,
    close(graceMs) {
      closed ??= drain(server, sockets, graceMs, logger);
      return closed;
    },
  };
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function drain(server: Server, sockets: ReadonlySet<Socket>, graceMs: number, logger: Logger): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Node takes a connection that never sent a byte for a busy one.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const deadline = setTimeout(() => {
    logger.warn({ connections: sockets.size, graceMs }, 'answers that did not finish in time are cut');
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
