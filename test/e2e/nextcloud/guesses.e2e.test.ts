import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudDaemon, type CloudScene, createCloudScene } from './scene.js';

const USERS = ['jm', 'lab', 'mia'];
const GUESSES = 1_000;
const AT_ONCE = 10;
/** Each guess is answered in milliseconds; a busy machine takes longer. */
const WITHIN_MS = 120_000;
const SOON = { timeout: 60_000, interval: 100 };

describe('a thousand wrong passwords for users of a Nextcloud', () => {
  let scene: CloudScene;
  let daemon: CloudDaemon;

  beforeEach(async () => {
    scene = await createCloudScene({ users: { jm: {}, lab: {}, mia: {} } });
    for (const user of USERS) scene.cloud.user(user).put('a/x.ova');
    scene.configure({ server: { trustedProxies: ['127.0.0.1'] }, spaces: scene.ownSpaces(USERS) });
    daemon = await scene.serve();
  });
  afterEach(() => scene.end());

  const logInAt = async (user: string, address: string) => {
    const response = await daemon.logIn(user, scene.cloud.user(user).account.password, address);
    return { status: response.status, token: ((await response.json()) as { token?: string }).token ?? '' };
  };

  it(
    'keep no crawl from going on, and no user out who knows the right one',
    async () => {
      const { cloud } = scene;
      const before = new Map<string, string>();
      for (const [at, user] of USERS.entries()) {
        const { status, token } = await logInAt(user, `192.0.2.${at}`);
        expect({ user, status }).toEqual({ user, status: 200 });
        before.set(user, token);
      }
      const statuses = new Map<number, number>();
      let next = 0;
      const guess = async () => {
        for (let at = next++; at < GUESSES; at = next++) {
          const user = [...USERS, 'nobody'][at % 4] ?? '';
          const { status } = await daemon.logIn(user, `wrong password ${at}`, `198.51.100.${at % 250}`);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, guess));
      expect([...statuses.keys()].sort()).toEqual([401, 429]);
      expect(cloud.throttle.attempts('127.0.0.1')).toBeLessThanOrEqual(4);

      for (const [at, user] of USERS.entries()) {
        expect({ user, ...(await logInAt(user, `192.0.2.${at}`)) }).toMatchObject({ user, status: 200 });
        cloud.user(user).put('a/new.ova');
        expect((await daemon.ask(before.get(user) ?? '', 'PATCH', '/v2/user/image/vm')).status).toBe(202);
      }
      for (const user of USERS) {
        const list = () => daemon.list(before.get(user) ?? '');
        await expect.poll(list, SOON).toEqual({ paths: ['a/new.ova', 'a/x.ova'], state: 'fresh' });
      }
      expect(cloud.requests.map(({ status }) => status)).not.toContain(429);
    },
    WITHIN_MS,
  );
});
