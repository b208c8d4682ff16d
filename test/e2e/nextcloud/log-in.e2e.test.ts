import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isThorough } from '../../support/thorough.js';
import { type CloudDaemon, type CloudScene, createCloudScene } from './scene.js';

const SOON = { timeout: 60_000, interval: 50 };
const WITHIN_MS = 180_000;
const HOUR = 3_600_000;
const PASSWORD = 'set in the web pages';

/**
 * A Nextcloud refuses a user's app passwords after the user's password was changed, until the user logs in with the new
 * one. A log-in at ovadex does that, so it has the space tried again.
 */
describe('a log-in at ovadex after the password was changed', () => {
  let scene: CloudScene;
  let daemon: CloudDaemon;
  let token: string;

  beforeEach(async () => {
    scene = await createCloudScene({ users: { jm: {}, lab: {} } });
    for (const user of ['jm', 'lab']) scene.cloud.user(user).put(`of-${user}/x.ova`);
    scene.configure({ spaces: scene.ownSpaces(['jm', 'lab']) });
    token = (await scene.ovadex.createToken('jm', ['--force'])).token;
    daemon = await scene.serve();
    await expect.poll(() => daemon.list(token), SOON).toMatchObject({ state: 'fresh' });
  });
  afterEach(() => scene.end());

  const standing = async () => (await daemon.list(token)).state;
  const sync = () => daemon.ask(token, 'PATCH', '/v2/user/image/vm');
  const refused = () =>
    scene.cloud.requests.filter(({ triedUser, status }) => triedUser === 'jm' && status === 401).length;
  const nextTryInMs = async () => {
    const { spaces } = JSON.parse((await scene.ovadex.run('spaces', '--json')).stdout) as {
      spaces: { user: string; next_sync_on: string }[];
    };
    return Date.parse(spaces.find(({ user }) => user === 'jm')?.next_sync_on ?? '') - Date.now();
  };

  it(
    'has the suspended space tried again at once, with the app password of before',
    async () => {
      const jm = scene.cloud.user('jm');
      await daemon.logIn('jm', jm.account.password);
      jm.setPassword(PASSWORD);
      // As Nextcloud finds within minutes.
      for (const each of jm.appPasswords) each.isOutdated = true;
      await sync();
      await expect.poll(standing, SOON).toBe('suspended');
      jm.put('of-jm/y.ova');
      expect((await daemon.logIn('jm', PASSWORD)).status).toBe(200);
      await expect.poll(() => daemon.list(token), SOON).toEqual({ paths: jm.images(), state: 'fresh' });
    },
    WITHIN_MS,
  );

  it.runIf(isThorough)(
    'costs one request where the app password is of no more use, and none where it comes again before long',
    async () => {
      const jm = scene.cloud.user('jm');
      const [own] = jm.appPasswords;
      if (own !== undefined) jm.revoke(own);
      await sync();
      await expect.poll(standing, SOON).toBe('suspended');
      scene.cloud.forgetRequests();
      await daemon.logIn('jm', jm.account.password);
      await expect.poll(refused, SOON).toBe(1);
      await expect.poll(nextTryInMs, SOON).toBeGreaterThan(23 * HOUR);
      await daemon.logIn('jm', jm.account.password);
      expect(await nextTryInMs()).toBeGreaterThan(HOUR / 12);
      expect(await nextTryInMs()).toBeLessThan(HOUR / 6);
      expect(refused()).toBe(1);
    },
    WITHIN_MS,
  );
});
