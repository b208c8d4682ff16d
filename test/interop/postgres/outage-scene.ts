import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSharedDirectory } from '../../support/awkward-tree.js';
import type { Cleanup } from '../../support/cleanup.js';
import { type Host, type HostOptions, installHost } from '../../support/process/cluster.js';
import { startApache } from '../../support/servers/apache.js';
import type { PostgresServer } from '../../support/servers/postgres.js';
import { startTcpProxy, type TcpProxy } from '../../support/servers/tcp-proxy.js';

/** A host that reaches its database by a proxy, and whose space is at an Apache. */
export interface OutageScene {
  readonly host: Host;
  readonly proxy: TcpProxy;
  readonly database: string;
  readonly token: string;
  /** Puts an image into the space. */
  put(name: string): void;
  ask(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `meta.index.state`; null if it has none. */
  readonly state: string | null;
  readonly names: readonly string[];
  /** How long it took, in ms. */
  readonly tookMs: number;
}

const ANSWERED_WITHIN_MS = 30_000;

export async function makeOutageScene(
  cleanup: Cleanup,
  server: PostgresServer,
  {
    images,
    settings = {},
    place = async () => undefined,
  }: {
    readonly images: readonly string[];
    readonly settings?: Partial<HostOptions['settings']>;
    /** Puts the empty database elsewhere. */
    readonly place?: (database: string) => Promise<void>;
  },
): Promise<OutageScene> {
  const directory = makeSharedDirectory();
  cleanup.add(() => rmSync(directory, { recursive: true }));
  const put = (name: string) => writeFileSync(join(directory, name), `an image called ${name}`);
  for (const name of images) put(name);
  const apache = await startApache({ directory });
  cleanup.add(() => apache.stop());
  const proxy = await startTcpProxy(server.port);
  cleanup.add(proxy.stop);
  const database = await server.createDatabase();
  await place(database);
  const host = await installHost(cleanup, {
    database: Object.assign(new URL(database), { port: `${proxy.port}` }).href,
    roles: ['api', 'crawler'],
    settings: { spaces: [{ user: 'jm', url: apache.url }], describe: { enabled: false }, ...settings },
  });
  await host.start();
  const { token } = await host.ovadex.createToken('jm', ['--scope', 'admin']);
  return {
    host,
    proxy,
    database,
    token,
    put,
    async ask(path, headers = {}, method = 'GET') {
      const began = performance.now();
      const response = await fetch(`${host.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
      });
      const text = await response.text();
      const isList = response.status === 200 && text.startsWith('{"_links"') && text.includes('"index":{"state"');
      const list = isList ? (JSON.parse(text) as ListBody) : null;
      return {
        status: response.status,
        headers: response.headers,
        text,
        state: list?.meta.index.state ?? null,
        names: (list?.data ?? []).map(({ name }) => name),
        tookMs: performance.now() - began,
      };
    },
  };
}

interface ListBody {
  readonly data: readonly { readonly name: string }[];
  readonly meta: { readonly index: { readonly state: string } };
}
