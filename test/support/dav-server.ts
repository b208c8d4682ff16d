import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathFromBytes, type ResourcePath } from '../../src/domain/path.js';
import { type Answer, sendAnswer } from './dav-server-answer.js';
import { createDavGuard, type DavAccount } from './dav-server-auth.js';
import { createFaultScript, type Fault } from './dav-server-faults.js';
import { type HrefStyle, type MarkerStyle, renderMultistatus } from './dav-server-multistatus.js';
import { createDavTree, type DavTree } from './dav-server-tree.js';

export interface DavServerOptions {
  /** Who may come in; everybody where not given. */
  readonly auth?: DavAccount | readonly DavAccount[];
  readonly scheme?: 'basic' | 'digest';
  /** The URL's path in front of the tree's root, percent-encoded, with a slash at both ends; `/` by default. */
  readonly basePath?: string;
  readonly hrefs?: HrefStyle;
  readonly markers?: MarkerStyle;
  /** The clock of modification times. */
  readonly now?: () => number;
}

/** One request as the server saw it. */
export interface DavRequest {
  readonly method: string;
  /** The path as it stood in the request line. */
  readonly target: string;
  /** Below the tree's root; null where the target lies elsewhere. */
  readonly path: ResourcePath | null;
  readonly depth: string | null;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A WebDAV server in this process, on a free port of the loopback, that goes wrong where it is told to. */
export interface DavServer {
  /** The tree's root; ends in a slash. A collection's URL is this and its percent-encoded path. */
  readonly url: string;
  readonly tree: DavTree;
  /** Every request since the start or the last `forgetRequests()`, the oldest first. */
  readonly requests: readonly DavRequest[];
  /** The largest number of requests that were open at once. */
  readonly peakInFlight: number;
  /** How many connections were ever opened. */
  readonly connections: number;
  forgetRequests(): void;
  /** Scripts a fault of this path; the answer takes it away again. */
  fault(path: string, fault: Fault): () => void;
  clearFaults(): void;
  setAccounts(accounts: readonly DavAccount[]): void;
  /** Digest: makes the next request meet a stale nonce. */
  expireNonce(): void;
  close(): Promise<void>;
}

export async function startDavServer(options: DavServerOptions = {}): Promise<DavServer> {
  const now = options.now ?? Date.now;
  const startedAt = now();
  const tree = createDavTree(now);
  const faults = createFaultScript();
  const guard = createDavGuard(options.scheme ?? 'basic', options.auth === undefined ? [] : [options.auth].flat());
  const basePath = decodeURIComponent(options.basePath ?? '/');
  const requests: DavRequest[] = [];
  const stopped = new AbortController();
  let inFlight = 0;
  let peakInFlight = 0;
  let connections = 0;

  const answerTo = (request: DavRequest, fault: Fault): Answer => {
    if (fault.status !== undefined) return { status: fault.status, headers: {}, body: fault.body ?? '' };
    if (fault.redirect !== undefined) return { status: 301, headers: { Location: fault.redirect }, body: '' };
    if (fault.html === true) {
      return { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<!DOCTYPE html><title>Log in</title>' };
    }
    const node = request.path === null ? undefined : tree.find(request.path);
    if (node === undefined || request.path === null) return { status: 404, headers: {}, body: 'Not Found' };
    if (request.method === 'GET') {
      if (node.children !== null) return { status: 405, headers: { Allow: 'PROPFIND' }, body: '' };
      return { status: 200, headers: {}, body: node.content ?? Buffer.alloc(node.sizeBytes) };
    }
    if (request.method !== 'PROPFIND') return { status: 405, headers: { Allow: 'GET, PROPFIND' }, body: '' };
    const headers = { 'Content-Type': 'text/xml; charset="utf-8"' };
    const rendering = {
      origin: new URL(url).origin,
      basePath,
      hrefs: options.hrefs ?? 'path',
      markers: options.markers ?? 'apache',
      startedAt,
    };
    return {
      status: 207,
      headers: fault.linkNext === undefined ? headers : { ...headers, Link: `<${fault.linkNext}>; rel="next"` },
      body: fault.body ?? renderMultistatus(node, request.path, request.depth ?? 'infinity', fault, rendering),
    };
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message, basePath);
    requests.push(request);
    const challenge = guard.challenge(request.method, message.headers.authorization);
    if (challenge !== null) {
      sendAnswer(response, { status: 401, headers: { 'WWW-Authenticate': challenge }, body: 'Unauthorized' }, {});
      return;
    }
    const fault = request.path === null ? {} : faults.next(request.path, request.depth ?? 'infinity');
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: stopped.signal });
    if (fault.reset === true) message.socket.destroy();
    else if (fault.stall !== 'head') sendAnswer(response, answerTo(request, fault), fault);
  };

  const server = createServer((message, response) => {
    inFlight++;
    peakInFlight = Math.max(peakInFlight, inFlight);
    response.on('close', () => {
      inFlight--;
    });
    handle(message, response).catch(() => message.socket.destroy());
  });
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.basePath ?? '/'}`;

  return {
    url,
    tree,
    requests,
    get peakInFlight() {
      return peakInFlight;
    },
    get connections() {
      return connections;
    },
    forgetRequests() {
      requests.length = 0;
      peakInFlight = inFlight;
    },
    fault: faults.add,
    clearFaults: faults.clear,
    setAccounts: guard.setAccounts,
    expireNonce: guard.expireNonce,
    async close() {
      stopped.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readRequest(message: IncomingMessage, basePath: string): Promise<DavRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  const target = message.url ?? '/';
  return {
    method: message.method ?? 'GET',
    target,
    path: pathOf(target, basePath),
    depth: [message.headers['depth']].flat()[0] ?? null,
    headers: message.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function pathOf(target: string, basePath: string): ResourcePath | null {
  const bytes = Buffer.from(
    target.replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  const base = Buffer.from(basePath);
  if (!bytes.subarray(0, base.length).equals(base)) return null;
  const rest = bytes.subarray(base.length);
  return pathFromBytes(rest.at(-1) === 0x2f ? rest.subarray(0, -1) : rest);
}
