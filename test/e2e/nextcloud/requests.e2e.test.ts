import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudDaemon, type CloudScene, createCloudScene } from './scene.js';

const AGED = { modifiedAt: Date.parse('2026-01-01T00:00:00Z') };
const FOLDERS = 10;
const LEAVES = 49;
const SOON = { timeout: 20_000, interval: 50 };
const WITHIN_MS = 180_000;
/** Once a year, at midnight. */
const NEVER = { schedule: '0 0 1 1 *', fullSchedule: '0 0 1 1 *' };

describe('a space of 500 collections on a Nextcloud', () => {
  let scene: CloudScene;
  let daemon: CloudDaemon;
  let token: string;
  let now: number;
  /** Set, every PROPFIND waits for it. */
  let gate: Promise<void> | null;

  beforeEach(async () => {
    now = Date.now() - 3_600_000;
    gate = null;
    scene = await createCloudScene({
      users: { jm: {} },
      now: () => now,
      async interpose({ method }) {
        if (gate !== null && method === 'PROPFIND') await gate;
        return null;
      },
    });
    const jm = scene.cloud.user('jm');
    for (let at = 0; at < FOLDERS * LEAVES; at++) jm.put(`f${at % FOLDERS}/g${at}/x.ova`, AGED);
    now = Date.now();
    // A sync of the daemon's own accord would be joined by one that is asked for, which another follows then.
    scene.configure({ spaces: scene.ownSpaces(['jm']), crawl: { ...NEVER, poll: 'off' } });
    token = (await scene.ovadex.createToken('jm', ['--force'])).token;
  });
  afterEach(() => scene.end());

  const requests = () => scene.cloud.requests.map(({ method, path, depth }) => `${method} ${path} ${depth}`.trim());
  /** What a sync of the caller's asks for, by the running daemon. */
  const sync = async () => {
    // One that is under way would be joined, and has asked for some of it before.
    const underWay = async () => {
      const answer = await daemon.ask(token, 'GET', '/v2/request/image_sync');
      const { data } = (await answer.json()) as { data: readonly { status: string }[] };
      return data.filter(({ status }) => status === 'PENDING' || status === 'IN_PROGRESS');
    };
    await expect.poll(underWay, SOON).toEqual([]);
    now += 60_000;
    scene.cloud.forgetRequests();
    const answer = await daemon.ask(token, 'PATCH', '/v2/user/image/vm');
    const { pathname } = new URL(answer.headers.get('location') ?? '', daemon.url);
    const standing = async () => {
      const { data } = (await (await daemon.ask(token, 'GET', pathname)).json()) as {
        data: { status: string };
      };
      return data.status;
    };
    await expect.poll(standing, SOON).toBe('PROCESSED');
    return requests();
  };

  it(
    'shows all of its images by its very first request, before any folder is listed, and costs little from then on',
    async () => {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      daemon = await scene.serve();
      const count = async () => (await daemon.list(token)).paths.length;
      await expect.poll(count, SOON).toBe(FOLDERS * LEAVES);
      expect((await daemon.list(token)).state).toBe('pending');
      expect(requests()).toEqual(['SEARCH /remote.php/dav/']);
      open();
      await expect.poll(async () => (await daemon.list(token)).state, SOON).toBe('fresh');
      // Each collection once, and SEARCH once more to be compared with the crawl.
      expect(scene.cloud.requests).toHaveLength(1 + FOLDERS + FOLDERS * LEAVES + 2);

      const jm = scene.cloud.user('jm');
      expect(await sync()).toEqual(['SEARCH /remote.php/dav/']);
      jm.put('f1/g1/new.ova');
      expect((await sync()).slice(0, 2)).toEqual([
        'SEARCH /remote.php/dav/',
        'PROPFIND /remote.php/dav/files/jm/f1/g1/ 1',
      ]);
      jm.put('f2/g2/new.ova');
      // A file that came within the last minute may still be written to: its folder is looked at again after the rest.
      expect((await sync()).slice(0, 3)).toEqual([
        'PROPFIND /remote.php/dav/files/jm/ 0',
        'SEARCH /remote.php/dav/',
        'PROPFIND /remote.php/dav/files/jm/f2/g2/ 1',
      ]);
      jm.delete('f3/g3/x.ova');
      const afterDeletion = (await sync()).filter((request) => !/\/f[12]\/g[12]\//.test(request));
      expect(afterDeletion.length, afterDeletion.join(', ')).toBeLessThanOrEqual(4);
      expect((await daemon.list(token)).paths).toEqual(jm.images());
    },
    WITHIN_MS,
  );
});
