import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLinkedSpaces } from '../../src/app/linked-spaces.js';
import { createLinks } from '../../src/app/links.js';
import { addLinkKey, dropOldLinkKeys, linkKeyPlace } from '../../src/auth/link-keys.js';
import type { AuditEntry } from '../../src/domain/model/audit.js';
import type { SpaceSettings } from '../../src/domain/model/space.js';
import { createNextcloudClient } from '../../src/webdav/nextcloud-client.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';
import { startSmallNextcloud } from '../support/servers/small-nextcloud.js';

const MINUTE = 60_000;
/** All of it happens in this process; a busy machine takes its time. */
const SOON = { timeout: 10_000, interval: 10 };

/** Links of an index in memory at a small Nextcloud, whose clock goes on by `tick` alone. */
async function linkScene({ spaces = [] as readonly SpaceSettings[] } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'ovadex-links-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const cloud = await startSmallNextcloud();
  const time = { now: 1_000_000 };
  const index = createMemoryIndex(() => time.now);
  const sleepers: { ms: number; wake: () => void }[] = [];
  const audit: AuditEntry[] = [];
  let changes = 0;
  let trouble: Error | null = null;
  const config = {
    spaces,
    link: { origins: [{ url: cloud.spaces, loginName: '{user}' }], keyFile: null },
    data: { directory, keepBackups: 1, replicated: false },
  };
  const client = createNextcloudClient({ userAgent: 'ovadex' });
  const deps: Parameters<typeof createLinks>[0] = {
    config: () => config,
    configured: () => config.spaces,
    client,
    links: index.links,
    catalogue: index.catalogue,
    async onChange() {
      changes++;
      if (trouble !== null) throw trouble;
    },
    audit: async (entry) => void audit.push(entry),
    clock: () => time.now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ ms, wake: resolve });
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
    logger: quietLogger,
  };
  const links = createLinks(deps);
  /** Those of another host with the same index. */
  const others = createLinks(deps);
  onTestFinished(async () => {
    await Promise.all([links.stop(), others.stop()]);
    await client.close();
  });
  const linked = createLinkedSpaces(index.links, quietLogger);
  const start = async (user: string) => {
    const started = await links.startLink({ user, server: null });
    if ('failure' in started) throw new Error(started.detail);
    return started.standing.pending?.loginUrl ?? '';
  };
  return {
    cloud,
    index,
    links,
    others,
    audit,
    time,
    config,
    place: linkKeyPlace(directory, null),
    changes: () => changes,
    failChanges: (error: Error) => {
      trouble = error;
    },
    spaces: () => linked.read(config),
    start,
    /** Ends the sleep of whoever sleeps for so long. */
    async wake(ms: number) {
      await vi.waitUntil(() => sleepers.some((each) => each.ms === ms), SOON);
      sleepers.find((each) => each.ms === ms)?.wake();
    },
    /** Sleeps until the next poll, and lets it end. */
    async tick() {
      const polls = () => cloud.requests.filter((each) => each.endsWith('/poll -')).length;
      const changed = changes;
      await vi.waitUntil(() => sleepers.length > 0 || changes > changed, SOON);
      const [sleeper] = sleepers.splice(0, 1);
      if (sleeper === undefined) return;
      const { ms, wake } = sleeper;
      time.now += ms;
      const before = polls();
      wake();
      await vi.waitUntil(() => polls() > before || sleepers.length > 0, SOON);
    },
    async agreed(user: string, as = user) {
      const appPassword = cloud.agree(await start(user), as);
      const before = audit.length;
      await this.tick();
      await vi.waitFor(() => expect(audit.length).toBeGreaterThan(before), SOON);
      return appPassword;
    },
  };
}

