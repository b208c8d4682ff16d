import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedFetch } from '../../support/checked-fetch.js';
import { createNextcloud, type Nextcloud } from '../../support/nextcloud/cloud.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import type { ServerProcess } from '../../support/servers/server-process.js';

const USERS = ['jm', 'lab', 'mia'] as const;
/** Syncs come each second; a busy machine takes longer. */
const SOON = { timeout: 30_000, interval: 50 };
/** What locks an address at Nextcloud is one failure more. */
const MOST_FAILURES = 10;

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('wrong passwords for a Nextcloud', { timeout: 120_000 }, () => {
  let cloud: Nextcloud;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  /** App passwords by user. */
  let secrets: ReadonlyMap<string, string>;

  const logIn = (user: string, password: string, from: string) =>
    checkedFetch(`${daemon.url}auth/request-token`, {
      method: 'POST',
      headers: { Authorization: basic(user, password), 'X-Forwarded-For': from },
    });
  const passwordOf = (user: string) => cloud.user(user).account.password;
  const attempts = () => cloud.throttle.attempts('127.0.0.1');
  const indexed = async (user: string) => {
    const { images } = (await ovadex.json('images', '--user', user)) as { images: { path: string }[] };
    return new Set(images.map(({ path }) => path));
  };

  const basicSpace = (user: string, password: string) => ({
    user,
    url: cloud.user(user).url,
    auth: { type: 'basic', username: user, password },
  });
  const configure = (more: readonly object[] = [], auth: object = {}) =>
    ovadex.configure({
      log: { level: 'error' },
      auth,
      server: { trustedProxies: ['127.0.0.1'] },
      crawl: { schedule: '* * * * * *' },
      spaces: [...USERS.map((user) => basicSpace(user, secrets.get(user) ?? '')), ...more],
    });
  const start = async (auth: object = {}) => {
    secrets = new Map(USERS.map((user) => [user, cloud.user(user).mintAppPassword().secret]));
    configure([], auth);
    daemon = await ovadex.serve();
    for (const user of USERS) await expect.poll(() => indexed(user), SOON).toEqual(new Set(['a.ova']));
  };

  beforeEach(async () => {
    cloud = await createNextcloud({
      trustedProxies: ['127.0.0.1'],
      users: Object.fromEntries(USERS.map((user) => [user, {}])),
    });
    for (const user of USERS) cloud.user(user).put('a.ova');
    ovadex = await installOvadex();
  });

  afterEach(async () => {
    await daemon.stop();
    ovadex.remove();
    await cloud.close();
  });

  it('a thousand from everywhere stop no crawl, and whoever has logged in from home gets in all the while', async () => {
    await start();
    expect((await logIn('mia', passwordOf('mia'), '192.0.2.77')).status).toBe(200);
    const statuses: number[] = [];
    for (let n = 0; n < 1_000; n += 20) {
      const guesses = Array.from({ length: 20 }, async (_, i) => {
        const user = [...USERS, 'nobody'][(n + i) % 4] ?? '';
        return (await logIn(user, `guess ${n + i}`, `198.51.${Math.floor((n + i) / 250)}.${(n + i) % 250}`)).status;
      });
      statuses.push(...(await Promise.all(guesses)));
      if (n % 200 === 0) expect((await logIn('mia', passwordOf('mia'), '192.0.2.77')).status).toBe(200);
    }
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(4);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(996);
    expect(attempts()).toBeLessThanOrEqual(4);

    for (const user of USERS) cloud.user(user).put('deep/b.ova');
    for (const user of USERS) await expect.poll(() => indexed(user), SOON).toEqual(new Set(['a.ova', 'deep/b.ova']));
    expect(cloud.requests.filter(({ status }) => status === 429)).toEqual([]);
    expect((await logIn('mia', passwordOf('mia'), '192.0.2.77')).status).toBe(200);
  });

  it('a thousand from one place shut out nobody elsewhere', async () => {
    await start();
    for (let n = 0; n < 1_000; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => logIn('jm', `guess ${n + i}`, '198.51.100.1')));
    }
    expect(attempts()).toBe(2);
    for (const user of USERS) expect((await logIn(user, passwordOf(user), '192.0.2.1')).status).toBe(200);
    const late = await logIn('lab', passwordOf('lab'), '198.51.100.1');
    expect([late.status, Number(late.headers.get('retry-after')) > 1_000]).toEqual([429, true]);
  });

  it('are counted by the addresses of those who guess, if it is told them, and no request of a crawl tells any', async () => {
    await start({ forwardClientAddress: [cloud.url] });
    for (let n = 0; n < 20; n++) await logIn('jm', `guess ${n}`, '198.51.100.1');
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const user = [...USERS, 'nobody'][n % 4] ?? ''; // of one alone ovadex itself takes no more than 20 at once
        return (await logIn(user, `guess ${n}`, `198.51.100.${n + 2}`)).status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect([attempts(), cloud.throttle.attempts('198.51.100.1')]).toEqual([0, 3]);
    for (const user of USERS) expect((await logIn(user, passwordOf(user), '192.0.2.1')).status).toBe(200);
    for (const user of USERS) cloud.user(user).put('b.ova');
    for (const user of USERS) await expect.poll(() => indexed(user), SOON).toEqual(new Set(['a.ova', 'b.ova']));
    const isOfCrawl = ({ logIn: kind }: { readonly logIn: string }) => kind.endsWith('app-password');
    const crawls = cloud.requests.filter(isOfCrawl);
    expect(new Set(crawls.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
    const others = cloud.requests.filter((request) => !isOfCrawl(request));
    expect(others.filter(({ address }) => address === '127.0.0.1')).toEqual([]);
  });

  it('together with the wrong ones of the configuration stay below what locks an address', async () => {
    for (let n = 0; n < 20; n++) cloud.addUser(`old${n}`);
    await start();
    configure(Array.from({ length: 20 }, (_, n) => basicSpace(`old${n}`, 'outdated')));
    await expect.poll(attempts, SOON).toBeGreaterThanOrEqual(3);
    for (let n = 0; n < 100; n++) await logIn('jm', `guess ${n}`, `198.51.100.${n}`);
    for (const user of USERS) cloud.user(user).put('b.ova');
    for (const user of USERS) await expect.poll(() => indexed(user), SOON).toEqual(new Set(['a.ova', 'b.ova']));
    expect(attempts()).toBeGreaterThanOrEqual(6);
    expect(attempts()).toBeLessThanOrEqual(MOST_FAILURES);
    expect(cloud.requests.filter(({ status }) => status === 429)).toEqual([]);
  });
});
