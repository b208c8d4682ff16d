import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, vi } from 'vitest';
import { fileOf } from '../../../src/app/engines/sqlite-index.js';
import { type Index, openIndex } from '../../../src/app/open-index.js';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { openReadonly } from '../../../src/sqlite/file/open-readonly.js';
import type { ImageJson } from '../../../src/wire/image.js';
import type { ImageDetailsJson } from '../../../src/wire/image-details.js';
import { makeSharedDirectory } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex } from '../../support/process/ovadex.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import { connectApi } from './api.js';
import { type ReadingProxy, startReadingProxy } from './reading-proxy.js';
import type { Subject } from './subjects.js';

/** A daemon that reads what images are on a real server, every GET of it counted on its way. */
export interface ReadingScene {
  readonly directory: string;
  readonly proxy: ReadingProxy;
  /** Starts the daemon, which crawls the space if it has never been. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends the daemon by SIGKILL. */
  kill(): Promise<void>;
  /** Changes the disk and waits until the server can't but show it. */
  change(make: () => void): Promise<void>;
  /** Has the daemon list the whole space, and waits for that. */
  sync(): Promise<void>;
  /** Waits until no image is left to read. */
  untilRead(): Promise<void>;
  /** How many bytes the index says were read for what it knows, whether or not a daemon runs. */
  bytesRead(): number;
  /** The images of which the index knows what they are. */
  stored(): Promise<ReadonlySet<string>>;
  states(): Promise<Record<string, ImageJson['state']>>;
  image(path: string): Promise<ImageDetailsJson>;
  end(): Promise<void>;
}

const USER = 'jm';
const SOON = { timeout: 120_000, interval: 50 };

export async function startReadingScene(
  subject: Pick<Subject, 'start' | 'memoryMs'>,
  fill: (directory: string) => unknown,
  describe: object = {},
): Promise<ReadingScene> {
  const cleanup = createCleanup();
  try {
    const directory = makeSharedDirectory();
    cleanup.add(() => rmSync(directory, { recursive: true }));
    const pids = mkdtempSync(join(tmpdir(), 'ovadex-pid-'));
    cleanup.add(() => rmSync(pids, { recursive: true }));
    await fill(directory);
    const server = await subject.start({ directory });
    cleanup.add(() => server.stop());
    const proxy = await startReadingProxy(server.url);
    cleanup.add(proxy.stop);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    // As fast as it goes: how fast it may is told by other tests.
    ovadex.configure({
      spaces: [{ user: USER, url: proxy.url }],
      log: { level: 'warn' },
      describe: { bytesPerSecond: 1_000_000_000, ...describe },
    });
    const data = { directory: join(dirname(ovadex.configFile), 'data') };
    let daemon: ServerProcess | null = null;
    let tokens: { readonly user: string; readonly admin: string } | null = null;
    const stop = async () => {
      await daemon?.stop();
      daemon = null;
    };
    cleanup.add(stop);
    const api = (role: 'user' | 'admin') => {
      if (daemon === null || tokens === null) throw new Error('the daemon does not run');
      return connectApi(daemon.url, tokens[role]);
    };
    const json = async (role: 'user' | 'admin', path: string) => {
      const answer = await api(role).get(path);
      expect(answer.status).toBe(200);
      return (await answer.json()) as { readonly data: unknown };
    };
    const list = async () => (await json('user', 'v2/image')).data as readonly ImageJson[];
    const look = async <T>(at: (index: Index) => Promise<T>): Promise<T> => {
      const index = await openIndex({ data }, { readonly: true });
      try {
        return await at(index);
      } finally {
        await index.close();
      }
    };
    const bytesRead = () => {
      const db = openReadonly(fileOf({ data }), { timeoutMs: 5_000 });
      try {
        return db.prepare<[], number>('SELECT coalesce(sum(bytes), 0) FROM descriptions').pluck().get() ?? 0;
      } finally {
        db.close();
      }
    };
    const waiting = () => look(async ({ catalogue }) => (await catalogue.space(USER))?.waitingImages);
    const notingPid = (program: string, args: readonly string[]): [string, readonly string[]] => [
      '/bin/sh',
      ['-c', `echo $$ > '${join(pids, 'pid')}'; exec "$0" "$@"`, program, ...args],
    ];
    return {
      directory,
      proxy,
      stop,
      bytesRead,
      stored: () =>
        look(async ({ catalogue }) => {
          const found = await catalogue.images(USER, { nameContains: [], sort: DEFAULT_SORT });
          return new Set(found?.images.filter(({ state }) => state !== 'unknown').map(({ path }) => `${path}`));
        }),
      async start() {
        daemon = await ovadex.serve({ wrap: notingPid });
        tokens ??= {
          user: (await ovadex.createToken(USER)).token,
          admin: (await ovadex.createToken('admin', ['--scope', 'admin'])).token,
        };
      },
      async kill() {
        process.kill(Number(readFileSync(join(pids, 'pid'), 'utf8')), 'SIGKILL');
        await stop();
      },
      async change(make) {
        make();
        await new Promise((resolve) => setTimeout(resolve, subject.memoryMs));
      },
      async sync() {
        const asked = await api('admin').post('v2/admin/sync', { user: USER, mode: 'full' });
        expect(asked.status).toBe(202);
        const { pathname } = new URL(asked.headers.get('location') ?? '', daemon?.url);
        const status = async () => ((await json('admin', pathname.slice(1))).data as { status: string }).status;
        await vi.waitUntil(async () => (await status()) === 'PROCESSED', SOON);
      },
      async untilRead() {
        await vi.waitUntil(async () => (await api('admin').space(USER)).state === 'fresh', SOON);
        await vi.waitUntil(async () => (await waiting()) === 0, SOON);
      },
      states: async () => Object.fromEntries((await list()).map(({ path, state }) => [path, state])),
      async image(path) {
        const found = (await list()).find((image) => image.path === path);
        return (await json('user', `v2/image/${found?.id}`)).data as ImageDetailsJson;
      },
      end: cleanup.run,
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