describe('a user who connects the own storage', () => {
  it('has a space with the app password once the browser has agreed', async () => {
    const scene = await linkScene();
    const { links, cloud } = scene;
    expect(await links.linkStanding('jm')).toEqual({
      link: null,
      isReadable: true,
      pending: null,
      failure: null,
      isTaken: false,
    });
    const loginUrl = await scene.start('jm');
    expect(loginUrl).toContain(cloud.base);
    expect((await links.linkStanding('jm')).pending).toEqual({ loginUrl, expiresAt: scene.time.now + 20 * MINUTE });
    await scene.tick();
    expect((await links.linkStanding('jm')).link).toBeNull();
    const appPassword = cloud.agree(loginUrl, 'jm');
    await scene.tick();
    await vi.waitFor(() => expect(scene.changes()).toBe(1), SOON);
    expect(await links.linkStanding('jm')).toMatchObject({
      link: { server: cloud.base, loginName: 'jm', via: 'browser', linkedAt: scene.time.now },
      isReadable: true,
      pending: null,
      failure: null,
    });
    expect(await scene.spaces()).toEqual([
      {
        user: 'jm',
        url: `${cloud.base}remote.php/dav/files/jm/`,
        auth: { type: 'basic', username: 'jm', password: appPassword },
        watchDirectory: null,
      },
    ]);
    expect(scene.audit).toEqual([
      { act: 'link', by: 'jm', from: 'browser', details: { server: cloud.base }, outcome: 'done' },
    ]);
    expect((await stat(scene.place.file)).mode & 0o777).toBe(0o600);
  });

  it('is given the log-in that is pending already, also if both are asked for at once', async () => {
    const scene = await linkScene();
    const [first, second] = await Promise.all([scene.start('jm'), scene.start('jm')]);
    expect(second).toBe(first);
    expect(await scene.start('jm')).toBe(first);
    expect(scene.cloud.requests.filter((each) => each === 'POST index.php/login/v2 -')).toHaveLength(1);
  });

  it('cannot take over what somebody else has agreed to, which is revoked at once', async () => {
    const scene = await linkScene();
    await scene.agreed('jm', 'lab');
    await vi.waitFor(() => expect(scene.cloud.appPasswords.size).toBe(0), SOON);
    expect(await scene.spaces()).toEqual([]);
    const { failure, link, pending } = await scene.links.linkStanding('jm');
    expect({ link, pending }).toEqual({ link: null, pending: null });
    expect(failure).toBe('"lab" has logged in there; to connect the storage of "jm", log in as "jm"');
    expect(scene.audit[0]?.outcome).toBe(failure);
  });

  it('hears that nobody agreed in time, and may begin again', async () => {
    const scene = await linkScene();
    const first = await scene.start('jm');
    scene.time.now += 20 * MINUTE;
    expect(await scene.links.linkStanding('jm')).toMatchObject({
      pending: null,
      failure: 'nobody has agreed in the browser in time',
    });
    expect(await scene.start('jm')).not.toBe(first);
  });

  it('may begin five log-ins in twenty minutes', async () => {
    const scene = await linkScene();
    for (let time = 0; time < 5; time++) {
      await scene.start('jm');
      expect(await scene.links.endLink('jm')).toEqual({ unrevoked: null });
    }
    expect(await scene.links.startLink({ user: 'jm', server: null })).toMatchObject({ failure: 'too-many' });
    await scene.start('lab');
    scene.time.now += 20 * MINUTE + 1;
    await scene.start('jm');
  });

  it('is told if the storage begins no log-in, or is none', async () => {
    const scene = await linkScene();
    scene.cloud.answers.set('POST index.php/login/v2', (response) => void response.writeHead(404).end());
    expect(await scene.links.startLink({ user: 'jm', server: null })).toEqual({
      failure: 'trouble',
      detail: `${scene.cloud.base}: it answered 404 Not Found`,
    });
    expect(await scene.links.startLink({ user: 'jm', server: 'https://evil.example' })).toMatchObject({
      failure: 'invalid',
    });
  });

  it('keeps a log-in through trouble of the storage, which is asked less often then', async () => {
    const scene = await linkScene();
    const loginUrl = await scene.start('jm');
    const poll = 'POST index.php/login/v2/poll';
    scene.cloud.answers.set(poll, (response) => void response.writeHead(503).end());
    await scene.tick();
    scene.cloud.answers.delete(poll);
    scene.cloud.agree(loginUrl, 'jm');
    const since = scene.time.now;
    while (scene.changes() === 0) await scene.tick();
    expect(scene.time.now - since).toBeGreaterThanOrEqual(15_000);
  });

  it('cannot connect a space that an administrator has configured', async () => {
    const auth = { type: 'basic', username: 'svc', password: 'x' } as const;
    const spaces = [{ user: 'jm', url: 'https://dav.example.org/jm/', auth, watchDirectory: null }];
    const scene = await linkScene({ spaces });
    expect(await scene.links.startLink({ user: 'jm', server: null })).toMatchObject({ failure: 'taken' });
    expect(await scene.links.linkStanding('jm')).toMatchObject({ isTaken: true });
  });
});

