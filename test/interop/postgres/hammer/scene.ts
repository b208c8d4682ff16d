import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { makeSharedDirectory } from '../../../support/awkward-tree.js';
import type { Cleanup } from '../../../support/cleanup.js';
import { type Host, installHost } from '../../../support/process/cluster.js';
import { startApache } from '../../../support/servers/apache.js';
import type { PostgresServer } from '../../../support/servers/postgres.js';
import { startTcpProxy, type TcpProxy } from '../../../support/servers/tcp-proxy.js';
import { createReader, type Reader } from './reader.js';
import { observeLists } from './truth.js';

const USERS = ['ada', 'bob', 'eve'];
const FILES_AT_FIRST = 90;
/** Each change is one file more, one less or one moved; so many are made before all is as it was. */
const KINDS_OF_CHANGE = 3;
const CHANGE_EVERY_MS = 120;

/** Some hosts that answer and two that crawl, over one database that all of them reach by a proxy. */
export interface Many {
  readonly fronts: readonly Host[];
  readonly crawlers: readonly Host[];
  /** All of them. */
  readonly all: readonly Host[];
  readonly proxy: TcpProxy;
  /** Of the database, without the proxy. */
  readonly database: string;
  readonly users: readonly string[];
  /** Paths that a user's space has. */
  files(user: string): readonly string[];
  /** Changes some file of a user. */
  change(user: string): void;
  /** Asks some host for a sync of a user's space. False if none takes it. */
  requestSync(user: string, mode?: 'incremental' | 'full'): Promise<boolean>;
  /** The syncs that a host has taken. */
  readonly taken: ReadonlySet<number>;
  /** Changes files and asks for syncs until it is stopped; then returns once nothing more is asked. */
  keepChanging(): () => Promise<void>;
  /** Two clients for each user, and one that waits for each host. */
  makeReaders(): readonly Reader[];
  /** What a host shows of a user's space; null unless it answers with a list. */
  shown(host: Host, user: string): Promise<readonly string[] | null>;
  /** Starts whichever host isn't running. */
  startAll(): Promise<void>;
}

/** Has clients ask all hosts while files change and `work` is done, and returns the clients. */
export async function whileAsked(many: Many, work: () => Promise<unknown>): Promise<readonly Reader[]> {
  const readers = many.makeReaders();
  const running = Promise.all(readers.map((reader) => reader.run()));
  const stopChanging = many.keepChanging();
  try {
    await work();
  } finally {
    await stopChanging();
    for (const reader of readers) reader.stop();
    await running;
  }
  return readers;
}

/** Starts the scene; `answering` is how many hosts answer. */
export async function startMany(cleanup: Cleanup, server: PostgresServer, answering = 3): Promise<Many> {
  const directory = makeSharedDirectory();
  cleanup.add(() => rmSync(directory, { recursive: true }));
  const spaces = new Map(USERS.map((user) => [user, createFolder(join(directory, user))]));
  const apache = await startApache({ directory });
  cleanup.add(() => apache.stop());
  const database = await server.createDatabase();
  const proxy = await startTcpProxy(server.port);
  cleanup.add(proxy.stop);
  const settings = {
    spaces: USERS.map((user) => ({ user, url: `${apache.url}${user}/` })),
    describe: { enabled: false },
  };
  const through = Object.assign(new URL(database), { port: `${proxy.port}` }).href;
  const hostsOf = (role: 'api' | 'crawler', count: number) =>
    Promise.all(
      Array.from({ length: count }, () => installHost(cleanup, { database: through, roles: [role], settings })),
    );
  const [fronts, crawlers] = await Promise.all([hostsOf('api', answering), hostsOf('crawler', 2)]);
  const all = [...fronts, ...crawlers];
  const startAll = async () => void (await Promise.all(all.map((host) => host.start())));
  await startAll();
  const [first] = fronts;
  if (first === undefined) throw new Error('there are hosts');
  await observeLists(queryOf(database));
  const admin = (await first.ovadex.createToken('root', ['--scope', 'admin'])).token;
  const tokens = new Map<string, string>();
  for (const user of USERS) tokens.set(user, (await first.ovadex.createToken(user)).token);

  const spaceOf = (user: string) => spaces.get(user) ?? createFolder('');
  const tokenOf = (user: string) => tokens.get(user) ?? '';
  const taken = new Set<number>();
  const requestSync: Many['requestSync'] = async (user, mode = 'incremental') => {
    for (const { url } of fronts) {
      const asked = await fetch(`${url}v2/admin/sync`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ mode, user }),
        signal: AbortSignal.timeout(15_000),
      }).catch(() => null);
      const told = await asked?.json().catch(() => null);
      if (asked?.ok !== true || told === null) continue;
      taken.add((told as { data: { request: { id: number } } }).data.request.id);
      return true;
    }
    return false;
  };
  return {
    fronts,
    crawlers,
    all,
    proxy,
    database,
    users: USERS,
    files: (user) => spaceOf(user).files(),
    change: (user) => spaceOf(user).change(),
    requestSync,
    taken,
    keepChanging() {
      let isStopped = false;
      const changing = (async () => {
        let isTaken = true;
        for (let turn = 0; !isStopped; turn++) {
          const user = USERS[turn % USERS.length] ?? '';
          // A space that had changed a lot while nobody looked would have its removals held.
          if (isTaken) spaceOf(user).change();
          isTaken = await requestSync(user);
          await delay(CHANGE_EVERY_MS);
        }
      })();
      return async () => {
        isStopped = true;
        await changing;
      };
    },
    makeReaders: () => [
      ...[...USERS, ...USERS].map((user, at) => {
        const hosts = fronts.map((_, n) => fronts[(n + at) % fronts.length]?.url ?? '');
        return createReader(user, tokenOf(user), hosts);
      }),
      ...fronts.map(({ url }, at) => {
        const user = USERS[at % USERS.length] ?? '';
        return createReader(user, tokenOf(user), [url], { waits: true });
      }),
    ],
    async shown(host, user) {
      const response = await fetch(`${host.url}v2/image`, {
        headers: { authorization: `Bearer ${tokenOf(user)}` },
        signal: AbortSignal.timeout(15_000),
      }).catch(() => null);
      if (response?.status !== 200) return null;
      const { data } = (await response.json()) as { data: readonly { path: string }[] };
      return data.map(({ path }) => path).sort();
    },
    startAll,
  };
}

/** A folder of images, whose changes a removal guard never holds: they are few of many. */
function createFolder(directory: string) {
  let files: readonly string[] = [];
  let changes = 0;
  const write = (name: string) => writeFileSync(join(directory, name), `an image called ${name}`);
  if (directory !== '') {
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    files = Array.from({ length: FILES_AT_FIRST }, (_, at) => `first-${at}.ova`);
    for (const name of files) write(name);
  }
  return {
    files: () => [...files].sort(),
    change() {
      const kind = changes++ % KINDS_OF_CHANGE;
      const [oldest = '', ...others] = files;
      const name = `change-${changes}.ova`;
      if (kind === 0) write(name);
      else if (kind === 1) rmSync(join(directory, oldest));
      else renameSync(join(directory, oldest), join(directory, name));
      files = kind === 0 ? [...files, name] : kind === 1 ? others : [...others, name];
    },
  };
}

/** Asks a database by a connection of its own each time. */
export function queryOf(url: string): PostgresServer['query'] {
  return async (sql, values = []) => {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows;
    } finally {
      await client.end();
    }
  };
}
