import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageJson } from '../../src/wire/image.js';
import type { ImageDetailsJson } from '../../src/wire/image-details.js';
import type { SyncTicketJson } from '../../src/wire/sync.js';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { FULL_OVF } from '../support/ovf/sample.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';

const SOON = { timeout: 60_000, interval: 50 };
/** As clients date files that keep the dates of what they upload; nobody writes to them any more. */
const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };

describe('a machine that a user uploads', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let tokens: { readonly user: string; readonly admin: string };

  const ask = async (role: 'user' | 'admin', path: string, init: RequestInit = {}) => {
    const headers = { Authorization: `Bearer ${tokens[role]}` };
    const answer = await checkedFetch(new URL(path, daemon.url), { ...init, headers });
    return ((await answer.json()) as { readonly data: unknown }).data;
  };
  const sync = async () => {
    const body = JSON.stringify({ user: 'jm', mode: 'full' });
    const { request } = (await ask('admin', 'v2/admin/sync', { method: 'POST', body })) as SyncTicketJson;
    const path = `v2/request/image_sync/${request.id}`;
    const status = async () => ((await ask('admin', path)) as { readonly status: string }).status;
    await expect.poll(status, SOON).toBe('PROCESSED');
  };
  const listed = async () => {
    const [image, ...others] = (await ask('user', 'v2/image?include=ovf')) as readonly ImageJson[];
    expect(others).toEqual([]);
    return image;
  };
  const shown = async () => {
    const image = (await ask('user', `v2/image/${(await listed())?.id}`)) as ImageDetailsJson;
    return { state: image.state, reasons: image.reasons };
  };

  beforeEach(async () => {
    dav = await startDavServer();
    dav.tree.put('notes.txt', { size: 1, ...LONG_AGO });
    ovadex = await installOvadex();
    ovadex.configure({ log: { level: 'error' }, spaces: [{ user: 'jm', url: dav.url }] });
    daemon = await ovadex.serve();
    tokens = {
      user: (await ovadex.createToken('jm')).token,
      admin: (await ovadex.createToken('admin', ['--scope', 'admin'])).token,
    };
  });
  afterEach(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  it('is uploading, deploys, lacks a disk and deploys again, and its descriptor is read once', async () => {
    dav.tree.put('web/web.ovf', { content: FULL_OVF.slice(0, 500), modifiedAt: Date.now() });
    await sync();
    expect(await listed()).toMatchObject({ path: 'web/web.ovf', state: 'uploading', settled: false, ovf: null });
    expect(dav.requests.filter(({ method }) => method === 'GET')).toEqual([]);

    dav.tree.put('web/web.ovf', { content: FULL_OVF, ...LONG_AGO });
    dav.tree.put('web/disk.vmdk', { size: 3_000, ...LONG_AGO });
    await sync();
    await expect.poll(shown, SOON).toEqual({ state: 'ok', reasons: [] });
    const ovf = { product: 'Web Server', version: '2', family: 'linux', cpus: 4, memory_mib: 2_048 };
    expect(await listed()).toMatchObject({ state: 'ok', settled: true, ovf });

    dav.tree.remove('web/disk.vmdk');
    await sync();
    expect(await shown()).toEqual({ state: 'incomplete', reasons: ['missing-file: disk.vmdk'] });
    expect(await listed()).toMatchObject({ state: 'incomplete', ovf });

    dav.tree.put('web/disk.vmdk', { size: 3_000, ...LONG_AGO });
    await sync();
    expect(await shown()).toEqual({ state: 'ok', reasons: [] });
    expect(dav.requests.filter(({ method }) => method === 'GET').map(({ path }) => path)).toEqual(['web/web.ovf']);
  });
});
