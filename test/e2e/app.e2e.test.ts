import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { type AskedDaemon, startAsked } from '../support/process/asked-daemon.js';
import { installOvadex, type Ovadex, type Settings } from '../support/process/ovadex.js';

const ACCOUNT = { username: 'svc', password: 'a secret that no log shows' };
/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };

describe('the daemon, with spaces of every kind', () => {
  let dav: DavServer;
  /** Never answers. */
  let hanging: DavServer;
  /** Whose folders are users. */
  let found: DavServer;
  let cloud: DavServer;
  let folder: string;
  let ovadex: Ovadex;
  let daemon: AskedDaemon;
  // What is a minute old is settled: nobody has to wait for that here.
  let ageMs = 0;
  const put = (path: string) => {
    ageMs = 120_000;
    cloud.tree.put(path, { size: 1 });
    ageMs = 0;
  };

  beforeAll(async () => {
    [dav, hanging, found] = await Promise.all([
      startDavServer({ auth: ACCOUNT }),
      startDavServer({ auth: ACCOUNT }),
      startDavServer({ auth: ACCOUNT }),
    ]);
    cloud = await startDavServer({ markers: 'nextcloud', now: () => Date.now() - ageMs });
    dav.tree.put('jm/deep/x.ova', { size: 1 });
    dav.tree.put('jm/other/y.ova', { size: 1 });
    hanging.tree.put('slow/y.ova', { size: 1 });
    hanging.fault('slow', { stall: 'head', below: true });
    found.tree.put('lab/x.ova', { size: 1 });
    put('a/b/x.ova');
    ovadex = await installOvadex();
    folder = join(ovadex.configFile, '..', 'jm');
    mkdirSync(join(folder, 'deep'), { recursive: true });
    mkdirSync(join(folder, 'other'));
    ovadex.configure({
      storage: { auth: { type: 'basic', ...ACCOUNT } },
      spaces: [
        { user: 'slow', url: `${hanging.url}slow/` },
        { user: 'jm', url: `${dav.url}jm/`, watch: folder },
        { user: 'mia', url: cloud.url },
        { discover: found.url },
      ],
      crawl: { poll: '* * * * * *' },
    });
    daemon = await startAsked(ovadex, 'jm');
  });
  afterAll(async () => {
    daemon.kill('SIGKILL');
    ovadex.remove();
    await Promise.all([dav, hanging, found, cloud].map(({ close }) => close()));
  });

  it('keeps the trouble of one space from the others', async () => {
    await expect.poll(() => daemon.names(), SOON).toEqual(['x.ova', 'y.ova']);
    expect((await daemon.ask('/v2/admin/space/slow')).body.data.state).not.toBe('fresh');
  });

  it('finds users by itself, and their images', async () => {
    await expect.poll(() => daemon.names('lab'), SOON).toEqual(['x.ova']);
  });

  it('polls a space whose markers prove the whole of it, by one request each time', async () => {
    const sync = () => daemon.ask('/v2/admin/sync', { method: 'POST', body: '{"user":"mia","mode":"full"}' });
    await expect.poll(() => daemon.names('mia'), SOON).toEqual(['x.ova']);
    put('a/b/lesson.ova');
    const { request } = (await sync()).body.data;
    await expect
      .poll(async () => (await daemon.ask('/v2/admin/space/mia')).body.data, SOON)
      .toMatchObject({
        pruning: 'subtree',
      });
    // What proves it may be found in the middle of a sync.
    const status = async () => (await daemon.ask(`/v2/request/image_sync/${request.id}`)).body.data.status;
    await expect.poll(status, SOON).toBe('PROCESSED');

    cloud.forgetRequests();
    await expect.poll(() => cloud.requests.filter(({ depth }) => depth === '0').length, SOON).toBeGreaterThan(2);
    expect(cloud.requests.every(({ depth, path }) => depth === '0' && path === '')).toBe(true);
    put('a/b/new.ova');
    await expect.poll(() => daemon.names('mia'), SOON).toEqual(['lesson.ova', 'new.ova', 'x.ova']);
  });

  it('follows a change in a watched folder by listing just that collection', async () => {
    await expect.poll(() => daemon.names(), SOON).toEqual(['x.ova', 'y.ova']);

    dav.forgetRequests();
    dav.tree.put('jm/deep/new.ova', { size: 1 });
    dav.tree.put('jm/other/unhinted.ova', { size: 1 });
    let n = 0;
    const touchAndList = async () => {
      writeFileSync(join(folder, 'deep', 'new.ova'), `${n++}`);
      return daemon.names();
    };
    await expect.poll(touchAndList, SOON).toEqual(['new.ova', 'x.ova', 'y.ova']);
    expect(new Set(dav.requests.map(({ path }) => path))).toEqual(new Set(['jm/deep']));
  });
});

