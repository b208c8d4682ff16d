import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { installOvadex } from '../support/process/ovadex.js';
import { overhear } from '../support/secrets.js';
import { startSmallNextcloud } from '../support/servers/small-nextcloud.js';
import { isThorough } from '../support/thorough.js';

/** Starting takes a second, and a poll comes every three; a busy machine takes longer. */
const SOON = { timeout: 30_000, interval: 100 };
/** Several starts, and what is waited for after each. */
const WITHIN_MS = 120_000;
const LINK = '/v2/user/space/link';

interface Link {
  readonly state: string;
  readonly login_url: string | null;
  readonly message: string;
}

async function scene(auth: object = {}) {
  const cloud = await startSmallNextcloud();
  const ovadex = await installOvadex();
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
    ovadex.remove();
  });
  ovadex.configure({ spaces: [], auth, link: { origins: [{ url: cloud.spaces }] }, crawl: { poll: 'off' } });
  const created = (await ovadex.json('token', 'create', '--user', 'jm', '--json')) as { token: string };
  const directory = join(dirname(ovadex.configFile), 'data');

  const serve = async () => {
    const child = spawn(process.execPath, ovadex.argv('serve'), { stdio: ['ignore', 'pipe', 'pipe'] });
    overhear(child);
    children.push(child);
    const exited = once(child, 'exit');
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    await vi.waitUntil(() => log.includes('ovadex serves') || child.exitCode !== null, SOON);
    const url = /"url":"([^"]+)"[^\n]*ovadex serves/.exec(log)?.[1] ?? '';
    const call = async <T>(path: string, method = 'GET') => {
      const headers = { Authorization: `Bearer ${created.token}` };
      const response = await checkedFetch(url + path, { method, headers });
      return {
        status: response.status,
        ...((await response.json()) as { data: T; meta: { index: { state: string } } }),
      };
    };
    return {
      url,
      call,
      log: () => log,
      link: async (method = 'GET') => (await call<Link>(LINK, method)).data,
      /** The state of the list, and its names. */
      async list() {
        const { data, meta } = await call<readonly { name: string }[]>('/v2/image');
        return [meta.index.state, ...data.map(({ name }) => name)];
      },
      async stop() {
        child.kill('SIGTERM');
        await exited;
      },
    };
  };
  /** Every file that a thief of the index or of a copy finds. */
  const isStored = (secret: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(secret));
  return { cloud, ovadex, directory, serve, isStored };
}

