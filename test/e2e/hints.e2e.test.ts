import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { isThorough } from '../support/thorough.js';

/** A hint shows within a second; a busy machine takes longer. No sync comes by schedule, so nothing else shows it. */
const SOON = { timeout: 20_000, interval: 25 };
const PLACE = 'remote.php/dav/files/jm';

describe('a hint at a real daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let reader: string;
  let listener: string;

  const shown = async () => {
    const headers = { Authorization: `Bearer ${reader}` };
    const { data } = (await (await checkedFetch(`${daemon.url}v2/image`, { headers })).json()) as {
      data: { path: string }[];
    };
    return data.map(({ path }) => path);
  };
  const hint = (body: unknown) =>
    checkedFetch(`${daemon.url}v2/hint`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${listener}` },
      body: JSON.stringify(body),
    });
  const event = (name: string, nodes: object) => ({
    event: { class: `OCP\\Files\\Events\\Node\\${name}`, ...nodes },
    user: { uid: 'jm', displayName: 'JM' },
    time: 1_700_100_000,
  });

  beforeEach(async () => {
    dav = await startDavServer();
    dav.tree.put(`${PLACE}/lab/x.ova`, { size: 1 });
    dav.tree.put(`${PLACE}/other/y.ova`, { size: 1 });
    ovadex = await installOvadex();
    ovadex.configure({ log: { level: 'error' }, spaces: [{ user: 'jm', url: `${dav.url}${PLACE}/` }] });
    daemon = await ovadex.serve();
    reader = (await ovadex.createToken('jm')).token;
    listener = (await ovadex.createToken('nextcloud', ['--scope', 'hint'])).token;
    await expect.poll(shown, SOON).toEqual(['lab/x.ova', 'other/y.ova']);
  });

  afterEach(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  it('brings a file from the storage to a client, and lists its folder alone', async () => {
    dav.forgetRequests();
    dav.tree.put(`${PLACE}/lab/new.ova`, { size: 2 });
    const path = '/jm/files/lab/new.ova';
    expect((await hint(event('NodeCreatedEvent', { node: { id: 437, path } }))).status).toBe(202);
    const answeredAt = performance.now();
    await expect.poll(shown, SOON).toEqual(['lab/new.ova', 'lab/x.ova', 'other/y.ova']);
    const elapsedMs = performance.now() - answeredAt;
    expect(elapsedMs).toBeLessThan(SOON.timeout / 2);
    expect(new Set(dav.requests.map((request) => request.path))).toEqual(new Set([`${PLACE}/lab`]));
  });

  it.runIf(isThorough)('follows a rename to both folders, a new folder to what is in it, and a deletion', async () => {
    dav.tree.remove(`${PLACE}/lab/x.ova`);
    dav.tree.put(`${PLACE}/fresh/deep/x.ova`, { size: 1 });
    await hint([
      event('NodeRenamedEvent', {
        source: { path: '/jm/files/lab/x.ova' },
        target: { id: 9, path: '/jm/files/fresh/deep/x.ova' },
      }),
      { user: 'nobody', path: 'x.ova' },
    ]);
    await expect.poll(shown, SOON).toEqual(['fresh/deep/x.ova', 'other/y.ova']);
  });
});
