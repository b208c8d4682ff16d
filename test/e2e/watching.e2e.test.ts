import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { freePort, type ServerProcess } from '../support/servers/server-process.js';

/** A first sync takes a moment; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };

describe('a daemon with a listener for machines', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let machines: string;

  beforeAll(async () => {
    dav = await startDavServer();
    dav.tree.put('jm/x.ova', { size: 1 });
    ovadex = await installOvadex();
    const metricsPort = await freePort();
    machines = `http://127.0.0.1:${metricsPort}`;
    ovadex.configure({
      log: { level: 'error' },
      server: { metricsListen: `127.0.0.1:${metricsPort}` },
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
    });
    daemon = await ovadex.serve();
  });

  afterAll(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  const metrics = async () => await (await fetch(`${machines}/metrics`)).text();

  // Before others take tokens, all of which it finds written down.
  it('forgets a user while it runs, not one that is configured, and takes both down at any level of the log', async () => {
    const { token } = await ovadex.createToken('root', ['--scope', 'admin']);
    const guest = await ovadex.createToken('guest', ['--force']);
    const ask = (method: string, path: string, bearer: string) =>
      fetch(daemon.url + path, { method, headers: { Authorization: `Bearer ${bearer}` } });
    expect((await ask('GET', 'v2/user', guest.token)).status).toBe(200);
    expect((await ask('DELETE', 'v2/admin/space/guest', token)).status).toBe(200);
    expect((await ask('GET', 'v2/user', guest.token)).status).toBe(401);
    expect((await ask('DELETE', 'v2/admin/space/jm', token)).status).toBe(409);
    const file = join(dirname(ovadex.configFile), 'data', 'audit.log');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const acts = lines.map((line) => JSON.parse(line) as { act: string; from: string; by: string; outcome: string });
    expect(acts.filter(({ act }) => act === 'forget')).toMatchObject([
      { by: 'root', from: '127.0.0.1', details: { user: 'guest', tokens: 1 }, outcome: 'done' },
      { by: 'root', from: '127.0.0.1', details: { user: 'jm' }, outcome: 'refused: conflict' },
    ]);
    expect(acts.filter(({ act }) => act === 'token create')).toMatchObject([
      { from: 'command line' },
      { outcome: 'done' },
    ]);
    expect(lines.join()).not.toContain(token);
  });

  it('tells the numbers of both threads there, and not at the public one', async () => {
    await expect.poll(metrics, SOON).toMatch(/^ovadex_syncs_total\{mode="\w+",outcome="processed"\} 1$/m);
    const text = await metrics();
    for (const line of [
      'ovadex_images 1',
      'ovadex_spaces{state="fresh"} 1',
      'ovadex_listings_total{verdict="complete"} 1',
      'ovadex_image_changes_total{change="added"} 1',
      'ovadex_crawler_up 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/^ovadex_storage_requests_total\{outcome="answered"\} [1-9]/m);
    expect(text).toMatch(/^ovadex_event_loop_delay_seconds\{thread="api",measure="max"\} \d/m);
    expect(text).toMatch(/^ovadex_event_loop_delay_seconds\{thread="crawler",measure="max"\} \d/m);
    expect(text).not.toContain('jm');
    const { token } = await ovadex.createToken('root', ['--scope', 'admin']);
    const atPublic = await fetch(`${daemon.url}metrics`, { headers: { Authorization: `Bearer ${token}` } });
    expect(atPublic.status).toBe(404);
  });

  it('is ready and alive at both', async () => {
    for (const base of [`${machines}/`, daemon.url]) {
      expect((await fetch(`${base}livez`)).status).toBe(200);
      const response = await fetch(`${base}readyz?verbose`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        checks: [
          { name: 'serving', ok: true },
          { name: 'index', ok: true },
          { name: 'crawler', ok: true },
        ],
      });
    }
  });
});