describe('the daemon, whose configuration changes', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: AskedDaemon;

  const spaceOf = (user: string) => ({ user, url: `${dav.url}${user}/` });
  const configure = (spaces: readonly object[], settings: Partial<Settings> = {}) =>
    ovadex.configure({
      ...{ storage: { auth: { type: 'basic', ...ACCOUNT } }, log: { level: 'debug' }, spaces, ...settings },
    });

  beforeAll(async () => {
    dav = await startDavServer({ auth: ACCOUNT });
    ovadex = await installOvadex();
    for (const path of ['jm/x.ova', 'kim/y.ova', 'lee/x.ova', 'max/x.ova']) dav.tree.put(path, { size: 1 });
    configure([spaceOf('jm')]);
    daemon = await startAsked(ovadex, 'kim');
  });
  afterAll(async () => {
    daemon.kill('SIGKILL');
    ovadex.remove();
    await dav.close();
  });

  it('takes spaces in and leaves them out, and keeps to what it had when that is broken', async () => {
    expect(await daemon.names()).toEqual([]);

    configure([spaceOf('jm'), spaceOf('kim')]);
    await expect.poll(() => daemon.names(), SOON).toEqual(['y.ova']);

    writeFileSync(ovadex.configFile, 'spaces: [{ usr: kim }]\n');
    await expect.poll(daemon.log, SOON).toMatch(/new configuration rejected; still using the old one/);
    expect(daemon.log()).toContain('ovadex.yaml:1:');
    dav.tree.put('kim/z.ova', { size: 1 });
    expect((await daemon.ask('/v2/admin/sync', { method: 'POST', body: '{"user":"kim"}' })).status).toBe(202);
    await expect.poll(() => daemon.names(), SOON).toEqual(['y.ova', 'z.ova']);

    configure([spaceOf('jm')]);
    await expect.poll(() => daemon.names(), SOON).toEqual([]);
  });

  it('tries a suspended space again when its credentials change', async () => {
    const lee = (password: string) => ({ ...spaceOf('lee'), auth: { type: 'basic', username: 'svc', password } });
    configure([spaceOf('jm'), lee('wrong')]);
    const state = async () => (await daemon.ask('/v2/admin/space/lee')).body.data.state;
    await expect.poll(state, SOON).toBe('suspended');
    expect((await daemon.ask('/v2/admin/sync', { method: 'POST', body: '{"user":"lee"}' })).status).toBe(409);
    const listed = () => dav.requests.filter(({ method, path }) => method === 'PROPFIND' && path?.startsWith('lee'));
    expect(listed()).toHaveLength(1);

    configure([spaceOf('jm'), lee(ACCOUNT.password)]);
    await expect.poll(() => daemon.names('lee'), SOON).toEqual(['x.ova']);
  });

  it('crawls by its schedule', async () => {
    configure([spaceOf('max')], { crawl: { schedule: '* * * * * *' } });
    await expect.poll(() => daemon.names('max'), SOON).toEqual(['x.ova']);
    dav.tree.put('max/y.ova', { size: 1 });
    await expect.poll(() => daemon.names('max'), SOON).toEqual(['x.ova', 'y.ova']);
  });

  it('shows no secret in its log, at any level', async () => {
    configure([spaceOf('jm')]);
    await expect.poll(() => daemon.names('jm'), SOON).toEqual(['x.ova']);
    const basic = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
    await daemon.end('SIGTERM');
    expect(daemon.log()).toContain('"status":200');
    for (const secret of [ACCOUNT.password, basic, 'ovx_']) expect(daemon.log()).not.toContain(secret);
  });
});
