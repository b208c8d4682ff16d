import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { makeSharedDirectory, writeAwkwardTree } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import { type Api, connectApi } from '../scene/api.js';
import { difference, imagesOnDisk, NO_DIFFERENCE } from '../scene/disk-truth.js';
import { type Fault, type FaultProxy, startFaultProxy } from '../scene/fault-proxy.js';

/** The same files as two spaces: straight from the server, and through a proxy that spoils answers. */
const DIRECT = 'direct';
const PROXIED = 'proxied';
const ACCOUNT = { username: 'lab', password: 'the right one' };
/** EX_UNAVAILABLE of sysexits.h: a space's storage failed. */
const STORAGE_FAILED = 69;

describeInstalled('a space of an Apache in trouble', [apacheMissing], () => {
  const cleanup = createCleanup();
  let directory: string;
  let apache: ServerProcess;
  let proxy: FaultProxy;
  let ovadex: Ovadex;
  const apis = new Map<string, Api>();

  beforeAll(async () => {
    directory = makeSharedDirectory();
    cleanup.add(() => rmSync(directory, { recursive: true }));
    writeAwkwardTree(directory, { collections: 40, files: 400, seed: 5 });
    apache = await startApache({ directory, auth: ACCOUNT });
    cleanup.add(() => apache.stop());
    proxy = await startFaultProxy(apache.url);
    cleanup.add(proxy.stop);
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      storage: { auth: { type: 'basic', ...ACCOUNT } },
      spaces: [
        { user: DIRECT, url: apache.url },
        { user: PROXIED, url: proxy.url },
      ],
    });
    const tokens = new Map<string, string>();
    for (const user of [DIRECT, PROXIED]) {
      tokens.set(user, (await ovadex.createToken(user, ['--scope', 'admin'])).token);
    }
    const daemon = await ovadex.serve();
    cleanup.add(daemon.stop);
    for (const [user, token] of tokens) apis.set(user, connectApi(daemon.url, token));
    // The daemon crawls new spaces by itself; what is asked for later then meets nothing that is under way.
    for (const user of [DIRECT, PROXIED]) {
      const isFresh = async () => expect((await apiOf(user).space(user)).state).toBe('fresh');
      await vi.waitFor(isFresh, { timeout: 30_000 });
    }
  });

  afterAll(() => cleanup.run());

  beforeEach(async () => {
    for (const user of [DIRECT, PROXIED]) {
      expect(await apiOf(user).space(user)).toMatchObject({ user, state: 'fresh', last_error: null });
      await expectWholeList(user);
    }
  });

  const sync = (user: string) => ovadex.sync(user, '--full');

  const apiOf = (user: string): Api => {
    const api = apis.get(user);
    if (api === undefined) throw new Error(`no token was made for ${user}`);
    return api;
  };

  const expectWholeList = async (user: string) => {
    const paths = (await apiOf(user).images()).data.map(({ path }) => path);
    expect(difference(paths, await imagesOnDisk(directory))).toEqual(NO_DIFFERENCE);
  };

  /** Nothing is lost, and everybody is told the same: the shell, the admin, and whoever asks for the list. */
  const expectTrouble = async (user: string, state: 'failing' | 'suspended', reason: RegExp) => {
    const { code, stderr } = await sync(user);
    expect(code).toBe(STORAGE_FAILED);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain(ACCOUNT.password);
    const space = await apiOf(user).space(user);
    expect(space.state).toBe(state);
    expect(space.last_error?.message).toMatch(reason);
    expect((await apiOf(user).images()).meta.index.state).toBe(state);
    await expectWholeList(user);
  };

  /** An admin's reindex through the API, followed to its end. */
  const reindex = async (user: string) => {
    const api = apiOf(user);
    const filed = await api.post('v2/admin/sync', { user, mode: 'full' });
    expect(filed.status).toBe(202);
    const request = new URL(filed.headers.get('location') ?? '', filed.url).pathname.slice(1);
    const status = async () => ((await (await api.get(request)).json()) as { data: { status: string } }).data.status;
    await expect.poll(status, { timeout: 30_000 }).toBe('PROCESSED');
  };

  const restart = async (password: string) => {
    await apache.stop();
    apache = await startApache({ directory, auth: { ...ACCOUNT, password }, port: apache.port });
  };

  it('keeps the list while the server is down, and recovers when an admin asks for a reindex', async () => {
    await apache.stop();
    await expectTrouble(DIRECT, 'failing', /connect ECONNREFUSED/);
    await restart(ACCOUNT.password);
    await reindex(DIRECT);
  });

  it.for<[Fault, RegExp]>([
    ['html', /answered 200 OK with text\/html/],
    ['cut', /the body broke off/],
    ['cut-unnoticeably', /the document stops before its end/],
  ])('keeps the list when the answer is %s', async ([fault, reason]) => {
    proxy.use(fault);
    await expectTrouble(PROXIED, 'failing', reason);
    proxy.use('none');
    expect((await sync(PROXIED)).code).toBe(0);
  });

  it('suspends the space when the password is refused, and goes on when an admin resumes it', async () => {
    await restart('another one');
    await expectTrouble(DIRECT, 'suspended', /answered 401 Unauthorized/);
    await restart(ACCOUNT.password);
    expect((await apiOf(DIRECT).post(`v2/admin/space/${DIRECT}/resume`, {})).status).toBeLessThan(300);
    await reindex(DIRECT);
  });
});
