import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { webPackage } from '../support/ovf/package.js';
import { tarBytes } from '../support/ovf/tar.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { overhear } from '../support/secrets.js';

const { ovf, disk, manifest } = webPackage({ diskBytes: 2_500_000 });
const ACCOUNT = { username: 'jm', password: 'a very secret word' };
const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };

describe('ovadex inspect and verify of files in a space, as they are built', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  /** Runs before a request is answered. */
  let onRequest: (path: string) => void | Promise<void> = () => undefined;

  const configure = (auth: object) => ovadex.configure({ spaces: [{ user: 'jm', url: dav.url, auth }] });
  const gets = () => dav.requests.filter(({ method }) => method === 'GET');

  beforeEach(async () => {
    onRequest = () => undefined;
    dav = await startDavServer({
      auth: ACCOUNT,
      scheme: 'digest',
      onRequest: ({ method, path }) => (method === 'GET' ? onRequest(`${path}`) : undefined),
    });
    dav.tree.put('lab/web.ova', { content: Buffer.from(tarBytes([ovf, manifest, disk])), ...LONG_AGO });
    for (const { name, data } of [ovf, manifest, disk]) {
      dav.tree.put(`lab/pack/${name}`, { content: Buffer.from(data), ...LONG_AGO });
    }
    ovadex = await installOvadex();
    configure({ type: 'digest', ...ACCOUNT });
  });
  afterEach(async () => {
    ovadex.remove();
    await dav.close();
  });

  it('describe and compare them by the credentials of the space, and store nothing', async () => {
    const inspected = await ovadex.start('inspect', '--user', 'jm', 'lab/web.ova', 'lab/pack/web.ovf', '--json');
    expect(inspected.stderr).toBe('');
    const lines = inspected.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { file: 'lab/web.ova', state: 'ok', download_bytes: 2_500_000 },
      { file: 'lab/pack/web.ovf', state: 'ok' },
    ]);
    const verified = await ovadex.start('verify', '--user', 'jm', '--rate', '1000', 'lab/web.ova', 'lab/pack/web.ovf');
    expect(verified).toEqual({
      code: 0,
      stdout: 'lab/web.ova: ok, 2 files as in web.mf\nlab/pack/web.ovf: ok, 2 files as in web.mf\n',
      stderr: '',
    });
    expect(existsSync(join(dirname(ovadex.configFile), 'data'))).toBe(false);
  });

  it('compare them where ranges are ignored and downloads break off', async () => {
    dav.fault('lab', { below: true, method: 'GET', ignoresRanges: true, cutAtByte: 1_200_000, after: 1, times: 1 });
    dav.fault('lab', { below: true, method: 'GET', ignoresRanges: true });
    const { code, stdout } = await ovadex.run('verify', '--user', 'jm', 'lab/web.ova', 'lab/pack/web.ovf');
    expect([code, stdout]).toEqual([
      0,
      'lab/web.ova: ok, 2 files as in web.mf\nlab/pack/web.ovf: ok, 2 files as in web.mf\n',
    ]);
  });

  it('find a disk that was spoilt', async () => {
    dav.tree.put('lab/pack/disk.vmdk', { content: Buffer.alloc(2_500_000), ...LONG_AGO });
    const { code, stdout } = await ovadex.run('verify', '--user', 'jm', 'lab/pack/web.ovf', '--json');
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).result);
    expect([code, results]).toEqual([65, ['ok', 'differs']]);
  });

  it.each(['inspect', 'verify'])('%s sends nothing for what leads out of the space', async (command) => {
    for (const path of ['../other/x.ova', `${dav.url}lab/web.ova`, '/']) {
      const { code, stdout, stderr } = await ovadex.run(command, '--user', 'jm', 'lab/web.ova', path);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`ovadex: ${path}: `);
      expect(stderr).toContain('name a file by its path below the root of the space, as "ovadex images" lists it');
    }
    expect(dav.requests).toEqual([]);
  });

  it.each(['inspect', 'verify'])(
    '%s tells a storage that refuses, after as few requests as that takes',
    async (command) => {
      configure({ type: 'digest', username: 'jm', password: 'the wrong word of old' });
      const { code, stdout, stderr } = await ovadex.run(command, '--user', 'jm', 'lab/web.ova', 'lab/pack/web.ovf');
      expect([code, stdout]).toEqual([69, '']);
      expect(stderr).toMatch(/lab\/web\.ova: PROPFIND http:\S+ with Depth 1: answered 401.*"ovadex doctor --user jm"/);
      expect(dav.requests.length).toBeLessThanOrEqual(2);
    },
  );

  it.each(['inspect', 'verify'])('%s tells who has no space, and that none answers', async (command) => {
    const nobody = await ovadex.run(command, '--user', 'nobody', 'lab/web.ova');
    expect(nobody).toMatchObject({ code: 66, stderr: 'ovadex: there is no space of user "nobody"\n' });
    await dav.close();
    const { code, stderr } = await ovadex.run(command, '--user', 'jm', 'lab/web.ova');
    expect(code).toBe(69);
    expect(stderr).toContain('ECONNREFUSED');
  });

  it('verify waits for a host as long as that asks, and says that a file changed meanwhile', async () => {
    dav.fault('lab/web.ova', { method: 'GET', status: 429, retryAfter: 1, times: 1 });
    expect((await ovadex.run('verify', '--user', 'jm', 'lab/web.ova')).code).toBe(0);
    dav.forgetRequests();
    onRequest = (path) => {
      if (path !== 'lab/web.ova' || gets().length > 1) return;
      dav.tree.put('lab/web.ova', { content: Buffer.from(tarBytes([ovf])), modifiedAt: LONG_AGO.modifiedAt + 60_000 });
    };
    const { code, stderr } = await ovadex.run('verify', '--user', 'jm', 'lab/web.ova');
    expect(code).toBe(75);
    expect(stderr).toMatch(/^ovadex: lab\/web\.ova: it changed while it was read: it has \d+ bytes by now; /);
  });

  it.each([
    ['in the middle of a download', { stall: 'body' }],
    ['while it waits for a busy host', { status: 429, retryAfter: 300 }],
  ] as const)('verify ends by Ctrl-C %s, without another word', async (_when, fault) => {
    dav.fault('lab/pack/disk.vmdk', { method: 'GET', ...fault });
    const child = spawn(process.execPath, [...ovadex.argv('verify', '--user', 'jm', 'lab/pack/web.ovf')]);
    overhear(child);
    const told: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => told.push(`${text}`));
    onRequest = (path) => {
      if (path === 'lab/pack/disk.vmdk') setTimeout(() => child.kill('SIGINT'), 100);
    };
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, told]).toEqual([130, []]);
  });

  it('--rate is for a space alone, and within bounds', async () => {
    const alone = await ovadex.run('verify', '--rate', '5', 'x.ova');
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('--rate is for the storage of a space') });
    for (const rate of ['0', '10001', 'fast']) {
      const { code, stderr } = await ovadex.run('verify', '--user', 'jm', '--rate', rate, 'x.ova');
      expect([code, stderr]).toEqual([2, expect.stringContaining('must be a whole number from 1 to 10000')]);
    }
  });
});
