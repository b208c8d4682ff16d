import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { createIndexFile } from '../../src/app/index-file.js';
import { startDaemon } from '../kills/daemon.js';
import type { Cleanup } from './cleanup.js';
import { type DavServer, startDavServer } from './dav-server/dav-server.js';
import { installOvadex, type Settings } from './process/ovadex.js';

/** Starting takes a second; a busy machine takes longer. */
export const SOON = { timeout: 60_000, interval: 50 };

/** The program over one space of "jm" that is listed in full every second, to be brought into trouble. */
export async function createFaultyScene(
  cleanup: Cleanup,
  settings: (dav: DavServer) => Partial<Settings> = () => ({}),
) {
  const dav = await startDavServer();
  cleanup.add(dav.close);
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  ovadex.configure({
    spaces: [{ user: 'jm', url: dav.url }],
    crawl: { schedule: '* * * * * *', fullSchedule: '* * * * * *' },
    ...settings(dav),
  });
  let images = 0;
  return {
    dav,
    ovadex,
    directory: dirname(ovadex.configFile),
    /** So many more images on the storage; answers how many there are. */
    put(count: number): number {
      for (let i = 0; i < count; i++) dav.tree.put(`folder ${images % 7}/machine number ${images++}.ova`, { size: 1 });
      return images;
    },
    /** `before` as in `startDaemon`. */
    async serve(before: string | null = null) {
      const { token } = await ovadex.createToken('jm', ['--scope', 'admin']);
      const daemon = startDaemon(ovadex.argv('serve'), before);
      cleanup.add(() => daemon.child.kill('SIGKILL'));
      const ask = (path: string, init: RequestInit = {}) =>
        fetch(`http://127.0.0.1:${ovadex.port}${path}`, {
          ...init,
          headers: { Authorization: `Bearer ${token}`, ...init.headers },
        });
      await vi.waitUntil(async () => daemon.child.exitCode !== null || (await isUp(ovadex.port)), SOON);
      if (daemon.child.exitCode !== null) throw new Error(`the daemon did not come up: ${daemon.log()}`);
      const data = async <T>(path: string) => ((await (await ask(path)).json()) as { data: T }).data;
      return {
        ...daemon,
        ask,
        data,
        token,
        /** Waits until it takes connections again: one that it had no room for is reset without an answer. */
        isServing: () => vi.waitUntil(() => isUp(ovadex.port), SOON),
        /** Waits until its list has so many images. */
        shows: (count: number) => vi.waitUntil(async () => (await data<unknown[]>('/v2/image')).length === count, SOON),
        async stop() {
          daemon.child.kill('SIGTERM');
          return await daemon.exited;
        },
      };
    },
    findings: () => createIndexFile({ data: { directory: join(dirname(ovadex.configFile), 'data') } }).check().findings,
  };
}

/** Not by its log, which may be what is in trouble. */
async function isUp(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/livez`).then(
    (response) => response.ok,
    () => false,
  );
}
