import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { endChild } from '../../support/servers/server-process.js';

const RECORDER = new URL('../../support/process/loaded-files.mjs', import.meta.url).href;
/** A busy machine takes longer to start, and to crawl. */
const SOON = { timeout: 20_000, interval: 50 };
const FOLDERS = 4;

/** What the threads of a daemon, but for the API's, have loaded once it has crawled a space of so many images in each folder. */
async function loadedAfter(
  imagesOfFolder: number,
): Promise<{ has: (file: string) => boolean; end: () => Promise<unknown> }> {
  const dav = await startDavServer();
  onTestFinished(() => dav.close());
  for (let n = 0; n < FOLDERS * imagesOfFolder; n++) dav.tree.put(`jm/folder ${n % FOLDERS}/${n}.ova`, { size: 1 });
  const ovadex = await installOvadex();
  onTestFinished(ovadex.remove);
  const describe = { enabled: false };
  ovadex.configure({ describe, spaces: [{ user: 'jm', url: `${dav.url}jm/` }], log: { level: 'warn' } });
  const { token } = await ovadex.createToken('jm');
  const daemon = spawn(process.execPath, ['--import', RECORDER, ...ovadex.argv('serve')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  overhear(daemon);
  onTestFinished(() => endChild(daemon));
  const list = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${ovadex.port}/v2/image`, { headers });
    return ((await answer.json()) as { data: readonly unknown[] }).data;
  };
  await vi.waitFor(async () => expect(await list()).toHaveLength(FOLDERS * imagesOfFolder), SOON);
  const loaded = new Set<string>();
  daemon.on('message', ({ crawler }: { crawler: readonly string[] }) => {
    for (const file of crawler) loaded.add(file);
  });
  daemon.send('tell');
  await vi.waitFor(() => expect(loaded).toContain('crawler-thread.js'), SOON);
  return {
    has: (file) => loaded.has(file),
    end: async () => {
      daemon.kill('SIGTERM');
      return (await once(daemon, 'exit'))[0];
    },
  };
}

describe('a first crawl', { timeout: 60_000 }, () => {
  it('of many images commits by a thread of its own, which doesn’t keep the daemon from ending', async () => {
    const { has, end } = await loadedAfter(400);
    await vi.waitFor(() => expect(has('commit-thread.js')).toBe(true), SOON);
    expect(await end()).toBe(0);
  });

  it('of few images starts no other thread', async () => {
    const { has, end } = await loadedAfter(5);
    expect(has('commit-thread.js')).toBe(false);
    expect(await end()).toBe(0);
  });
});
