import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { buildConnector, Dispatcher, Pool } from 'undici';
// Only the agent is loaded: all of undici, with its fetch, WebSockets and caches, takes 9 MB and 60 ms of a start, and only
// a proxy needs more of it.
import connectorOf from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { ConnectionSettings, ProxySettings, TlsSettings } from '../domain/model/space.js';
import { ProxyRefusal } from './failure/failure.js';
import { tolerant } from './interim.js';

/** Connections to the storages, shared by spaces with the same settings. */
export interface Connections {
  of(settings: Pick<ConnectionSettings, 'tls' | 'proxy'>): Dispatcher;
  /** Closes the connections of all other settings, once their requests have ended. */
  retain(settings: Iterable<Pick<ConnectionSettings, 'tls' | 'proxy'>>): void;
  /** Closes all connections; running requests fail. */
  close(): Promise<void>;
}

export interface ConnectionLimits {
  /** Time to accept a connection or to open a tunnel, in ms. */
  readonly connectMs: number;
  readonly perHost: number;
  /** Finds the addresses of names in place of the system; not behind a proxy, which does that itself. */
  readonly lookup?: LookupFunction;
}

const CONNECTED = 200;

/** Creates connections, which neither read the environment nor follow redirects. */
export function createConnections(limits: ConnectionLimits): Connections {
  const agents = new Map<string, Dispatcher>();
  return {
    of({ tls, proxy }) {
      const key = keyOf(tls, proxy);
      const agent = agents.get(key) ?? createAgent(tls, proxy, limits);
      agents.set(key, agent);
      return agent;
    },
    retain(settings) {
      const used = new Set([...settings].map(({ tls, proxy }) => keyOf(tls, proxy)));
      for (const [key, agent] of agents) {
        if (used.has(key)) continue;
        agents.delete(key);
        // Errors while they end concern nobody: nothing uses them any longer.
        agent.close().catch(() => undefined);
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function keyOf(tls: TlsSettings | null, proxy: ProxySettings | null): string {
  return JSON.stringify([tls, proxy]);
}

function createAgent(tls: TlsSettings | null, proxy: ProxySettings | null, limits: ConnectionLimits): Dispatcher {
  const { connectMs, perHost, lookup } = limits;
  const connect = { timeout: connectMs, ...secureContext(tls, 'with identity') };
  if (proxy === null) {
    const direct = lookup === undefined ? connect : { ...connect, lookup };
    return new Agent({ connections: perHost, connect: tolerant(connectorOf(direct)) });
  }
  const { Pool, ProxyAgent } = createRequire(import.meta.url)('undici') as typeof import('undici');
  return new ProxyAgent({
    uri: proxy.url,
    ...proxyToken(proxy),
    connections: perHost,
    // Many proxies only tunnel TLS; unencrypted requests they forward.
    proxyTunnel: false,
    requestTls: connect,
    factory: (origin, options) => createTolerantPool(Pool, origin, options),
    // The client certificate is only for the storage.
    proxyTls: { timeout: connectMs, ...secureContext(tls, 'roots only') },
    clientFactory: (origin, options) => createTunneller(new Pool(origin, { ...options, headersTimeout: connectMs })),
  });
}

/** Creates the pool for the storage, through a tunnel or not: undici passes in how to connect there. */
function createTolerantPool(PoolOf: typeof Pool, origin: string | URL, options: object): Dispatcher {
  const { connect } = options as { connect: buildConnector.connector };
  return new PoolOf(origin as string, { ...options, connect: tolerant(connect) });
}

/** Creates the dispatcher for undici's tunnels: it limits the time for CONNECT and reports the status of a refusal. */
function createTunneller(pool: Pool): Dispatcher {
  const open = pool.connect.bind(pool) as (request: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
  return Object.assign(pool, {
    async connect(request: Dispatcher.ConnectOptions) {
      const answer = await open(request);
      if (answer.statusCode === CONNECTED) return answer;
      answer.socket.destroy();
      throw new ProxyRefusal(answer.statusCode);
    },
  });
}

/** Creates one secure context for all connections of an agent: reading the roots takes longer than a handshake. */
function secureContext(
  tls: TlsSettings | null,
  part: 'with identity' | 'roots only',
): { secureContext?: SecureContext } {
  const { ca = null, identity = null } = tls ?? {};
  if (ca === null && (identity === null || part === 'roots only')) return {};
  return {
    secureContext: createSecureContext({
      ...(ca === null ? {} : { ca: [...trustedWith(ca)] }),
      ...(identity === null || part === 'roots only' ? {} : { cert: identity.certificate, key: identity.key }),
    }),
  };
}

/** Adds certificates to the roots that Node ships with, since a list given to Node replaces those. */
export function trustedWith(ca: string): readonly string[] {
  return [...rootCertificates, ca];
}

/** Builds the credentials for a proxy (RFC 7617, in UTF-8). */
function proxyToken({ credentials }: ProxySettings): { token?: string } {
  if (credentials === null) return {};
  const account = Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8');
  return { token: `Basic ${account.toString('base64')}` };
}
