import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startDaemon } from '../kills/daemon.js';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';

/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };

let dav: DavServer;
let ovadex: Ovadex;
beforeEach(async () => {
  dav = await startDavServer();
  ovadex = await installOvadex();
});
afterEach(async () => {
  ovadex.remove();
  await dav.close();
});

it('a daemon tells its spaces, requests and syncs at a glance', async () => {
  dav.tree.put('jm/x.ova', { size: 1 });
  ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
  const token = (await ovadex.run('token', 'create', '--user', 'root', '--scope', 'admin')).stdout.trim();
  const daemon = startDaemon(ovadex.argv('serve'));
  try {
    const url = await daemon.ready();
    const overview = async () => {
      const response = await checkedFetch(`${url}/v2/admin/overview`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      return ((await response.json()) as { data: Record<string, unknown> & { hours: readonly object[] } }).data;
    };
    await vi.waitUntil(async () => (await overview())['images'] === 1, SOON);
    expect(await overview()).toMatchObject({
      spaces_by_state: { fresh: 1 },
      oldest: { user: 'jm' },
      storage_requests: { outcomes: { answered: expect.any(Number) as number } },
    });
    // The image is committed a little before the sync ends and is counted.
    await vi.waitUntil(async () => JSON.stringify((await overview()).hours).includes('"added":1'), SOON);
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon.exited;
  }
});
