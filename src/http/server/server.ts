import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from 'pino';
import type { HandleAgain, Resumed } from '../reply/context.js';
import { type Batches, createBatches } from './batch.js';
import { answerBeforeApp } from './before-app.js';
import { bind, type ListenTarget } from './listen.js';
import { encodeRawTarget, isReplayed, replay } from './raw-target.js';
import type { Replays } from './replay.js';
import { endStalledReaders, STALLED_MS } from './stalled-readers.js';
import {
  afterAnswers,
  answerClientError,
  answerUnderWay,
  type ParserError,
  refusalWithoutContext,
} from './unparsed-request.js';

export interface HttpServer {
  /**
   * Has the form `http://host:port` with the real port, `unix:/path`, or `fd:3` for a unix socket that another process
   * opened; no trailing slash.
   */
  readonly url: string;
  /** Stops accepting, lets running answers finish, and after `graceMs` cuts the rest. */
  close(graceMs: number): Promise<void>;
}

/** Limits for clients; the constants below unless given. */
export interface ServerLimits
  extends Pick<
    ServerOptions,
    'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
  > {
  readonly maxConnections: number;
  /** How long a client may take nothing of what waits for it, in ms. */
  readonly stalledMs: number;
}

/** The part of an app that the server needs. */
export interface FetchApp {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

const SERVER_OPTIONS: ServerOptions = {
  // Node's default, made explicit: three times the size of a long token and a long query. More is answered by 431.
  maxHeaderSize: 16_384,
  // A request's head is one packet; a slow line may need some seconds, but a client must not drip it in for longer.
  headersTimeout: 10_000,
  // For a whole request: bodies have at most 16 KiB.
  requestTimeout: 30_000,
  // Longer than the 60 s that nginx keeps idle connections to us: if we close first, it reports a 502. The
  // configuration's default is the same.
  keepAliveTimeout: 65_000,
  // Node's 30 s would make the timeouts above mean up to 30 s more.
  connectionsCheckingInterval: 2_000,
  // Left to `answerBeforeApp`, which refuses such a request with a body that says why; Node's own answer has none.
  requireHostHeader: false,
};
/** Each connection takes some 20 KB and a file descriptor; ten thousand idle ones still leave room for others. */
const MAX_CONNECTIONS = 12_000;
/**
 * Reserved for the index, the log, a crawl's 16 requests to each of some storages, and watched folders; clients never
 * get these.
 */
const OTHER_DESCRIPTORS = 256;
/**
 * Most requests of one connection that wait for an earlier answer. Hardly any client sends a second before the first is
 * answered.
 */
const MAX_PIPELINED = 32;
/** A flood of connections makes one line a minute in the log. */
const REPORT_EVERY_MS = 60_000;
/**
 * How long a connection may take to send its first byte while draining: a request's head follows within a round trip.
 */
const SILENT_MS = 500;
/** How often idle connections are looked for while draining. */
const SWEEP_MS = 50;

/**
 * Returns how many clients a process with so many descriptors may have: the system would drop any beyond without a
 * word.
 */
export function connectionsWithin(descriptors: number): number {
  return Math.min(MAX_CONNECTIONS, descriptors - Math.min(OTHER_DESCRIPTORS, Math.ceil(descriptors / 2)));
}

/**
 * Serves an app at an address. Throws OvadexError `conflict` if another process listens there, `config` if it is
 * impossible.
 */
export async function listen(
  app: FetchApp,
  address: ListenTarget,
  {
    logger,
    limits = {},
    batches = createBatches(),
    replays = null,
    noteUnread = () => undefined,
  }: {
    readonly logger: Logger;
    readonly limits?: Partial<ServerLimits>;
    readonly batches?: Batches;
    readonly replays?: Replays | null;
    /** Called with the status of each answer sent before the app saw the request. */
    readonly noteUnread?: (status: number) => void;
  },
): Promise<HttpServer> {
  const refuseUnread = (status: number, detail: string) => {
    noteUnread(status);
    return refusalWithoutContext(status, detail);
  };
  // A promise, so that all answers of a turn are ready before the first is sent: this wakes clients once, not each
  // time.
  let resumed: Resumed | undefined;
  const again: HandleAgain = (incoming, outgoing, kept) =>
    batches.atEnd(() => {
      if (replays?.answer(incoming, outgoing, kept)) return;
      // It was let through before, perhaps as one of many that are the same; this completes it.
      answerBeforeApp(incoming, outgoing);
      // The listener asks the app before it returns.
      resumed = kept;
      void listener(incoming, outgoing);
      resumed = undefined;
    });
  const fetch = async (request: Request, { incoming, outgoing }: object & { incoming?: unknown; outgoing?: unknown }) =>
    app.fetch(request, { incoming, outgoing, again, resumed });
  const listener = getRequestListener(fetch, {
    errorHandler: (error) => {
      if (error instanceof RequestError) return refuseUnread(400, 'the request target or the Host header is invalid');
      logger.error({ err: error }, 'a request could not be answered');
      return refuseUnread(500, 'the request could not be answered');
    },
  });
  const { maxConnections = MAX_CONNECTIONS, stalledMs = STALLED_MS, ...timeouts } = limits;
  const isOverrun = createOverrunGuard();
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (isOverrun(incoming.socket, outgoing)) return;
    batches.together(() => {
      if (replays?.answer(incoming, outgoing)) return;
      const status = answerBeforeApp(incoming, outgoing);
      if (status === null) void listener(incoming, outgoing);
      else noteUnread(status);
    });
  };
  const server = createServer({ ...SERVER_OPTIONS, ...timeouts }, handle);
  server.on('checkExpectation', handle); // nothing but 100-continue is ever expected; Node would refuse it without a body
  server.maxConnections = maxConnections;
  makeRoom(server, logger);
  const refused = new WeakSet<Duplex>();
  server.on('clientError', (error: ParserError, socket) => {
    if (isReplayed(socket)) return;
    const isIdle = answerUnderWay(socket) === null;
    const raw = error.code === 'HPE_INVALID_URL' && isIdle ? encodeRawTarget(error.rawPacket ?? NONE) : null;
    if (raw !== null) {
      replay(server, socket, raw);
      return;
    }
    if (refused.has(socket)) return; // whatever comes meanwhile is another error
    refused.add(socket);
    afterAnswers(socket, () => {
      const status = answerClientError(error, socket, logger);
      if (status !== null) noteUnread(status);
    });
  });
  const sockets = trackSockets(server);
  const stopLooking = endStalledReaders(sockets, { stalledMs, logger });
  server.once('close', stopLooking);
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

const NONE = Buffer.alloc(0);

/**
 * Limits the requests that wait on a connection: Node hands out every request of a packet, hundreds of them, even if
 * the answers are not read, and each answer would be held in memory. The guard returns true if a request is one too
 * many; its connection is then cut.
 */
function createOverrunGuard(): (socket: Socket, outgoing: ServerResponse) => boolean {
  const waiting = new WeakMap<Socket, number>();
  return (socket, outgoing) => {
    if (outgoing.socket !== null) return false; // its turn already; only a request that waits for another has no socket
    const count = (waiting.get(socket) ?? 0) + 1;
    if (count > MAX_PIPELINED) socket.destroy();
    if (socket.destroyed) return true; // the other requests of the packet arrive here as well
    waiting.set(socket, count);
    outgoing.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return false;
  };
}

/**
 * Closes kept-alive idle connections once no more are accepted: a client that opens many and leaves them idle locks
 * others out for one try at most. Connections that never send a request are ended by `headersTimeout`.
 */
function makeRoom(server: Server, logger: Logger): void {
  let isReported = false;
  server.on('drop', () => {
    server.closeIdleConnections();
    if (isReported) return;
    isReported = true;
    setTimeout(() => {
      isReported = false;
    }, REPORT_EVERY_MS).unref();
    logger.warn({ maxConnections: server.maxConnections }, 'too many connections; closing the idle ones');
  });
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
  // Node considers a connection that never sent a byte busy. One just accepted has a request on its way.
  const silence = setTimeout(() => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  }, SILENT_MS);
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const deadline = setTimeout(() => {
    logger.warn({ connections: sockets.size, graceMs }, 'cutting answers that did not finish in time');
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(silence);
  clearTimeout(deadline);
}
