import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { type Host, type HostOptions, installHost } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';
import { queryOf } from './hammer/scene.js';
import { useServer } from './use-server.js';

/** In which a crawler that has ended is replaced by another, and some time for a busy machine. */
const LEASE_MS = 30_000;
const TAKEN_OVER_WITHIN_MS = LEASE_MS + 15_000;
/** As long as the storage takes for each folder. */
const ANSWER_MS = 100;
/** In which a crawler looks for syncs several times. */
const LOOKS_MS = 3_000;
const FOLDERS = 40;
/** How many are asked for at once. */
const AT_ONCE = 2;

/** Where Debian has the library that gives programs another time. */
const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`;
const faketimeMissing = existsSync(FAKETIME) ? null : 'libfaketime (Debian: libfaketime)';

/** As the tree has them. */
const inOrder = (a: string, b: string) => (a < b ? -1 : 1);

interface Request {
  readonly at: number;
  readonly path: string;
}

describeInstalled('crawlers over one database', [postgresMissing], () => {
  const { server, afterTest } = useServer();

  /** A slow storage with a space for each user, and a database without anything. */
  const makeScene = async (users: readonly string[]) => {
    const requests: Request[] = [];
    let [mayAnswer, goOn] = [Promise.resolve(), () => {}];
    let isHeldFrom = Number.POSITIVE_INFINITY;
    const storage = await startDavServer({
      onRequest: async ({ method, path }) => {
        if (method === 'PROPFIND') requests.push({ at: Date.now(), path: path ?? '' });
        await delay(ANSWER_MS);
        if (requests.length > isHeldFrom) await mayAnswer;
      },
    });
    afterTest.add(storage.close);
    for (const user of users) {
      for (let n = 0; n < FOLDERS; n++) storage.tree.put(`${user}/folder-${n}/machine.ova`, { size: 10_000 });
    }
    const database = await server().createDatabase();
    const query = queryOf(database);
    const settings = {
      spaces: users.map((user) => ({ user, url: `${storage.url}${user}/` })),
      crawl: { requestsPerSpace: AT_ONCE, spacesAtOnce: 1 },
      describe: { enabled: false },
    };
    const install = (more: Partial<HostOptions> = {}) =>
      installHost(afterTest, { database, roles: ['crawler'], settings, ...more });
    const leases = async () =>
      (await query(
        `SELECT user_name AS "user", lease_owner AS owner, (lease_until - extract(epoch FROM clock_timestamp()) * 1000)::float8 AS left
         FROM spaces WHERE lease_owner <> '' ORDER BY user_name`,
      )) as unknown as readonly { readonly user: string; readonly owner: string; readonly left: number }[];
    /** Answers that many requests and no more, until the returned function is called. */
    const hold = (from: number) => {
      isHeldFrom = from;
      mayAnswer = new Promise((resolve) => {
        goOn = resolve;
      });
      return () => {
        isHeldFrom = Number.POSITIVE_INFINITY;
        goOn();
      };
    };
    afterTest.add(() => goOn());
    return { storage, requests, query, install, leases, hold };
  };
  const filesOf = (storage: DavServer, user: string) =>
    storage.tree
      .files()
      .filter((path) => path.startsWith(`${user}/`))
      .map((path) => path.slice(user.length + 1));
  const expectRight = async (host: Host, storage: DavServer, user: string, withinMs: number) =>
    void (await expect
      .poll(async () => (await host.ovadex.images(user)).toSorted(inOrder), { timeout: withinMs, interval: 200 })
      .toEqual(filesOf(storage, user)));

  it('go on where one that was killed stopped, once its lease has ended and not before', async () => {
    const { storage, requests, query, install, leases, hold } = await makeScene(['jm']);
    const goOn = hold(FOLDERS / 2);
    const [first, second] = await Promise.all([install(), install()]);
    await first.start();
    const known = async () => {
      const rows = await query("SELECT path FROM collections WHERE listed_in_sync IS NOT NULL AND path <> ''");
      return rows.map(({ path }) => `jm/${path}`);
    };
    await expect.poll(known, { timeout: 20_000, interval: 50 }).not.toEqual([]);
    await second.start();
    await delay(LOOKS_MS);
    const asked = requests.length;
    const [held] = await leases();
    await first.kill();
    const killedAt = Date.now();
    goOn();
    const [left] = await leases();
    expect(left?.owner).toBe(held?.owner);
    const done = await known();
    await expectRight(second, storage, 'jm', TAKEN_OVER_WITHIN_MS);

    const later = requests.slice(asked);
    const [next] = later;
    // Both clocks are this machine's; the lease was read a moment after it was left.
    expect(next?.at).toBeGreaterThanOrEqual(killedAt + (left?.left ?? Number.POSITIVE_INFINITY) - 100);
    expect(next?.at).toBeLessThanOrEqual(killedAt + TAKEN_OVER_WITHIN_MS);
    const again = later.map(({ path }) => path).filter((path) => done.includes(path));
    expect(again).toEqual([]);
    const unseen = filesOf(storage, 'jm').map((path) => `jm/${path.split('/')[0]}`);
    expect(later.map(({ path }) => path)).toEqual(
      expect.arrayContaining(unseen.filter((path) => !done.includes(path))),
    );
  });

  it('make the index together where two find none', async () => {
    const { storage, requests, query, install } = await makeScene(['ada', 'bob']);
    const hosts = await Promise.all([install({ roles: ['api', 'crawler'] }), install({ roles: ['api', 'crawler'] })]);
    await Promise.all(hosts.map((host) => host.start()));
    for (const host of hosts) {
      for (const user of ['ada', 'bob']) await expectRight(host, storage, user, 30_000);
    }
    expect(await query('SELECT count(*)::int AS n FROM runs')).toEqual([{ n: 1 }]);
    expect(await query('SELECT user_name FROM spaces ORDER BY 1')).toEqual([
      { user_name: 'ada' },
      { user_name: 'bob' },
    ]);
    expect(new Set(requests.map(({ path }) => path)).size).toBe(requests.length);
  });

  describeInstalled('whose clocks are wrong', [faketimeMissing], () => {
    /** The time passes as ever; only what it is called is wrong. */
    const wrongBy = (offset: string) => ({
      env: { LD_PRELOAD: FAKETIME, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
    });

    it('hold leases as the others do, and note when all was seen by the time of the database', async () => {
      const users = ['ada', 'bob'];
      const { storage, requests, query, install, leases, hold } = await makeScene(users);
      const begun = Date.now();
      const goOn = hold(FOLDERS / 2);
      const hosts = await Promise.all([install(wrongBy('+1h')), install(wrongBy('-1h'))]);
      await Promise.all(hosts.map((host) => host.start()));
      for (const [at, sign] of [1, -1].entries()) {
        const [, time = ''] = /"time":"([^"]+)"/.exec(hosts[at]?.log() ?? '') ?? [];
        expect(Math.abs(Date.parse(time) - (begun + sign * 3_600_000))).toBeLessThan(60_000);
      }
      await expect.poll(leases, { timeout: 20_000, interval: 50 }).toHaveLength(2);
      const held = await leases();
      expect(new Set(held.map(({ owner }) => owner)).size).toBe(2);
      for (const { left } of held) {
        expect(left).toBeGreaterThan(LEASE_MS / 2);
        expect(left).toBeLessThanOrEqual(LEASE_MS + 1_000);
      }
      await delay(LOOKS_MS);
      expect((await leases()).map(({ owner }) => owner)).toEqual(held.map(({ owner }) => owner));
      goOn();
      for (const user of users) await expectRight(hosts[0] as Host, storage, user, 30_000);
      // Neither took a space from the other.
      expect(new Set(requests.map(({ path }) => path)).size).toBe(requests.length);
      await expect.poll(leases, { timeout: 10_000, interval: 50 }).toEqual([]);
      const ended = await query('SELECT started_at, ended_at, status FROM syncs');
      expect(ended.map(({ status }) => status)).toEqual(['PROCESSED', 'PROCESSED']);
      for (const { started_at: from, ended_at: to } of ended) {
        expect(Number(from)).toBeGreaterThanOrEqual(begun - 1_000);
        expect(Number(to)).toBeLessThanOrEqual(Date.now() + 1_000);
      }
    });
  });
});
