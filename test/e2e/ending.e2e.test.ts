import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { type AskedDaemon, startAsked } from '../support/process/asked-daemon.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { isThorough } from '../support/thorough.js';

const ACCOUNT = { username: 'svc', password: 'a secret that no log shows' };
/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };

describe('the daemon, when it ends', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemons: AskedDaemon[];

  beforeEach(async () => {
    dav = await startDavServer({ auth: ACCOUNT });
    ovadex = await installOvadex();
    daemons = [];
  });

  afterEach(async () => {
    for (const daemon of daemons) daemon.kill('SIGKILL');
    ovadex.remove();
    await dav.close();
  });

  const configure = (crawl: object = {}) =>
    ovadex.configure({
      ...{ storage: { auth: { type: 'basic', ...ACCOUNT } }, crawl },
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
    });
  const startNext = async () => {
    const daemon = await startAsked(ovadex, 'jm');
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

  it.runIf(isThorough)(
    'ends within ten seconds at SIGTERM in the middle of a crawl, which the next start goes on with',
    async () => {
      for (let i = 0; i < 40; i++) dav.tree.put(`jm/f${i}/x${i}.ova`, { size: 1 });
      dav.fault('jm', { below: true, after: 20, delayMs: 400 });
      configure({ requestsPerSpace: 1 });
      const daemon = await startNext();
      await expect.poll(async () => (await daemon.names()).length, SOON).toBeGreaterThan(5);
      const startedAt = performance.now();
      expect(await daemon.end('SIGTERM')).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      expect(daemon.log()).toContain('sync interrupted');

      dav.clearFaults();
      const next = await startNext();
      const sync = async () => (await next.ask('/v2/request/image_sync/1')).body.data;
      await expect.poll(sync, SOON).toMatchObject({ status: 'PROCESSED', added: 40 });
      expect(await next.names()).toHaveLength(40);
      const listed = dav.requests.map(({ path }) => path).filter((path) => path?.startsWith('jm/f'));
      expect(listed.length).toBeLessThanOrEqual(41);
    },
  );

  it('goes on after a kill where the last commit left it, once the lease of the dead has run out', async () => {
    for (let i = 0; i < 40; i++) dav.tree.put(`jm/f${i}/x${i}.ova`, { size: 1 });
    dav.fault('jm', { below: true, after: 20, delayMs: 400 });
    configure({ requestsPerSpace: 1 });
    const daemon = await startNext();
    await expect.poll(async () => (await daemon.names()).length, SOON).toBeGreaterThan(15);
    const shown = await daemon.names();
    await daemon.end('SIGKILL');
    endLeasesSoon();

    dav.clearFaults();
    dav.forgetRequests();
    const next = await startNext();
    expect(await next.names()).toEqual(expect.arrayContaining([...shown]));
    const sync = async () => (await next.ask('/v2/request/image_sync/1')).body.data;
    await expect.poll(sync, SOON).toMatchObject({ status: 'PROCESSED' });
    expect(await next.names()).toHaveLength(40);
    const listed = dav.requests.filter(({ path }) => path?.startsWith('jm/f'));
    expect(listed.length).toBeLessThanOrEqual(40 - shown.length + 5); // what a second may list without a commit
  });

  it.runIf(isThorough)('ends at once at a second signal', async () => {
    dav.tree.put('jm/x.ova', { size: 1 });
    configure();
    const daemon = await startNext();
    const { port } = new URL(daemon.url);
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
    await expect.poll(() => daemon.names(), SOON).toEqual(['x.ova']);
    daemon.kill('SIGTERM');
    await expect.poll(daemon.log, SOON).toContain('stopping; a second signal stops at once');
    expect(await daemon.end('SIGTERM')).toBe(143);
  });
});