describe('a user of a Nextcloud', { timeout: WITHIN_MS }, () => {
  it('connects the own storage, renews it when it refuses, and disconnects it', async () => {
    const { cloud, ovadex, serve, isStored, directory } = await scene();
    const daemon = await serve();
    expect(await daemon.list()).toEqual(['unlinked']);
    const asked = await ovadex.run('why', 'jm.ova', '--user', 'jm');
    expect(asked.stderr).toContain('it is not configured, and its user has connected no storage');
    expect(await daemon.link()).toMatchObject({ state: 'unlinked', login_url: null });
    const begun = await daemon.link('POST');
    expect(begun).toMatchObject({ state: 'pending', message: 'open login_url in a browser and agree there' });
    expect(await daemon.link('POST')).toEqual(begun);

    const first = cloud.agree(begun.login_url ?? '', 'jm');
    await vi.waitFor(async () => expect(await daemon.list()).toEqual(['fresh', 'jm.ova']), SOON);
    expect(await daemon.link()).toMatchObject({ state: 'linked', login_name: 'jm', linked_by: 'browser' });
    expect(cloud.names.get(first)).toBe('ovadex');

    cloud.appPasswords.delete(first); // the user revokes it in the settings
    await daemon.call('/v2/user/image/vm', 'PATCH');
    await vi.waitFor(async () => expect(await daemon.list()).toEqual(['suspended', 'jm.ova']), SOON);
    expect(await daemon.link()).toMatchObject({
      state: 'refused',
      message: 'your storage no longer takes the app password; POST here to renew it',
    });
    const doctor = (await ovadex.run('doctor')).stdout;
    expect(doctor).toContain('its user has to connect the storage again');
    expect(doctor).not.toContain('correct its auth settings');
    const shown = (await ovadex.run('spaces', '--json')).stdout;
    expect(JSON.parse(shown)).toMatchObject({ spaces: [{ user: 'jm', state: 'suspended', is_linked: true }] });
    const second = cloud.agree((await daemon.link('POST')).login_url ?? '', 'jm');
    await vi.waitFor(async () => expect(await daemon.list()).toEqual(['fresh', 'jm.ova']), SOON);

    expect((await ovadex.run('sync', '--user', 'jm')).code).toBe(0);
    const key = readFileSync(join(directory, 'link.key'));
    expect((await ovadex.run('link', 'rotate-key')).stderr).toBe('1 link sealed with the new key\n');
    expect(readFileSync(join(directory, 'link.key'))).not.toEqual(key);
    expect(await daemon.link()).toMatchObject({ state: 'linked' });
    expect((await ovadex.run('status')).stdout).toContain('1 fresh; 1 connected by their users');
    const copy = join(directory, 'copy.db');
    expect((await ovadex.run('db', 'backup', copy)).code).toBe(0);
    expect([first, second].filter(isStored)).toEqual([]);

    const ended = await daemon.call<object>(LINK, 'DELETE');
    expect(ended.data).toEqual({ state: 'unlinked', revoked: true, message: 'your storage is no longer connected' });
    expect(cloud.appPasswords.size).toBe(0);
    await vi.waitFor(async () => expect(await daemon.list()).toEqual(['unlinked']), SOON);
    expect((await daemon.call(LINK, 'DELETE')).status).toBe(404);
    await daemon.stop();
    const acts = readFileSync(join(directory, 'audit.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { act: string; by: string })
      .filter(({ by }) => by === 'jm');
    expect(acts.map(({ act }) => act)).toEqual([
      ...['link begin', 'link begin', 'link', 'link begin', 'link renew', 'unlink', 'unlink'],
    ]);
  });

  it.runIf(isThorough)('is crawled after a restart, and is asked to connect anew when the key is lost', async () => {
    const { cloud, ovadex, serve, directory } = await scene();
    const first = await serve();
    cloud.agree((await first.link('POST')).login_url ?? '', 'jm');
    await vi.waitFor(async () => expect(await first.list()).toEqual(['fresh', 'jm.ova']), SOON);
    await first.stop();

    const propfinds = () => cloud.requests.filter((each) => each.startsWith('PROPFIND') && each.endsWith(' jm')).length;
    const before = propfinds();
    const second = await serve();
    await second.call('/v2/user/image/vm', 'PATCH');
    await vi.waitFor(() => expect(propfinds()).toBeGreaterThan(before), SOON);
    expect(await second.list()).toEqual(['fresh', 'jm.ova']);
    await second.stop();

    rmSync(join(directory, 'link.key'));
    expect((await ovadex.run('doctor')).stdout).toContain('the key of 1 linked space is missing');
    const third = await serve();
    expect(third.log()).toContain('the key of 1 linked space is missing: its user has to connect the storage again');
    await third.call('/v2/user/image/vm', 'PATCH');
    await vi.waitFor(async () => expect(await third.list()).toEqual(['suspended', 'jm.ova']), SOON);
    expect(await third.link()).toMatchObject({
      state: 'lost',
      message: 'the app password can no longer be read; POST here to connect your storage again',
    });
    cloud.agree((await third.link('POST')).login_url ?? '', 'jm');
    await vi.waitFor(async () => expect(await third.list()).toEqual(['fresh', 'jm.ova']), SOON);
    await third.stop();
  });

  it('is indexed by logging in once, if app passwords are kept', async () => {
    const { cloud, serve, isStored } = await scene({ keepAppPasswords: true });
    const daemon = await serve();
    const logIn = async (user: string, password: string) => {
      const headers = { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
      const response = await checkedFetch(`${daemon.url}/auth/request-token`, { method: 'POST', headers });
      return {
        status: response.status,
        ...((await response.json()) as { app_password_kept?: boolean; detail?: string }),
      };
    };
    expect(await logIn('jm', 'a wrong guess')).toMatchObject({ status: 401 });
    expect(await daemon.list()).toEqual(['unlinked']);
    cloud.appPasswords.set('an app password of lab', 'lab');
    expect(await logIn('lab', 'an app password of lab')).toMatchObject({
      status: 401,
      detail: expect.stringContaining('gives no app password for it') as string,
    });
    expect(await logIn('jm', 'real-of-jm')).toMatchObject({ status: 200, app_password_kept: true });
    await vi.waitFor(async () => expect(await daemon.list()).toEqual(['fresh', 'jm.ova']), SOON);
    expect(await daemon.link()).toMatchObject({ state: 'linked', linked_by: 'log-in' });
    expect(await logIn('jm', 'real-of-jm')).toMatchObject({ status: 200, app_password_kept: true });
    expect(cloud.requests.filter((each) => each.includes('getapppassword jm'))).toHaveLength(1);
    expect(['real-of-jm', ...cloud.appPasswords.keys()].filter(isStored)).toEqual([]);
    await daemon.stop();
  });
});