describe('a connected storage', () => {
  it('is renewed by the same call, and its former app password is revoked', async () => {
    const scene = await linkScene();
    const first = await scene.agreed('jm');
    const second = await scene.agreed('jm');
    await vi.waitFor(() => expect([...scene.cloud.appPasswords.keys()]).toEqual([second]), SOON);
    expect(first).not.toBe(second);
    expect(scene.audit.map(({ act }) => act)).toEqual(['link', 'link renew']);
    expect(await scene.spaces()).toMatchObject([{ auth: { password: second } }]);
  });

  it('is stored, and not revoked, although the crawl could not take it over at once', async () => {
    const scene = await linkScene();
    scene.failChanges(new Error('database is locked'));
    const appPassword = await scene.agreed('jm');
    await vi.waitFor(() => expect(scene.changes()).toBe(1), SOON);
    await new Promise(setImmediate);
    expect([...scene.cloud.appPasswords.keys()]).toEqual([appPassword]);
    expect(await scene.links.linkStanding('jm')).toMatchObject({ link: { server: scene.cloud.base }, failure: null });
  });

  it('is disconnected and revoked', async () => {
    const scene = await linkScene();
    await scene.agreed('jm');
    expect(await scene.links.endLink('jm')).toEqual({ unrevoked: null });
    expect(scene.cloud.appPasswords.size).toBe(0);
    expect(await scene.spaces()).toEqual([]);
    expect(scene.changes()).toBe(2);
    expect(await scene.links.endLink('jm')).toBeNull();
  });

  it('is disconnected although the storage does not answer, and says so', async () => {
    const scene = await linkScene();
    await scene.agreed('jm');
    scene.cloud.answers.set('DELETE ocs/v2.php/core/apppassword', (response) => void response.writeHead(503).end());
    expect(await scene.links.endLink('jm')).toEqual({ unrevoked: 'it answered 503 Service Unavailable' });
    expect(await scene.spaces()).toEqual([]);
  });

  it('is disconnected also while it is being stored', async () => {
    const scene = await linkScene();
    const put = scene.index.links.put.bind(scene.index.links);
    let ended: Promise<unknown> | null = null;
    vi.spyOn(scene.index.links, 'put').mockImplementationOnce(async (record) => {
      ended = scene.links.endLink('jm');
      await new Promise(setImmediate);
      return await put(record);
    });
    scene.cloud.agree(await scene.start('jm'), 'jm');
    await scene.tick();
    await vi.waitUntil(() => ended !== null, SOON);
    expect(await ended).toEqual({ unrevoked: null });
    expect(scene.cloud.appPasswords.size).toBe(0);
    expect(await scene.spaces()).toEqual([]);
    expect(await scene.links.linkStanding('jm')).toMatchObject({ link: null, pending: null });
  });

  it('is the only one, also if another host stores one at the same time', async () => {
    const scene = await linkScene();
    const put = scene.index.links.put.bind(scene.index.links);
    vi.spyOn(scene.index.links, 'put').mockImplementationOnce(async (record) => {
      expect(await scene.others.keepPassword({ user: 'jm', password: 'real-of-jm' })).toBe('kept');
      return await put(record);
    });
    const appPassword = await scene.agreed('jm');
    await vi.waitUntil(() => scene.cloud.appPasswords.size === 1, SOON);
    expect([...scene.cloud.appPasswords.keys()]).toEqual([appPassword]);
    expect(await scene.spaces()).toMatchObject([{ auth: { password: appPassword } }]);
    expect(scene.audit.map(({ act, from }) => `${act} ${from}`)).toEqual(['link log-in', 'link renew browser']);
  });

  it('is disconnected with what another host has stored in that moment', async () => {
    const scene = await linkScene();
    await scene.agreed('jm');
    const remove = scene.index.links.remove.bind(scene.index.links);
    vi.spyOn(scene.index.links, 'remove').mockImplementationOnce(async (user) => {
      // The other host ends the former one and stores another.
      expect(await scene.others.endLink(user)).toEqual({ unrevoked: null });
      expect(await scene.others.keepPassword({ user, password: 'real-of-jm' })).toBe('kept');
      return await remove(user);
    });
    expect(await scene.links.endLink('jm')).toEqual({ unrevoked: null });
    expect(scene.cloud.appPasswords.size).toBe(0);
    expect(await scene.spaces()).toEqual([]);
  });

  it('is tried to be revoked again after its storage gave no answer', async () => {
    const scene = await linkScene();
    await scene.agreed('jm');
    const revoke = 'DELETE ocs/v2.php/core/apppassword';
    scene.cloud.answers.set(revoke, (response) => void response.writeHead(503).end());
    const second = await scene.agreed('jm');
    await vi.waitUntil(() => scene.cloud.requests.some((each) => each.startsWith(revoke)), SOON);
    expect(scene.cloud.appPasswords.size).toBe(2);
    scene.cloud.answers.delete(revoke);
    await scene.wake(MINUTE);
    await vi.waitUntil(() => scene.cloud.appPasswords.size === 1, SOON);
    expect([...scene.cloud.appPasswords.keys()]).toEqual([second]);
  });

  it('stays as a space without credentials if its key is lost, and says that it has to be renewed', async () => {
    const scene = await linkScene();
    await scene.agreed('jm');
    await rm(scene.place.file);
    expect(await scene.spaces()).toMatchObject([{ user: 'jm', auth: { type: 'none' } }]);
    expect(await scene.links.linkStanding('jm')).toMatchObject({ isReadable: false, link: { loginName: 'jm' } });
    const renewed = await scene.agreed('jm');
    expect(await scene.spaces()).toMatchObject([{ auth: { password: renewed } }]);
    expect((await scene.links.linkStanding('jm')).isReadable).toBe(true);
  });

  it('is sealed once more with a key that came in the very moment it was stored', async () => {
    const scene = await linkScene();
    await scene.agreed('lab');
    const put = vi.spyOn(scene.index.links, 'put');
    put.mockImplementationOnce(async (record) => {
      const former = await scene.index.links.put(record);
      await addLinkKey(scene.place);
      await dropOldLinkKeys(scene.place);
      return former;
    });
    const appPassword = await scene.agreed('jm');
    expect(await scene.spaces()).toMatchObject([
      { user: 'jm', auth: { password: appPassword } },
      { user: 'lab', auth: { type: 'none' } },
    ]);
  });
});

