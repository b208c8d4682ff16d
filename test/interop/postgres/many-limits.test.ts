import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { type HostOptions, installHost } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';
import { queryOf } from './hammer/scene.js';
import { useServer } from './use-server.js';

const LIMIT = 4;
/** As long as the storage takes for each folder. */
const ANSWER_MS = 150;
const USERS = ['ada', 'bob', 'eva', 'jm', 'kim', 'lab'];
/** Of each user: enough work for both crawlers until the end. */
const FOLDERS = 150;
/** How long a host that is no more keeps its places, and some time for a busy machine. */
const GIVEN_WITHIN_MS = 15_000 + 10_000;
const SHARED_WITHIN_MS = 20_000;
const PAUSE_MS = 15_000;
/** Some time for a busy machine, too. */
const KNOWN_WITHIN_MS = 1_000 + 4_000;
const TRIES = 5;

describeInstalled('limits that hold over many hosts', [postgresMissing], () => {
  const { server, afterTest } = useServer();

  const makeScene = async (answerMs: number, options: Parameters<typeof startDavServer>[0] = {}) => {
    const times: number[] = [];
    const storage = await startDavServer({
      ...options,
      onRequest: async () => {
        times.push(Date.now());
        await delay(answerMs);
      },
    });
    afterTest.add(storage.close);
    const database = await server().createDatabase();
    const query = queryOf(database);
    const settings = {
      spaces: USERS.map((user) => ({ user, url: `${storage.url}${user}/` })),
      crawl: { requestsPerHost: LIMIT, spacesAtOnce: 2 },
      describe: { enabled: false },
    };
    const install = (roles: HostOptions['roles']) => installHost(afterTest, { database, roles, settings });
    const holders = async () =>
      (await query('SELECT owner, places FROM storage_places WHERE places > 0')) as unknown as readonly {
        readonly owner: string;
        readonly places: number;
      }[];
    return { storage, times, install, holders };
  };
  const fill = (storage: Awaited<ReturnType<typeof makeScene>>['storage']) => {
    for (const user of USERS) {
      for (let n = 0; n < FOLDERS; n++) storage.tree.put(`${user}/folder-${n}/machine.ova`, { size: 10_000 });
    }
  };

  it('that of a storage, whose places another crawler gets once one was killed', async () => {
    const { storage, install, holders } = await makeScene(ANSWER_MS);
    fill(storage);
    const [first, second] = await Promise.all([install(['crawler']), install(['crawler'])]);
    await first.start();
    await second.start();
    const shares = async () => (await holders()).map(({ places }) => Number(places)).sort();
    await expect.poll(shares, { timeout: SHARED_WITHIN_MS, interval: 100 }).toEqual([LIMIT / 2, LIMIT / 2]);
    const asked = storage.requests.length;
    await delay(3_000);
    expect(storage.requests.length).toBeGreaterThan(asked);
    await first.kill();
    storage.forgetRequests();
    await expect.poll(shares, { timeout: GIVEN_WITHIN_MS, interval: 100 }).toEqual([LIMIT]);
    await expect.poll(() => storage.peakInFlight, { timeout: 5_000, interval: 50 }).toBe(LIMIT);
    await second.stop();
    expect(await holders()).toEqual([]);
  });

  it('that of a storage, at whatever time crawlers come', async () => {
    const { storage, install, holders } = await makeScene(ANSWER_MS);
    fill(storage);
    const hosts = await Promise.all([install(['crawler']), install(['crawler']), install(['crawler'])]);
    for (const host of hosts) {
      await host.start();
      await delay(1_500);
    }
    // The first ones may have taken all syncs by then.
    const sharing = async () => (await holders()).length;
    await expect.poll(sharing, { timeout: SHARED_WITHIN_MS, interval: 100 }).toBeGreaterThanOrEqual(2);
    await delay(3_000);
    expect(storage.peakInFlight).toBe(LIMIT);
  });

  it('a pause that a storage asks one crawler for', async () => {
    // A crawl of a quarter of a minute, so that much is left after the pause.
    const { storage, times, install, holders } = await makeScene(100);
    fill(storage);
    const hosts = await Promise.all([install(['crawler']), install(['crawler'])]);
    await Promise.all(hosts.map((host) => host.start()));
    await expect.poll(async () => (await holders()).length, { timeout: SHARED_WITHIN_MS, interval: 50 }).toBe(2);
    await delay(1_000);
    const before = times.length;
    storage.fault('', { below: true, times: 1, status: 429, retryAfter: PAUSE_MS / 1_000 });
    await expect.poll(() => times.length, { timeout: 5_000, interval: 5 }).toBeGreaterThan(before);
    const pausedAt = Date.now();
    await delay(PAUSE_MS + 4_000);
    const within = times.filter((at) => at > pausedAt + KNOWN_WITHIN_MS && at < pausedAt + PAUSE_MS - 500);
    expect(within).toEqual([]);
    expect(times.filter((at) => at > pausedAt + PAUSE_MS - 500).length).toBeGreaterThan(10);
  });

  it('the tries of who guesses a password, at three hosts at once', async () => {
    const { install } = await makeScene(20, { auth: { username: 'jm', password: 'right' } });
    const hosts = await Promise.all([install(['api', 'crawler']), install(['api']), install(['api'])]);
    for (const host of hosts) await host.start();
    const logIn = async (url: string, password: string) => {
      const authorization = `Basic ${Buffer.from(`jm:${password}`).toString('base64')}`;
      const answer = await fetch(`${url}auth/request-token`, { method: 'POST', headers: { authorization } });
      await answer.text();
      return answer.status;
    };
    const statuses = await Promise.all(
      Array.from({ length: 6 }, (_, n) => hosts.map(({ url }) => logIn(url, `wrong-${n}`))).flat(),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(TRIES);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3 * 6 - TRIES);
    for (const { url } of hosts) expect(await logIn(url, 'right')).toBe(429);
    // Nobody could say how many it were.
    await server().kill();
    for (const { url } of hosts) expect(await logIn(url, 'right')).toBe(503);
  });
});
