import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex, type Settings } from '../support/process/ovadex.js';
import { overhear } from '../support/secrets.js';

const ACCOUNT = { username: 'svc', password: 'a secret that no log shows' };
/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };

/** `ovadex serve` as a service manager runs it. */
interface Daemon {
  readonly child: ChildProcess;
  log(): string;
  ask(path: string, init?: RequestInit): Promise<{ status: number; body: Answer }>;
  names(): Promise<readonly string[]>;
  /** Sends a signal; answers the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface Answer {
  readonly data: { readonly name: string }[] & {
    readonly status: string;
    readonly user: string;
    readonly state: string;
  };
}

describe('the daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemons: Daemon[];

  beforeEach(async () => {
    dav = await startDavServer({ auth: ACCOUNT });
    ovadex = await installOvadex();
    daemons = [];
  });

  afterEach(async () => {
    for (const { child } of daemons) child.kill('SIGKILL');
    ovadex.remove();
    await dav.close();
  });

  const configure = (settings: Partial<Settings> & Pick<Settings, 'spaces'>) =>
    ovadex.configure({ storage: { auth: { type: 'basic', ...ACCOUNT } }, ...settings });
  const spaceOf = (user: string) => ({ user, url: `${dav.url}${user}/` });

  const start = async (user: string): Promise<Daemon> => {
    const { token } = await ovadex.createToken(user, ['--scope', 'admin']);
    const child = spawn(process.execPath, ovadex.argv('serve'), { stdio: ['ignore', 'pipe', 'pipe'] });
    overhear(child);
    const exited = once(child, 'exit') as Promise<[number | null]>;
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    await vi.waitUntil(() => log.includes('ovadex serves') || child.exitCode !== null, SOON);
    const url = /"url":"([^"]+)"/.exec(log)?.[1] ?? '';
    const daemon: Daemon = {
      child,
      log: () => log,
      async ask(path, init) {
        const response = await checkedFetch(url + path, { ...init, headers: { Authorization: `Bearer ${token}` } });
        return { status: response.status, body: (await response.json()) as Answer };
      },
      names: async () => (await daemon.ask('/v2/image')).body.data.map(({ name }) => name),
      async end(signal) {
        child.kill(signal);
        return (await exited)[0];
      },
    };
    daemons.push(daemon);
    return daemon;
  };

  /** As if what a dead daemon holds for half a minute had been taken long ago. */
  const endLeasesSoon = () => {
    const db = new Database(join(ovadex.configFile, '../data/ovadex.db'));
    const { changes } = db
      .prepare('UPDATE spaces SET lease_until = ? WHERE lease_until > ?')
      .run(Date.now() + 3_000, Date.now());
    db.close();
    expect(changes).toBe(1);
  };

