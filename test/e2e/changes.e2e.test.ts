import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';

interface Told {
  readonly data: readonly { readonly path: string }[];
  readonly deleted: readonly { readonly path: string }[];
  readonly meta: { readonly next_since: string };
}

describe('whoever follows the changes of a daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let token: string;

  beforeEach(async () => {
    dav = await startDavServer();
    for (const name of ['x.ova', 'y.ova']) dav.tree.put(`jm/${name}`, { size: 1 });
    ovadex = await installOvadex();
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
    await ovadex.sync('jm');
    token = (await ovadex.createToken('jm')).token;
    daemon = await ovadex.serve();
  });
  afterEach(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  const ask = (since: string | null) =>
    checkedFetch(`${daemon.url}v2/image/changes${since === null ? '' : `?since=${since}`}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
  const told = async (since: string | null) => {
    const { data, deleted, meta } = (await (await ask(since)).json()) as Told;
    return { paths: [...data.map(({ path }) => path), ...deleted.map(({ path }) => `-${path}`)], ...meta };
  };

  it('goes on after a restart, with what a command has found in between', async () => {
    const first = await told(null);
    expect(first.paths).toEqual(['x.ova', 'y.ova']);
    await daemon.stop();
    dav.tree.put('jm/z.ova', { size: 1 });
    dav.tree.remove('jm/x.ova');
    await ovadex.sync('jm', '--full');
    daemon = await ovadex.serve();
    expect((await told(first.next_since)).paths).toEqual(['z.ova', '-x.ova']);
  });

  it('begins anew after a copy of the index was put back by hand', async () => {
    const file = join(dirname(ovadex.configFile), 'data', 'ovadex.db');
    await daemon.stop();
    copyFileSync(file, `${file}.cold`);
    daemon = await ovadex.serve();
    const { next_since: since } = await told(null);
    await daemon.stop();
    for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) rmSync(file + suffix);
    renameSync(`${file}.cold`, file);
    daemon = await ovadex.serve();
    expect((await ask(since)).status).toBe(410);
  });
});
