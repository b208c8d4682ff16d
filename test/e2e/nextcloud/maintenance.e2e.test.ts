import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudDaemon, type CloudScene, createCloudScene } from './scene.js';

const USERS = Array.from({ length: 6 }, (_, at) => `user${at}`);
const SOON = { timeout: 60_000, interval: 100 };
const WITHIN_MS = 180_000;

describe('a Nextcloud in maintenance mode', () => {
  let scene: CloudScene;
  let daemon: CloudDaemon;

  beforeEach(async () => {
    scene = await createCloudScene({ users: Object.fromEntries(USERS.map((user) => [user, {}])) });
    for (const user of USERS) scene.cloud.user(user).put('a/x.ova');
    scene.configure({ spaces: scene.ownSpaces(USERS) });
    await scene.sync();
    daemon = await scene.serve();
  });
  afterEach(() => scene.end());

  it(
    'is left alone; the lists stay and say why they are old, and are new again with the first sync after it',
    async () => {
      const { cloud, ovadex } = scene;
      const { token: admin } = await ovadex.createToken('boss', ['--scope', 'admin', '--force']);
      const { token } = await ovadex.createToken('user0');
      const syncAll = () => daemon.ask(admin, 'POST', '/v2/admin/sync', { all: true });
      const troubles = async () => {
        const { data } = (await (await daemon.ask(admin, 'GET', '/v2/admin/space')).json()) as {
          data: readonly { last_error: { message: string } | null }[];
        };
        return data.map(({ last_error: error }) => error?.message ?? '');
      };
      cloud.setMaintenance(true);
      for (const user of USERS) cloud.user(user).put('a/y.ova');
      cloud.forgetRequests();
      await syncAll();
      await expect.poll(troubles, SOON).toEqual(USERS.map(() => expect.stringMatching(/in maintenance mode/)));
      expect(await daemon.list(token)).toEqual({ paths: ['a/x.ova'], state: 'failing' });
      // Those of syncs that had begun, four at once, each of which may have asked for several things; the others didn't have to.
      const askedFor = () => [
        ...new Set(cloud.requests.filter(({ path }) => path !== '/status.php').map(({ triedUser }) => triedUser)),
      ];
      const asked = askedFor();
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.length).toBeLessThanOrEqual(4);
      await syncAll();
      expect(askedFor()).toEqual(asked);

      // The daemon looks once a minute; a command looks by itself.
      cloud.setMaintenance(false);
      // Syncs that were waiting take it in, and may still be told of the maintenance.
      const shownNow = async () => {
        await scene.sync().catch(() => undefined);
        return { untruths: await scene.untruths(USERS), list: await daemon.list(token) };
      };
      const list = { paths: ['a/x.ova', 'a/y.ova'], state: 'fresh' };
      await expect.poll(shownNow, SOON).toEqual({ untruths: [], list });
    },
    WITHIN_MS,
  );
});
