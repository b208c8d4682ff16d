import { once } from 'node:events';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { isThorough } from '../support/thorough.js';

interface Told {
  readonly data: readonly { readonly path: string }[];
  readonly deleted: readonly { readonly path: string }[];
  readonly meta: { readonly next_since: string };
}

/** An image that settles while a test runs would be a change, too. */
const SETTLED = { modifiedAt: Date.UTC(2026, 0, 1) };
/** Each test has a space of its own. */
const USERS = ['told', 'room', 'restart', 'stop', 'copy'] as const;
type User = (typeof USERS)[number];

describe('whoever follows the changes of a daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  const tokens = new Map<User, string>();

  beforeAll(async () => {
    dav = await startDavServer();
    for (const user of USERS)
      for (const name of ['x.ova', 'y.ova']) dav.tree.put(`${user}/${name}`, { size: 1, ...SETTLED });
    ovadex = await installOvadex();
    ovadex.configure({
      spaces: USERS.map((user) => ({ user, url: `${dav.url}${user}/` })),
      describe: { enabled: false },
    });
    for (const user of USERS) {
      await ovadex.sync(user);
      tokens.set(user, (await ovadex.createToken(user)).token);
    }
    daemon = await ovadex.serve();
  });
  afterAll(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  const ask = (user: User, since: string | null) =>
    checkedFetch(`${daemon.url}v2/image/changes${since === null ? '' : `?since=${since}`}`, {
      headers: { Authorization: `Bearer ${tokens.get(user)}` },
    });
  const told = async (user: User, since: string | null) => {
    const { data, deleted, meta } = (await (await ask(user, since)).json()) as Told;
    return { paths: [...data.map(({ path }) => path), ...deleted.map(({ path }) => `-${path}`)], ...meta };
  };

  describe('and would rather wait', () => {
    const wait = async (user: User, signal?: AbortSignal) => {
      const { next_since: since } = await told(user, null);
      const headers = { Authorization: `Bearer ${tokens.get(user)}`, Prefer: 'wait=60' };
      return fetch(`${daemon.url}v2/image/changes?since=${since}`, { headers, ...(signal && { signal }) });
    };
    const isOpen = (response: Promise<Response>) =>
      Promise.race([response.then(() => false), new Promise((resolve) => setTimeout(resolve, 300, true))]);

    it('is told as soon as another process has found something', async () => {
      const response = wait('told');
      expect(await isOpen(response)).toBe(true);
      dav.tree.put('told/z.ova', { size: 1 });
      await ovadex.sync('told', '--full');
      const { data } = (await (await response).json()) as Told;
      expect(data.map(({ path }) => path)).toEqual(['z.ova']);
    });

    it('may leave, which makes room for others', async () => {
      const leaving = new AbortController();
      const gone = Array.from({ length: 20 }, () => wait('room', leaving.signal).catch(() => null));
      expect(await isOpen(Promise.race(gone) as Promise<Response>)).toBe(true);
      // One too many is answered at once.
      await expect.poll(async () => (await isOpen(wait('room'))) === false, { timeout: 20_000 }).toBe(true);
      leaving.abort();
      await Promise.all(gone);
      await expect.poll(() => isOpen(wait('room')), { timeout: 20_000 }).toBe(true);
    });
  });

  it('goes on after a restart, with what a command has found in between', async () => {
    const first = await told('restart', null);
    expect(first.paths).toEqual(['x.ova', 'y.ova']);
    await daemon.stop();
    dav.tree.put('restart/z.ova', { size: 1 });
    dav.tree.remove('restart/x.ova');
    await ovadex.sync('restart', '--full');
    daemon = await ovadex.serve();
    expect((await told('restart', first.next_since)).paths).toEqual(['z.ova', '-x.ova']);
  });

  it('is answered by a daemon that stops, at once, and not as if it had waited', async () => {
    const { next_since: since } = await told('stop', null);
    const headers = { Authorization: `Bearer ${tokens.get('stop')}`, Prefer: 'wait=60' };
    const requests = [1, 2].map(() => get(`${daemon.url}v2/image/changes?since=${since}`, { headers, agent: false }));
    const responses = requests.map((request) => once(request, 'response') as Promise<[IncomingMessage]>);
    // On their way to the daemon; what comes after them is answered behind them.
    await Promise.all(requests.map((request) => once(request, 'finish')));
    for (let i = 0; i < 3; i++) await checkedFetch(`${daemon.url}v2/ping`);
    const stopped = daemon.stop();
    for (const response of responses) {
      const [answer] = await response;
      expect([answer.statusCode, answer.headers['preference-applied']]).toEqual([200, undefined]);
      answer.resume();
    }
    await stopped;
  });

  it.runIf(isThorough)('begins anew after a copy of the index was put back by hand', async () => {
    const file = join(dirname(ovadex.configFile), 'data', 'ovadex.db');
    await daemon.stop();
    copyFileSync(file, `${file}.cold`);
    daemon = await ovadex.serve();
    const { next_since: since } = await told('copy', null);
    await daemon.stop();
    for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) rmSync(file + suffix);
    renameSync(`${file}.cold`, file);
    daemon = await ovadex.serve();
    expect((await ask('copy', since)).status).toBe(410);
  });
});
