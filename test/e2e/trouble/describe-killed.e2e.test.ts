import { afterEach, expect, it } from 'vitest';
import { startDaemon } from '../../kills/daemon.js';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { FULL_OVF } from '../../support/ovf/sample.js';
import { installOvadex } from '../../support/process/ovadex.js';

const SOON = { timeout: 60_000, interval: 50 };
/** Nobody writes to it any more. */
const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };

const cleanup = createCleanup();
afterEach(() => cleanup.run());

it('what images are is read after a kill in the middle, each once', async () => {
  /** Runs before a file is answered. */
  let onGet: () => void | Promise<void> = () => undefined;
  const dav = await startDavServer({ onRequest: ({ method }) => (method === 'GET' ? onGet() : undefined) });
  cleanup.add(dav.close);
  dav.tree.put('web/web.ovf', { content: FULL_OVF, ...LONG_AGO });
  dav.tree.put('web/disk.vmdk', { size: 3_000, ...LONG_AGO });
  dav.tree.put('lone/web.ovf', { content: FULL_OVF, ...LONG_AGO });
  dav.tree.put('junk.ova', { content: '<html>', ...LONG_AGO });
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  ovadex.configure({ log: { level: 'error' }, spaces: [{ user: 'jm', url: dav.url }] });
  const gets = () => dav.requests.filter(({ method }) => method === 'GET').map(({ path }) => `${path}`);
  let reached: () => void = () => undefined;
  const second = new Promise<void>((resolve) => {
    reached = resolve;
  });
  onGet = () => {
    if (gets().length < 2) return;
    reached();
    return new Promise(() => undefined);
  };
  const start = () => {
    const daemon = startDaemon(ovadex.argv('serve'));
    cleanup.add(() => daemon.child.kill('SIGKILL'));
    return daemon;
  };

  const first = start();
  await second;
  first.child.kill('SIGKILL');
  await first.exited;
  onGet = () => undefined;
  const before = gets();
  dav.forgetRequests();
  start();
  const states = async () => {
    const { images } = (await ovadex.json('images', '--user', 'jm')) as { images: { path: string; state: string }[] };
    return Object.fromEntries(images.map(({ path, state }) => [path, state]));
  };
  await expect.poll(states, SOON).toEqual({ 'web/web.ovf': 'ok', 'lone/web.ovf': 'incomplete', 'junk.ova': 'broken' });
  expect(before).toHaveLength(2);
  expect(gets()).toHaveLength(2);
  expect(gets()).not.toContain(before[0]);
});
