import { createRequire } from 'node:module';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { buildConnector, Dispatcher, Pool } from 'undici';
import type { ConnectionSettings, ProxySettings, TlsSettings } from '../domain/model/space.js';
import { ProxyRefusal } from './failure/failure.js';
import { tolerant } from './interim.js';

/** The ways to the storages: spaces whose settings are alike share their connections. */
export interface Connections {
  of(settings: Pick<ConnectionSettings, 'tls' | 'proxy'>): Dispatcher;
  /** Lets go of those that none of these settings has: their requests end, and then their connections. */
  retain(settings: Iterable<Pick<ConnectionSettings, 'tls' | 'proxy'>>): void;
  /** Requests that still run fail. */
  close(): Promise<void>;
}

export interface ConnectionLimits {
  /** To accept a connection, or to open a tunnel. */
  readonly connectMs: number;
  readonly perHost: number;
}

const CONNECTED = 200;

const load = createRequire(import.meta.url);
/** undici as a whole, with its fetch, WebSockets and caches, is 9 MB and 60 ms of a start: only a proxy needs more of it. */
const Agent = load('undici/lib/dispatcher/agent.js') as typeof import('undici').Agent;
const connectorOf = load('undici/lib/core/connect.js') as typeof buildConnector;

/** Neither reads the environment nor follows a redirect. */
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
        // What goes wrong while they end is told to nobody: nothing is asked of them any more.
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
  const { connectMs, perHost } = limits;
  const connect = { timeout: connectMs, ...secureContext(tls, 'with identity') };
  if (proxy === null) return new Agent({ connections: perHost, connect: tolerant(connectorOf(connect)) });
  const { Pool, ProxyAgent } = load('undici') as typeof import('undici');
  return new ProxyAgent({
    uri: proxy.url,
    ...proxyToken(proxy),
    connections: perHost,
    // Many proxies tunnel to nothing but TLS; what is in the clear they pass on as it is.
    proxyTunnel: false,
    requestTls: connect,
    factory: (origin, options) => createTolerantPool(Pool, origin, options),
    // The client's certificate is for the storage alone.
    proxyTls: { timeout: connectMs, ...secureContext(tls, 'roots only') },
    clientFactory: (origin, options) => createTunneller(new Pool(origin, { ...options, headersTimeout: connectMs })),
  });
}

/** Where the storage is spoken to, through a tunnel or not: undici hands over how it connects there. */
function createTolerantPool(PoolOf: typeof Pool, origin: string | URL, options: object): Dispatcher {
  const { connect } = options as { connect: buildConnector.connector };
  return new PoolOf(origin as string, { ...options, connect: tolerant(connect) });
}

/** Where undici gets its tunnels from: it must answer CONNECT in time, and say with which status it refused. */
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

/** One for all connections of an agent: reading the roots takes longer than a handshake. */
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

/** Whoever names roots to Node names all of them; these are the ones that it comes with, and some more. */
export function trustedWith(ca: string): readonly string[] {
  return [...rootCertificates, ca];
}

/** RFC 7617, in UTF-8. */
function proxyToken({ credentials }: ProxySettings): { token?: string } {
  if (credentials === null) return {};
  const account = Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8');
  return { token: `Basic ${account.toString('base64')}` };
}
