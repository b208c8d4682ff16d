import { existsSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { createFaultyScene, SOON } from '../../support/faulty-scene.js';
import { describeInstalled } from '../../support/process/installed.js';

/** Debian's libfaketime lies in the folder of the machine's kind. */
const LIBRARY = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((kind) => `/usr/lib/${kind}/faketime/libfaketime.so.1`)
  .find(existsSync);
const DAY_S = 86_400;
/** Forth and back, each from what was before. */
const JUMPS_S = [DAY_S, -2 * DAY_S, 3_600, -3_600, 40 * DAY_S, -40 * DAY_S];

const cleanup = createCleanup();
afterEach(() => cleanup.run());

interface Space {
  readonly state: string;
  readonly next_sync_on: string | null;
  readonly last_success_on: string | null;
}

/** A daemon whose clock is set as an administrator sets it: the steady one beneath goes on. */
async function startUnderClock() {
  const scene = await createFaultyScene(cleanup, (dav) => ({
    spaces: [{ user: 'jm', url: `${dav.url}jm/` }, { discover: `${dav.url}found/` }],
    maintenance: { schedule: '* * * * * *', tombstones: '30d' },
  }));
  let offsetS = 0;
  const clockFile = scene.ovadex.file('clock', '+0');
  const set = (seconds: number) => {
    offsetS = seconds;
    scene.ovadex.file('clock', `${seconds < 0 ? '' : '+'}${seconds}`);
  };
  const environment = `LD_PRELOAD=${LIBRARY} FAKETIME_TIMESTAMP_FILE=${clockFile} FAKETIME_NO_CACHE=1`;
  const before = `export ${environment} FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1`;
  return { scene, set, now: () => Date.now() + offsetS * 1_000, start: () => scene.serve(before) };
}

describeInstalled(
  'a daemon whose clock is set',
  [LIBRARY === undefined ? 'libfaketime (Debian: libfaketime)' : null],
  () => {
    it('forth and back goes on with its syncs, discoveries and maintenance, and plans the next ones from then', async () => {
      const { scene, set, now, start } = await startUnderClock();
      scene.dav.tree.put('jm/first.ova', { size: 1 });
      scene.dav.tree.put('found/user0/x.ova', { size: 1 });
      const { token: short } = await scene.ovadex.createToken('jm', ['--expires', '12h']);
      const daemon = await start();
      await daemon.shows(1);
      const idOf = async (name: string) =>
        (await daemon.data<{ name: string; id: number }[]>('/v2/image')).find((image) => image.name === name)?.id;
      const first = await idOf('first.ova');
      const space = () => daemon.data<Space>('/v2/admin/space/jm');
      const maintained = () => daemon.log().split('index maintenance done').length;
      let offset = 0;
      for (const [n, jump] of JUMPS_S.entries()) {
        offset += jump;
        set(offset);
        const [maintainedBefore, at] = [maintained(), now()];
        scene.dav.tree.put(`jm/after jump ${n}.ova`, { size: 1 });
        scene.dav.tree.put(`found/user${n + 1}/x.ova`, { size: 1 });
        await daemon.shows(n + 2);
        // Times of before a jump back are later than any now: the image shows before its sync has ended, and the next is planned.
        const isOfNow = (time: string | null) => Math.abs(Date.parse(time ?? '') - now()) < 60_000;
        const { state } = await vi.waitUntil(async () => {
          const found = await space();
          const { last_success_on: synced, next_sync_on: next } = found;
          const isSynced = isOfNow(synced) && Date.parse(synced ?? '') >= at - 2_000;
          return isSynced && (next === null || isOfNow(next)) ? found : null;
        }, SOON);
        expect(state, `after ${jump} s`).toBe('fresh');
        await vi.waitUntil(async () => (await daemon.ask(`/v2/admin/space/user${n + 1}`)).status === 200, SOON);
        await vi.waitUntil(() => maintained() > maintainedBefore + 1, SOON);
        const { status } = await daemon.ask('/v2/image', { headers: { Authorization: `Bearer ${short}` } });
        expect(status, `a token of 12 hours, ${offset} s later`).toBe(offset > 43_200 ? 401 : 200);
      }
      expect(await idOf('first.ova')).toBe(first);
      expect(daemon.log()).not.toMatch(/"level":"(?:error|fatal)"/);
      expect(await daemon.stop()).toBe(0);
      expect(scene.findings()).toEqual([]);
    }, 300_000);

    it('back by a day after a crash keeps no space for a day, nor makes a tombstone old', async () => {
      const { scene, set, start } = await startUnderClock();
      scene.dav.tree.put('jm/kept.ova', { size: 1 });
      scene.dav.tree.put('jm/gone.ova', { size: 1 });
      set(DAY_S);
      const first = await start();
      await first.shows(2);
      const ids = async (daemon: typeof first) =>
        (await daemon.data<{ name: string; id: number }[]>('/v2/image')).map(({ name, id }) => `${name} ${id}`);
      const before = await ids(first);
      scene.dav.tree.remove('jm/gone.ova');
      await first.shows(1);
      // A sync that waits for its storage holds a lease of half a minute, of a day from now.
      const answerAgain = scene.dav.fault('jm', { stall: 'head' });
      const isRunning = async () =>
        (await first.data<{ status: string }[]>('/v2/admin/request?per_page=5')).some(
          ({ status }) => status === 'IN_PROGRESS',
        );
      await vi.waitUntil(isRunning, SOON);
      first.child.kill('SIGKILL');
      await first.exited;
      answerAgain();
      set(0);
      scene.dav.tree.put('jm/gone.ova', { size: 1 });
      const startedAt = performance.now();
      const second = await start();
      await second.shows(2);
      expect(performance.now() - startedAt).toBeLessThan(SOON.timeout);
      expect(await ids(second)).toEqual(before);
      expect(await second.stop()).toBe(0);
      expect(scene.findings()).toEqual([]);
    }, 300_000);
  },
);
