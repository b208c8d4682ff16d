import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDaemon } from '../../kills/daemon.js';
import { type Cleanup, createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex, type Settings } from '../../support/process/ovadex.js';
import { serverAccount } from '../../support/servers/server-account.js';

/** A lock is waited for, and what failed is tried again after a minute. */
const SOON = { timeout: 100_000, interval: 100 };
/** Longer than a connection waits for a lock: twice. */
const LOCKED_MS = 12_000;

let cleanup: Cleanup;
let dav: DavServer;
let ovadex: Ovadex;

beforeEach(async () => {
  cleanup = createCleanup();
  dav = await startDavServer({ auth: { username: 'svc', password: 'first' } });
  cleanup.add(dav.close);
  ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
});
afterEach(() => cleanup.run());

const auth = (password: string) => ({ type: 'basic', username: 'svc', password });
const spaceOf = (user: string, more: object = {}) => ({ user, url: `${dav.url}${user}/`, ...more });
const configure = (spaces: readonly object[], more: Partial<Settings> = {}) =>
  ovadex.configure({ storage: { auth: auth('first') }, spaces, ...more });

async function serve() {
  const daemon = startDaemon(ovadex.argv('serve'));
  cleanup.add(() => daemon.child.kill('SIGKILL'));
  const url = await daemon.ready();
  const admin = await ovadex.createToken('root', ['--scope', 'admin']);
  const ask = async (path: string, init: RequestInit = {}) =>
    await fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${admin.token}` } });
  const users = async () => {
    const { data } = (await (await ask('/v2/admin/space')).json()) as { data: { user: string; state: string }[] };
    return data.filter(({ state }) => state === 'fresh').map(({ user }) => user);
  };
  return {
    ...daemon,
    ask,
    users,
    ready: async () => (await (await ask('/readyz?verbose')).json()) as { checks: { name: string; ok: boolean }[] },
    async stop() {
      daemon.child.kill('SIGTERM');
      return await daemon.exited;
    },
  };
}

describe('a changed configuration', { timeout: 240_000 }, () => {
  it('waits for an index that another process has locked, and the API goes on meanwhile', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    dav.tree.put('kim/y.ova', { size: 1 });
    dav.tree.put('lee/z.ova', { size: 1 });
    configure([spaceOf('jm')]);
    const daemon = await serve();
    await expect.poll(daemon.users, SOON).toEqual(['jm']);
    const locker = new Database(join(dirname(ovadex.configFile), 'data', 'ovadex.db'));
    for (const [spaces, more] of [
      [[spaceOf('jm'), spaceOf('kim')], {}],
      // With other rules of the crawl the crawler itself is another one.
      [[spaceOf('jm'), spaceOf('kim'), spaceOf('lee')], { crawl: { maxDepth: 7 } }],
    ] as const) {
      const before = await daemon.users();
      locker.exec('BEGIN IMMEDIATE');
      configure(spaces, more);
      const until = performance.now() + LOCKED_MS;
      while (performance.now() < until) {
        expect(await daemon.users()).toEqual(before);
        await delay(200);
      }
      locker.exec('ROLLBACK');
      await expect.poll(daemon.users, SOON).toEqual(spaces.map(({ user }) => user));
    }
    locker.close();
    expect(daemon.log()).not.toMatch(/not in effect|"fatal"/);
    expect(await daemon.stop()).toBe(0);
  });

  it('of one space’s secret leaves the running syncs of the others alone', async () => {
    dav.tree.put('kim/y.ova', { size: 1 });
    for (let n = 0; n < 40; n++) dav.tree.put(`jm/folder ${n}/x.ova`, { size: 1 });
    dav.fault('jm', { below: true, delayMs: 400 });
    const secret = (text: string) => ovadex.file('kim.password', text);
    const kim = spaceOf('kim', { auth: { type: 'basic', username: 'svc', passwordFile: secret('wrong') } });
    configure([spaceOf('jm'), kim], { crawl: { requestsPerSpace: 1 } });
    const daemon = await serve();
    const requests = () => dav.requests.filter(({ path }) => path?.startsWith('jm')).length;
    await expect.poll(requests, SOON).toBeGreaterThan(3);
    secret('first');
    await expect.poll(daemon.users, SOON).toEqual(['kim']);
    expect(requests()).toBeLessThan(41); // under way all the time
    await expect.poll(daemon.users, SOON).toEqual(['jm', 'kim']);
    expect(requests()).toBe(41);
    expect(daemon.log()).not.toContain('sync interrupted');
    expect(await daemon.stop()).toBe(0);
  });

  it('of a space that is being synced takes effect in that sync', async () => {
    for (let n = 0; n < 20; n++) dav.tree.put(`jm/folder ${n}/x.ova`, { size: 1 });
    dav.tree.put('moved/y.ova', { size: 1 });
    dav.fault('jm', { below: true, delayMs: 2_000 });
    configure([spaceOf('jm')], { crawl: { requestsPerSpace: 1 } });
    const daemon = await serve();
    await expect.poll(() => dav.requests.length, SOON).toBeGreaterThan(1);
    configure([spaceOf('jm', { url: `${dav.url}moved/` })], { crawl: { requestsPerSpace: 1 } });
    await expect.poll(daemon.users, { timeout: 30_000, interval: 100 }).toEqual(['jm']);
    expect(await daemon.stop()).toBe(0);
  });

  // A small disk is mounted.
  describeInstalled('where root sets the scene', [serverAccount === null ? 'root' : null], () => {
    it('that finds no room on the disk takes effect when there is room', async () => {
      const directory = join(dirname(ovadex.configFile), 'data');
      mkdirSync(directory);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]);
      expect(mounted.status, `a small disk is mounted as root: ${mounted.stderr}`).toBe(0);
      cleanup.add(() => void execFileSync('umount', ['--lazy', directory]));
      dav.tree.put('jm/x.ova', { size: 1 });
      configure([spaceOf('jm')]);
      const daemon = await serve();
      await expect.poll(daemon.users, SOON).toEqual(['jm']);
      const many = Array.from({ length: 400 }, (_, n) => spaceOf(`user-${n}-${'x'.repeat(200)}`));
      execFileSync('sh', ['-c', `cat /dev/zero > "$0/filler" || :`, directory], { stdio: 'ignore' });
      configure([spaceOf('jm'), ...many], { crawl: { maxDepth: 9 } });
      await expect.poll(daemon.log, SOON).toMatch(/"level":"error".*configuration is not in effect/);
      expect(await daemon.users()).toContain('jm');
      expect((await daemon.ready()).checks).toContainEqual(
        expect.objectContaining({ name: 'configuration', ok: false }),
      );
      execFileSync('mount', ['-o', 'remount,size=64m', directory]);
      // Whoever has made room needn't wait for the minute.
      daemon.child.kill('SIGHUP');
      await expect.poll(daemon.log, SOON).toContain('the changed configuration is now in effect');
      expect((await daemon.ready()).checks.every(({ ok }) => ok)).toBe(true);
      const { data } = (await (await daemon.ask('/v2/admin/space')).json()) as { data: unknown[] };
      expect(data).toHaveLength(401);
      expect(await daemon.stop()).toBe(0);
    });
  });
});
