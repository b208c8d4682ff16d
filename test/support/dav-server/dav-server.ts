import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDavSite, type DavSite, type DavSiteOptions } from './site.js';

export type { DavRequest } from './request.js';
export type DavServerOptions = DavSiteOptions;

/** A socket that serves one site after another. */
export interface DavHost {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly origin: string;
  /** The largest number of requests that were open at once. */
  readonly peakInFlight: number;
  /** Requests that are open now. */
  readonly inFlight: number;
  /** How many connections were ever opened. */
  readonly connections: number;
  /** From now on requests are this site's. */
  serve(site: DavSite): void;
  forgetPeak(): void;
  close(): Promise<void>;
}

/** A WebDAV server in this process, on a free port of the loopback, that goes wrong where it is told to. */
export interface DavServer extends Omit<DavSite, 'handle' | 'stop'> {
  /** The tree's root; ends in a slash. A collection's URL is this and its percent-encoded path. */
  readonly url: string;
  readonly peakInFlight: number;
  readonly connections: number;
  close(): Promise<void>;
}

export async function startDavServer(options: DavServerOptions = {}): Promise<DavServer> {
  const site = createDavSite(options);
  const host = await startDavHost(site);
  const { handle: _handle, stop, ...rest } = site;
  return {
    ...rest,
    url: `${host.origin}${options.basePath ?? '/'}`,
    get peakInFlight() {
      return host.peakInFlight;
    },
    get connections() {
      return host.connections;
    },
    forgetRequests() {
      site.forgetRequests();
      host.forgetPeak();
    },
    async close() {
      stop();
      await host.close();
    },
  };
}

export async function startDavHost(first: DavSite): Promise<DavHost> {
  let site = first;
  let inFlight = 0;
  let peakInFlight = 0;
  let connections = 0;

  const server = createServer((message, response) => {
    inFlight++;
    peakInFlight = Math.max(peakInFlight, inFlight);
    response.on('close', () => {
      inFlight--;
    });
    site.handle(message, response, origin).catch(() => message.socket.destroy());
  });
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    get peakInFlight() {
      return peakInFlight;
    },
    get inFlight() {
      return inFlight;
    },
    get connections() {
      return connections;
    },
    serve(next) {
      site = next;
    },
    forgetPeak() {
      peakInFlight = inFlight;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
