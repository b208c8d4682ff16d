import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';

const SOON = { timeout: 20_000, interval: 50 };

interface SyncAnswer {
  readonly syncs: readonly { readonly user: string; readonly result: string }[];
  readonly discoveries: readonly { readonly url: string; readonly users: number; readonly error: string | null }[];
  readonly warnings: readonly string[];
}

const accounts = (place: string) =>
  ['svc', 'dora'].map((username) => ({ type: 'basic', username, password: `${username} of ${place}` }) as const);

describe('discoveries', () => {
  let first: DavServer;
  let second: DavServer;
  let ovadex: Ovadex;

  beforeEach(async () => {
    first = await startDavServer({ auth: accounts('first') });
    second = await startDavServer({ auth: accounts('second') });
    ovadex = await installOvadex();
    const auth = (password: string) => ({ type: 'basic', username: 'svc', password });
    ovadex.configure({
      spaces: [
        { discover: first.url, auth: auth('svc of first') },
        { discover: second.url, auth: auth('svc of second') },
      ],
    });
  });
  afterEach(async () => {
    ovadex.remove();
    await Promise.all([first.close(), second.close()]);
  });

  const syncAll = async () => {
    const { code, stdout, stderr } = await ovadex.run('sync', '--all', '--json');
    return { code, stderr, ...(JSON.parse(stdout) as SyncAnswer) };
  };

  it.each([405, 404, 403])('that answer %i make a sync of all fail, which says which and why', async (status) => {
    first.fault('', { status, depth: '1' });
    second.tree.put('lab/x.ova', { size: 1 });
    const { code, stderr, syncs, discoveries } = await syncAll();
    expect(code).toBe(69);
    expect(stderr).toMatch(new RegExp(`^${first.url}: the discovery failed, no user of it is known: .*${status}`, 'm'));
    expect(syncs).toMatchObject([{ user: 'lab', result: 'complete' }]);
    expect(discoveries).toEqual([
      { url: first.url, users: 0, error: expect.stringContaining(String(status)) },
      { url: second.url, users: 1, error: null },
    ]);
    const unknown = await ovadex.run('sync', '--user', 'jm');
    expect(unknown.code).toBe(69);
    expect(unknown.stderr).toContain(`no space of "jm"`);
    expect(unknown.stderr).toContain(`the discovery at ${first.url} failed`);
    expect((await ovadex.run('sync', '--user', 'lab')).code).toBe(0);
    expect((await ovadex.run('spaces')).stderr).toContain(`${first.url}: no user of this discovery is known yet`);
  });

  it('that fail later leave the known spaces, which are synced, and the sync still fails', async () => {
    first.tree.put('jm/x.ova', { size: 1 });
    second.tree.mkdir('lab');
    expect(await syncAll()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('discovery') });
    first.fault('', { status: 403, depth: '1' });
    first.tree.put('jm/y.ova', { size: 1 });
    const { code, stderr, syncs } = await syncAll();
    expect(code).toBe(69);
    expect(stderr).toContain('the discovery failed, its 1 known user stays');
    expect(syncs.map(({ user, result }) => `${user} ${result}`)).toEqual(['jm complete', 'lab complete']);
    expect(await ovadex.images('jm')).toEqual(['x.ova', 'y.ova']);
    expect((await ovadex.run('sync', '--user', 'nobody')).code).toBe(69);
  });

  it('of the same name keep the first one’s user, to whom alone passwords go', async () => {
    first.tree.put('dora/first.ova', { size: 1 });
    second.tree.put('dora/second.ova', { size: 1 });
    const collision = `"dora" is also found at ${second.url}dora/, which is not indexed: ${first.url}dora/ was first.`;
    const { code, stderr, warnings } = await syncAll();
    expect(code).toBe(0);
    expect(stderr).toContain(collision);
    expect(warnings).toEqual([expect.stringContaining(collision)]);
    expect(await ovadex.images('dora')).toEqual(['first.ova']);
    const checked = await ovadex.run('config', 'check', '--online');
    expect(checked).toMatchObject({ code: 0, stderr: expect.stringContaining(`warning: ${collision}`) });

    first.fault('', { status: 403, depth: '1' });
    second.forgetRequests();
    const daemon = await ovadex.serve();
    try {
      await expect.poll(() => second.requests.length, SOON).toBeGreaterThan(0);
      const logIn = async (password: string) =>
        (
          await fetch(`${daemon.url}auth/request-token`, {
            method: 'POST',
            headers: { Authorization: `Basic ${Buffer.from(`dora:${password}`).toString('base64')}` },
          })
        ).status;
      expect(await logIn('dora of second')).toBe(401);
      expect(await logIn('dora of first')).toBe(200);
      expect(second.requests.some(({ path }) => path?.startsWith('dora'))).toBe(false);
    } finally {
      await daemon.stop();
    }
    expect(await ovadex.images('dora')).toEqual(['first.ova']);
  });

  it('find no user in what is left out by default, nor images there', async () => {
    for (const path of ['#recycle/x.ova', 'lost+found/x.ova', '@eaDir/x.ova', 'jm/.Trash-1000/files/x.ova']) {
      first.tree.put(path, { size: 1 });
    }
    for (const path of ['jm/x.ova', 'jm/~$x.ova', 'jm/.#x.ovf']) first.tree.put(path, { size: 1 });
    expect((await syncAll()).syncs.map(({ user }) => user)).toEqual(['jm']);
    expect(await ovadex.images('jm')).toEqual(['x.ova']);
  });
});

describe('an exclusion that begins', () => {
  it('takes away all that it names at the next sync, whole folders and spaces too, and gives it back when it ends', async () => {
    const dav = await startDavServer();
    const ovadex = await installOvadex();
    try {
      const old = Array.from({ length: 30 }, (_, i) => `old/${i}.bak.ova`);
      for (const path of [...old, 'old/deep/x.bak.ova', 'bin/y.ova', 'z.bak.ova']) dav.tree.put(path, { size: 1 });
      const configure = (exclude: readonly string[]) =>
        ovadex.configure({ spaces: [{ user: 'jm', url: dav.url }], crawl: { exclude } });
      configure([]);
      await ovadex.sync('jm');
      await ovadex.sync('jm');
      configure(['*.bak.ova', 'bin']);
      expect(await ovadex.sync('jm')).toMatchObject({ code: 0, warnings: [], counts: { removed: 33 } });
      expect(await ovadex.images('jm')).toEqual([]);
      expect(await ovadex.json('spaces')).toMatchObject({ spaces: [{ state: 'fresh', held_removals: null }] });
      configure([]);
      expect(await ovadex.sync('jm')).toMatchObject({ code: 0, counts: { added: 33 } });
    } finally {
      ovadex.remove();
      await dav.close();
    }
  });
});
