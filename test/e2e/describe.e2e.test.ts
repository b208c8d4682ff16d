import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { FULL_OVF } from '../support/ovf/sample.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { isThorough } from '../support/thorough.js';

const SOON = { timeout: 60_000, interval: 50 };
/** Two starts, and what is waited for after each. */
const WITHIN_MS = 180_000;
/** Nobody writes to it any more. */
const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };

describe('what images are, by a real daemon', { timeout: WITHIN_MS }, () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let token: string;

  const states = async () => {
    const headers = { Authorization: `Bearer ${token}` };
    const { data } = (await (await checkedFetch(`${daemon.url}v2/image`, { headers })).json()) as {
      data: { path: string; state: string }[];
    };
    return Object.fromEntries(data.map(({ path, state }) => [path, state]));
  };
  const gets = () => dav.requests.filter(({ method }) => method === 'GET').map(({ path }) => `${path}`);
  const start = async (settings: object = {}) => {
    ovadex.configure({ log: { level: 'error' }, spaces: [{ user: 'jm', url: `${dav.url}jm/` }], ...settings });
    daemon = await ovadex.serve();
    token = (await ovadex.createToken('jm')).token;
  };

  beforeEach(async () => {
    dav = await startDavServer();
    dav.tree.put('jm/web/web.ovf', { content: FULL_OVF, ...LONG_AGO });
    dav.tree.put('jm/web/disk.vmdk', { size: 3_000, ...LONG_AGO });
    dav.tree.put('jm/lone/web.ovf', { content: FULL_OVF, ...LONG_AGO });
    dav.tree.put('jm/junk.ova', { content: '<html>', ...LONG_AGO });
    dav.tree.put('lab/lone.ova', { content: '<html>', ...LONG_AGO });
    ovadex = await installOvadex();
  });
  afterEach(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  it('shows whether they deploy after one request for each, reads none again, and none where that is off', async () => {
    const lab = { user: 'lab', url: `${dav.url}lab/`, describe: false };
    await start({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }, lab] });
    const expected = { 'web/web.ovf': 'ok', 'lone/web.ovf': 'incomplete', 'junk.ova': 'broken' };
    await expect.poll(states, SOON).toEqual(expected);
    await ovadex.sync('lab');
    expect(await ovadex.images('lab')).toEqual(['lone.ova']);
    expect(gets().sort()).toEqual(['jm/junk.ova', 'jm/lone/web.ovf', 'jm/web/web.ovf']);

    await daemon.stop();
    daemon = await ovadex.serve();
    dav.tree.put('jm/later/web.ovf', { content: FULL_OVF, ...LONG_AGO });
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

  it.runIf(isThorough)('is not read where that is switched off', async () => {
    await start({ describe: { enabled: false } });
    await expect.poll(states, SOON).toMatchObject({ 'junk.ova': 'unknown' });
    await ovadex.sync('jm');
    await expect.poll(states, SOON).toMatchObject({ 'junk.ova': 'unknown' });
    expect(gets()).toEqual([]);
  });
});
