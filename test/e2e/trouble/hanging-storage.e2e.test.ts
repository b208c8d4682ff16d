import { readdirSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { createFaultyScene, SOON } from '../../support/faulty-scene.js';
import { residentBytesOf } from '../../support/process/usage.js';
import { startScriptedServer } from '../../support/servers/scripted-server.js';

const SPACES = 1_000;
/** Those that say nothing have so many places, and those that answer as many. */
const AT_ONCE = 4;
/** After ten seconds of silence the others go on; a busy machine takes longer. */
const IN_TIME = { timeout: 30_000, interval: 100 };
/** While it hangs nothing may grow; this is what V8 leaves to itself. */
const GROWN_BYTES = 60 * 1024 * 1024;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

it('1,000 spaces on a server that hangs keep no other from its syncs, and are all synced when it answers', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<null>((resolve) => {
    release = () => resolve(null);
  });
  const hanging = await startScriptedServer(() => released);
  const users = Array.from({ length: SPACES }, (_, i) => `a${i}`);
  const scene = await createFaultyScene(cleanup, (dav) => ({
    // The one that is to be synced is the last.
    spaces: [...users.map((user) => ({ user, url: `${hanging.url}${user}/` })), { user: 'jm', url: dav.url }],
    crawl: { schedule: '* * * * * *', spacesAtOnce: AT_ONCE, timeouts: { firstByte: '12s' } },
  }));
  const count = scene.put(10);
  const daemon = await scene.serve();
  const handles = () => readdirSync(`/proc/${daemon.child.pid}/fd`).length;
  const memory = () => residentBytesOf(daemon.child.pid);
  await vi.waitUntil(() => hanging.requests.length >= AT_ONCE, SOON);
  const before = { handles: handles(), memory: memory() };

  const list = async () => (await daemon.data<unknown[]>('/v2/image')).length;
  await vi.waitUntil(async () => (await list()) === count, IN_TIME);
  for (let round = 0; round < 3; round++) {
    const more = scene.put(5);
    await vi.waitUntil(async () => (await list()) === more, IN_TIME);
  }
  // Until the first have timed out twice and others took their places.
  await vi.waitUntil(() => hanging.requests.length >= 3 * AT_ONCE, { ...SOON, timeout: 90_000 });
  expect(await list()).toBe(count + 15);
  expect(hanging.requests.length).toBeLessThanOrEqual(4 * AT_ONCE);
  expect(handles() - before.handles).toBeLessThanOrEqual(2 * AT_ONCE);
  expect(memory() - before.memory).toBeLessThan(GROWN_BYTES);
  const { meta } = (await (
    await daemon.ask('/v2/admin/request?filter=status,in,PENDING|IN_PROGRESS&per_page=1')
  ).json()) as {
    meta: { pages: { total: number } };
  };
  expect(meta.pages.total).toBeLessThanOrEqual(2 * (SPACES + 1));

  release();
  // Not by their state: with a schedule of a second it is fresh for 2.5 s, and few machines sync them all in that time.
  const synced = async () =>
    (await daemon.data<{ last_success_on: string | null; last_error: object | null }[]>('/v2/admin/space')).filter(
      (space) => space.last_success_on !== null && space.last_error === null,
    ).length;
  await vi.waitUntil(async () => (await synced()) === SPACES + 1, { timeout: 120_000, interval: 250 });
  expect(await daemon.stop()).toBe(0);
  expect(scene.findings()).toEqual([]);
}, 300_000);
