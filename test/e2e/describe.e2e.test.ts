import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { FULL_OVF } from '../support/ovf/sample.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';

const SOON = { timeout: 60_000, interval: 50 };
/** Nobody writes to it any more. */
const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };

describe('what images are, by a real daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let token: string;
  let pids: string;
  const notingPid = (program: string, args: readonly string[]): [string, readonly string[]] => [
    '/bin/sh',
    ['-c', `echo $$ > '${join(pids, 'pid')}'; exec "$0" "$@"`, program, ...args],
  ];
  /** Runs before a file is answered. */
  let onGet: () => void | Promise<void> = () => undefined;

  const states = async () => {
    const headers = { Authorization: `Bearer ${token}` };
    const { data } = (await (await checkedFetch(`${daemon.url}v2/image`, { headers })).json()) as {
      data: { path: string; state: string }[];
    };
    return Object.fromEntries(data.map(({ path, state }) => [path, state]));
  };
  const gets = () => dav.requests.filter(({ method }) => method === 'GET').map(({ path }) => `${path}`);
  const start = async (settings: object = {}) => {
    ovadex.configure({ log: { level: 'error' }, spaces: [{ user: 'jm', url: dav.url }], ...settings });
    daemon = await ovadex.serve({ wrap: notingPid });
    token = (await ovadex.createToken('jm')).token;
  };

  beforeEach(async () => {
    onGet = () => undefined;
    pids = mkdtempSync(join(tmpdir(), 'ovadex-describe-'));
    dav = await startDavServer({ onRequest: ({ method }) => (method === 'GET' ? onGet() : undefined) });
    dav.tree.put('web/web.ovf', { content: FULL_OVF, ...LONG_AGO });
    dav.tree.put('web/disk.vmdk', { size: 3_000, ...LONG_AGO });
    dav.tree.put('lone/web.ovf', { content: FULL_OVF, ...LONG_AGO });
    dav.tree.put('junk.ova', { content: '<html>', ...LONG_AGO });
    ovadex = await installOvadex();
  });
  afterEach(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
    rmSync(pids, { recursive: true });
  });

  it('shows whether they deploy, after one request for each, and reads none of them again', async () => {
    await start();
    const expected = { 'web/web.ovf': 'ok', 'lone/web.ovf': 'incomplete', 'junk.ova': 'broken' };
    await expect.poll(states, SOON).toEqual(expected);
    expect(gets().sort()).toEqual(['junk.ova', 'lone/web.ovf', 'web/web.ovf']);

    await daemon.stop();
    daemon = await ovadex.serve({ wrap: notingPid });
    dav.tree.put('later/web.ovf', { content: FULL_OVF, ...LONG_AGO });
    const admin = (await ovadex.createToken('admin', ['--scope', 'admin'])).token;
    const asked = await checkedFetch(`${daemon.url}v2/admin/sync`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${admin}` },
      body: JSON.stringify({ user: 'jm', mode: 'full' }),
    });
    expect(asked.status).toBe(202);
    await expect.poll(states, SOON).toEqual({ ...expected, 'later/web.ovf': 'incomplete' });
    expect(gets()).toHaveLength(4);
  });

  it('is read after a kill in the middle, each once', async () => {
    let reached: () => void = () => undefined;
    const second = new Promise<void>((resolve) => {
      reached = resolve;
    });
    onGet = () => {
      if (gets().length < 2) return;
      reached();
      return new Promise(() => undefined);
    };
    await start();
    await second;
    process.kill(Number(readFileSync(join(pids, 'pid'), 'utf8')), 'SIGKILL');
    await daemon.stop();
    onGet = () => undefined;
    const before = gets();
    dav.forgetRequests();
    daemon = await ovadex.serve({ wrap: notingPid });
    await expect
      .poll(states, SOON)
      .toEqual({ 'web/web.ovf': 'ok', 'lone/web.ovf': 'incomplete', 'junk.ova': 'broken' });
    expect(before).toHaveLength(2);
    expect(gets()).toHaveLength(2);
    expect(gets()).not.toContain(before[0]);
  });

  it('is not read in a space where that is switched off', async () => {
    dav.tree.put('lab/lone.ova', { content: '<html>', ...LONG_AGO });
    await start({
      spaces: [
        { user: 'jm', url: `${dav.url}web/` },
        { user: 'lab', url: `${dav.url}lab/`, describe: false },
      ],
    });
    await expect.poll(states, SOON).toEqual({ 'web.ovf': 'ok' });
    await ovadex.sync('lab');
    expect(gets()).toEqual(['web/web.ovf']);
  });

  it('is not read where that is switched off', async () => {
    await start({ describe: { enabled: false } });
    await expect.poll(states, SOON).toMatchObject({ 'junk.ova': 'unknown' });
    await ovadex.sync('jm');
    await expect.poll(states, SOON).toMatchObject({ 'junk.ova': 'unknown' });
    expect(gets()).toEqual([]);
  });
});
