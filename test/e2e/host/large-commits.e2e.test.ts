import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { endChild } from '../../support/servers/server-process.js';

const RECORDER = new URL('../../support/process/loaded-files.mjs', import.meta.url).href;
/** A busy machine takes longer to start, and to crawl. */
const SOON = { timeout: 20_000, interval: 50 };
const IMAGES = 1_200;

// That a crawl of few images begins no such thread is shown beside the packages that few daemons need.
it('a first crawl of many images commits by a thread of its own, which doesn’t keep the daemon from ending', async () => {
  const dav = await startDavServer();
  onTestFinished(() => dav.close());
  for (let n = 0; n < IMAGES; n++) dav.tree.put(`jm/folder ${n % 3}/${n}.ova`, { size: 1 });
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
  await vi.waitFor(async () => expect(await list()).toHaveLength(IMAGES), SOON);

  const loaded = new Set<string>();
  daemon.on('message', ({ crawler }: { crawler: readonly string[] }) => {
    for (const file of crawler) loaded.add(file);
  });
  daemon.send('tell');
  await vi.waitFor(() => expect(loaded).toContain('commit-thread.js'), SOON);
  daemon.kill('SIGTERM');
  const [code] = await once(daemon, 'exit');
  expect(code).toBe(0);
}, 60_000);