describe('a log-in with a password', () => {
  const jm = { user: 'jm', password: 'real-of-jm' };

  it('brings an app password once, also for several log-ins at the same time', async () => {
    const scene = await linkScene();
    const { links, cloud } = scene;
    expect(await Promise.all([links.keepPassword(jm), links.keepPassword(jm)])).toEqual(['kept', 'kept']);
    expect(await links.keepPassword(jm)).toBe('kept');
    const [appPassword = ''] = cloud.appPasswords.keys();
    expect(cloud.appPasswords.size).toBe(1);
    expect(cloud.names.get(appPassword)).toBe('ovadex');
    expect(await scene.spaces()).toMatchObject([{ user: 'jm', auth: { username: 'jm', password: appPassword } }]);
    expect(await links.linkStanding('jm')).toMatchObject({ link: { via: 'log-in' } });
    expect(scene.audit).toMatchObject([{ act: 'link', by: 'jm', from: 'log-in', outcome: 'done' }]);
  });

  it('brings none for an app password, and keeps nothing', async () => {
    const scene = await linkScene();
    scene.cloud.appPasswords.set('app-of-jm', 'jm');
    expect(await scene.links.keepPassword({ ...jm, password: 'app-of-jm' })).toBe('not-exchanged');
    expect(await scene.spaces()).toEqual([]);
  });

  it('brings none while the storage is unavailable', async () => {
    const scene = await linkScene();
    scene.cloud.answers.set('GET ocs/v2.php/core/getapppassword', (response) => void response.writeHead(503).end());
    expect(await scene.links.keepPassword(jm)).toBe('unavailable');
  });

  /** The storage has refused a user's app password, as a sync has noted at this time. */
  const refuse = async (scene: Awaited<ReturnType<typeof linkScene>>, at = scene.time.now) => {
    const settings = await scene.spaces();
    await scene.index.spaces.configure(settings, 'rules', scene.time.now);
    const spaceOf = scene.index.catalogue.space.bind(scene.index.catalogue);
    const trouble = { kind: 'unauthorized', message: '401', at } as const;
    vi.spyOn(scene.index.catalogue, 'space').mockImplementation(async (user) => {
      const space = await spaceOf(user);
      return space && { ...space, trouble };
    });
  };
  const revoked = ({ cloud }: Awaited<ReturnType<typeof linkScene>>) =>
    cloud.requests.flatMap((each) => (each.startsWith('DELETE') ? each.split(' ').at(-1) : []));

  it('renews those that the storage has refused, and sends few of them again', async () => {
    const scene = await linkScene();
    const lab = { user: 'lab', password: 'real-of-lab' };
    await Promise.all([scene.links.keepPassword(jm), scene.links.keepPassword(lab)]);
    scene.cloud.appPasswords.clear();
    await refuse(scene);
    for (const user of [jm, lab]) {
      scene.time.now += 1;
      expect(await scene.links.keepPassword(user)).toBe('kept');
    }
    await vi.waitUntil(() => revoked(scene).length > 0, SOON);
    await scene.links.stop();
    expect(scene.cloud.appPasswords.size).toBe(2);
    expect(revoked(scene)).toEqual(['jm']);
    expect(scene.audit.map(({ act }) => act)).toEqual(['link', 'link', 'link renew', 'link renew']);
  });

  it('leaves none behind that was refused for a time alone', async () => {
    const scene = await linkScene();
    const lab = { user: 'lab', password: 'real-of-lab' };
    await Promise.all([scene.links.keepPassword(jm), scene.links.keepPassword(lab)]);
    const before = [...scene.cloud.appPasswords.keys()];
    await refuse(scene);
    scene.time.now += 1;
    await Promise.all([scene.links.keepPassword(jm), scene.links.keepPassword(lab)]);
    await vi.waitUntil(() => scene.cloud.appPasswords.size === 2, SOON);
    expect(before.filter((each) => scene.cloud.appPasswords.has(each))).toEqual([]);
  });

  it('brings no other before the one that has renewed a refused one was tried, and ends that one', async () => {
    const scene = await linkScene();
    await scene.links.keepPassword(jm);
    scene.cloud.appPasswords.clear();
    await refuse(scene);
    scene.time.now += 1;
    for (let time = 0; time < 3; time++) expect(await scene.links.keepPassword(jm)).toBe('kept');
    expect(scene.cloud.appPasswords.size).toBe(1);
    expect(await scene.links.endLink('jm')).toEqual({ unrevoked: null });
    expect(scene.cloud.appPasswords.size).toBe(0);
  });

  it('leaves no app password that could not be stored', async () => {
    const scene = await linkScene();
    vi.spyOn(scene.index.links, 'put').mockRejectedValueOnce(new Error('database is locked'));
    await expect(scene.links.keepPassword(jm)).rejects.toThrow('database is locked');
    expect(scene.cloud.appPasswords.size).toBe(0);
    expect(await scene.links.keepPassword(jm)).toBe('kept');
    expect(scene.cloud.appPasswords.size).toBe(1);
  });

  it('leaves one app password where the browser agrees at the same time', async () => {
    const scene = await linkScene();
    scene.cloud.agree(await scene.start('jm'), 'jm');
    await Promise.all([scene.tick(), scene.links.keepPassword(jm)]);
    await vi.waitFor(() => expect(scene.audit).toHaveLength(2), SOON);
    await vi.waitUntil(() => scene.cloud.appPasswords.size === 1, SOON);
    const [appPassword] = scene.cloud.appPasswords.keys();
    expect(await scene.spaces()).toMatchObject([{ auth: { password: appPassword } }]);
  });

  it.each([
    ['configured with credentials', { type: 'basic', username: 'svc', password: 'x' } as const, null],
    ['configured elsewhere', { type: 'none' } as const, 'https://dav.example.org/jm/'],
  ])('is no concern of a space that is %s', async (_case, auth, url) => {
    const scene = await linkScene();
    const own = scene.cloud.spaces.replace('{user}', 'jm');
    const spaces = [{ user: 'jm', url: url ?? own, auth, watchDirectory: null }];
    await scene.index.spaces.configure(spaces, 'rules', 1);
    Object.assign(scene.config, { spaces });
    expect(await scene.links.keepPassword(jm)).toBe('not-concerned');
    expect(scene.cloud.requests).toEqual([]);
  });

  it('gives credentials to a configured space that has none', async () => {
    const scene = await linkScene();
    const url = scene.cloud.spaces.replace('{user}', 'jm');
    Object.assign(scene.config, { spaces: [{ user: 'jm', url, auth: { type: 'none' }, watchDirectory: '/srv/jm' }] });
    expect(await scene.links.keepPassword(jm)).toBe('kept');
    expect(await scene.spaces()).toMatchObject([{ user: 'jm', auth: { type: 'basic' }, watchDirectory: '/srv/jm' }]);
  });
});