  it('takes spaces in and leaves them out as its configuration changes, and keeps to it when that is broken', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    dav.tree.put('kim/y.ova', { size: 1 });
    configure({ spaces: [spaceOf('jm')] });
    const daemon = await start('kim');
    expect(await daemon.names()).toEqual([]);

    configure({ spaces: [spaceOf('jm'), spaceOf('kim')] });
    await expect.poll(daemon.names, SOON).toEqual(['y.ova']);

    writeFileSync(ovadex.configFile, 'spaces: [{ usr: kim }]\n');
    await expect.poll(daemon.log, SOON).toMatch(/new configuration rejected; still using the old one/);
    expect(daemon.log()).toContain('ovadex.yaml:1:');
    dav.tree.put('kim/z.ova', { size: 1 });
    expect((await daemon.ask('/v2/admin/sync', { method: 'POST', body: '{"user":"kim"}' })).status).toBe(202);
    await expect.poll(daemon.names, SOON).toEqual(['y.ova', 'z.ova']);

    configure({ spaces: [spaceOf('jm')] });
    await expect.poll(daemon.names, SOON).toEqual([]);
  });

  it('tries a suspended space again when its credentials change', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    const auth = (password: string) => ({ storage: { auth: { type: 'basic', username: 'svc', password } } });
    ovadex.configure({ ...auth('wrong'), spaces: [spaceOf('jm')] });
    const daemon = await start('jm');
    const state = async () => (await daemon.ask('/v2/admin/space/jm')).body.data.state;
    await expect.poll(state, SOON).toBe('suspended');
    expect((await daemon.ask('/v2/admin/sync', { method: 'POST', body: '{"user":"jm"}' })).status).toBe(409);
    expect(dav.requests.filter(({ method }) => method === 'PROPFIND')).toHaveLength(1);

    ovadex.configure({ ...auth(ACCOUNT.password), spaces: [spaceOf('jm')] });
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
  });

  it('finds users by itself, and their images', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    configure({ spaces: [{ discover: dav.url }] });
    const daemon = await start('jm');
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
  });

  it('crawls by its schedule', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    configure({ spaces: [spaceOf('jm')], crawl: { schedule: '* * * * * *' } });
    const daemon = await start('jm');
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
    dav.tree.put('jm/y.ova', { size: 1 });
    await expect.poll(daemon.names, SOON).toEqual(['x.ova', 'y.ova']);
  });

  it('polls a space whose markers prove the whole of it, by one request each time', async () => {
    // What is a minute old is settled: nobody has to wait for that here.
    let ageMs = 0;
    const cloud = await startDavServer({ markers: 'nextcloud', now: () => Date.now() - ageMs });
    const put = (path: string) => {
      ageMs = 120_000;
      cloud.tree.put(path, { size: 1 });
      ageMs = 0;
    };
    put('a/b/x.ova');
    ovadex.configure({ spaces: [{ user: 'jm', url: cloud.url }], crawl: { poll: '* * * * * *' } });
    const daemon = await start('jm');
    const sync = () => daemon.ask('/v2/admin/sync', { method: 'POST', body: '{"user":"jm","mode":"full"}' });
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
    put('a/b/lesson.ova');
    await sync();
    await expect
      .poll(async () => (await daemon.ask('/v2/admin/space/jm')).body.data, SOON)
      .toMatchObject({
        pruning: 'subtree',
      });

    cloud.forgetRequests();
    await expect.poll(() => cloud.requests.filter(({ depth }) => depth === '0').length, SOON).toBeGreaterThan(2);
    expect(cloud.requests.every(({ depth, path }) => depth === '0' && path === '')).toBe(true);
    put('a/b/new.ova');
    await expect.poll(daemon.names, SOON).toEqual(['lesson.ova', 'new.ova', 'x.ova']);
    await cloud.close();
  });

  it('follows a change in a watched folder by listing just that collection', async () => {
    dav.tree.put('jm/deep/x.ova', { size: 1 });
    dav.tree.put('jm/other/y.ova', { size: 1 });
    const folder = join(ovadex.configFile, '..', 'jm');
    mkdirSync(join(folder, 'deep'), { recursive: true });
    mkdirSync(join(folder, 'other'));
    configure({ spaces: [{ ...spaceOf('jm'), watch: folder }] });
    const daemon = await start('jm');
    await expect.poll(daemon.names, SOON).toEqual(['x.ova', 'y.ova']);

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

  it('keeps the trouble of one space from the others', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    dav.tree.put('slow/y.ova', { size: 1 });
    dav.fault('slow', { stall: 'head', below: true });
    configure({ spaces: [spaceOf('slow'), spaceOf('jm')] });
    const daemon = await start('jm');
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
  });

  it('ends within ten seconds at SIGTERM in the middle of a crawl, which the next start goes on with', async () => {
    for (let i = 0; i < 40; i++) dav.tree.put(`jm/f${i}/x${i}.ova`, { size: 1 });
    dav.fault('jm', { below: true, after: 20, delayMs: 400 });
    configure({ spaces: [spaceOf('jm')], crawl: { requestsPerSpace: 1 } });
    const daemon = await start('jm');
    await expect.poll(async () => (await daemon.names()).length, SOON).toBeGreaterThan(5);
    const startedAt = performance.now();
    expect(await daemon.end('SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(daemon.log()).toContain('sync interrupted');

    dav.clearFaults();
    const next = await start('jm');
    const sync = async () => (await next.ask('/v2/request/image_sync/1')).body.data;
    await expect.poll(sync, SOON).toMatchObject({ status: 'PROCESSED', added: 40 });
    expect(await next.names()).toHaveLength(40);
    const listed = dav.requests.map(({ path }) => path).filter((path) => path?.startsWith('jm/f'));
    expect(listed.length).toBeLessThanOrEqual(41);
  });

  it('goes on after a kill where the last commit left it, once the lease of the dead has run out', async () => {
    for (let i = 0; i < 40; i++) dav.tree.put(`jm/f${i}/x${i}.ova`, { size: 1 });
    dav.fault('jm', { below: true, after: 20, delayMs: 400 });
    configure({ spaces: [spaceOf('jm')], crawl: { requestsPerSpace: 1 } });
    const daemon = await start('jm');
    await expect.poll(async () => (await daemon.names()).length, SOON).toBeGreaterThan(15);
    const shown = await daemon.names();
    await daemon.end('SIGKILL');
    endLeasesSoon();

    dav.clearFaults();
    dav.forgetRequests();
    const next = await start('jm');
    expect(await next.names()).toEqual(expect.arrayContaining([...shown]));
    const sync = async () => (await next.ask('/v2/request/image_sync/1')).body.data;
    await expect.poll(sync, SOON).toMatchObject({ status: 'PROCESSED' });
    expect(await next.names()).toHaveLength(40);
    const listed = dav.requests.filter(({ path }) => path?.startsWith('jm/f'));
    expect(listed.length).toBeLessThanOrEqual(40 - shown.length + 5); // what a second may list without a commit
  });

  it('ends at once at a second signal', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    configure({ spaces: [spaceOf('jm')] });
    const daemon = await start('jm');
    const { port } = new URL(/"url":"([^"]+)"/.exec(daemon.log())?.[1] ?? '');
    const client = connect(Number(port), '127.0.0.1');
    client.on('error', () => undefined); // it is cut in the end
    // A request whose body never comes: it is drained for some seconds.
    const { token } = await ovadex.createToken('jm', ['--scope', 'admin']);
    const head = [
      'POST /v2/admin/sync HTTP/1.1',
      'Host: ovadex',
      `Authorization: Bearer ${token}`,
      'Content-Length: 9',
    ];
    client.write(`${head.join('\r\n')}\r\n\r\n{`);
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
    daemon.child.kill('SIGTERM');
    await expect.poll(daemon.log, SOON).toContain('stopping; a second signal stops at once');
    expect(await daemon.end('SIGTERM')).toBe(143);
  });

  it('shows no secret in its log, at any level', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    configure({ spaces: [spaceOf('jm')], log: { level: 'debug' } });
    const daemon = await start('jm');
    await expect.poll(daemon.names, SOON).toEqual(['x.ova']);
    const basic = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
    await daemon.end('SIGTERM');
    expect(daemon.log()).toContain('"status":200');
    for (const secret of [ACCOUNT.password, basic, 'ovx_']) expect(daemon.log()).not.toContain(secret);
  });
});
