import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/domain/diagnosis/finding.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { startReceiver } from '../support/servers/webhook-receiver.js';

interface Told {
  readonly ok: boolean;
  readonly exit_code: number;
  readonly findings: readonly Finding[];
}

const SECRET = 'a secret of the deployer, long enough';

/** A server that has nothing but this status. */
async function startPlainServer(status: number) {
  const server = createServer((_request, response) => void response.writeHead(status, { Location: '/there' }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

describe('ovadex doctor', () => {
  let dav: DavServer;
  let ovadex: Ovadex;

  beforeEach(async () => {
    dav = await startDavServer();
    dav.tree.put('jm/x.ova', { size: 1 });
    dav.tree.put('jm/a/y.ova', { size: 1 });
    ovadex = await installOvadex();
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
  });

  afterEach(async () => {
    ovadex.remove();
    await dav.close();
  });

  const ask = async (): Promise<Told & { code: number | null }> => {
    const { code, stdout, stderr } = await ovadex.run('doctor', '--json');
    if (stdout === '') throw new Error(stderr);
    return { code, ...(JSON.parse(stdout) as Told) };
  };
  const bad = ({ findings }: Told) => findings.filter(({ severity }) => severity !== 'ok' && severity !== 'note');
  /** SQLite makes the two others for whoever reads. */
  const kept = () => readdirSync(data()).filter((name) => !/-(wal|shm)$/.test(name));
  const data = () => join(dirname(ovadex.configFile), 'data');

  it('finds nothing wrong where nothing is, and changes nothing', async () => {
    await ovadex.sync('jm');
    const before = kept();
    const told = await ask();
    expect(bad(told)).toEqual([]);
    expect(told).toMatchObject({ code: 0, ok: true, exit_code: 0 });
    expect(new Set(told.findings.map(({ area }) => area))).toEqual(
      new Set(['configuration', 'files', 'disk', 'index', 'clock', 'storage', 'sample']),
    );
    expect(kept()).toEqual(before);
  });

  it('calls an installation that was never started no problem', async () => {
    const told = await ask();
    expect(bad(told)).toEqual([]);
    expect(told.code).toBe(0);
    expect(told.findings.find(({ area }) => area === 'index')).toMatchObject({
      severity: 'note',
      message: 'not there yet',
    });
  });

  it.each(['data', 'data/below'])(
    'names a file in the place of the data directory (%s), as all commands do',
    async (name) => {
      const file = ovadex.file('data', '');
      const directory = join(dirname(ovadex.configFile), name);
      ovadex.configure({ data: { directory }, spaces: [] });
      for (const command of [['config', 'check'], ['serve'], ['doctor'], ['spaces']]) {
        const { code, stdout, stderr } = await ovadex.run(...command);
        expect(stdout + stderr).toContain(`data.directory: must be the path of a folder; ${file} is a file`);
        expect(code).toBe(78);
      }
    },
  );

  it('counts what restores have left', async () => {
    await ovadex.sync('jm');
    const copy = join(data(), 'copy.db');
    await ovadex.json('db', 'backup', copy);
    expect((await ovadex.run('db', 'restore', copy)).code).toBe(0);
    const told = await ask();
    expect(told.findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^0 copies from before migrations, 1 replaced indexes, \d+ MB; the newest 3 of each are kept \(data\.keepBackups\)$/,
      ),
    );
  });

  it('is told, like every command, of an index that nobody can look at, rather than of none', async () => {
    mkdirSync(data(), { recursive: true });
    // Fails for every account, as a folder does that only others may enter.
    symlinkSync('ovadex.db', join(data(), 'ovadex.db'));
    const told = await ask();
    expect(told.code).toBe(74);
    const seen = bad(told).map(({ area, message }) => [area, /ELOOP/.test(message)]);
    expect(seen).toContainEqual(['files', true]);
    expect(seen).toContainEqual(['index', true]);
    const copy = join(data(), 'copy.db');
    for (const command of [['spaces'], ['images', '--user', 'jm'], ['db', 'check'], ['db', 'backup', copy]]) {
      const { code, stdout, stderr } = await ovadex.run(...command);
      expect([command, code, stdout]).toEqual([command, 74, '']);
      expect(stderr).toContain("the index can't be opened: ELOOP");
    }
  });

  it('explains what has changed since the last sync', async () => {
    await ovadex.sync('jm');
    dav.tree.put('jm/new.ova', { size: 1 });
    const [found] = (await ask()).findings.filter(
      ({ area, message }) => area === 'sample' && /1 image new/.test(message),
    );
    expect(found?.action).toContain('ovadex sync --user jm');
  });

  it('says what to do about each thing that is wrong', async () => {
    await ovadex.sync('jm');
    chmodSync(join(data(), 'ovadex.db'), 0o644);
    ovadex.configure({
      spaces: [
        { user: 'jm', url: `${dav.url}jm/` },
        { user: 'kim', url: `${dav.url}kim/` },
      ],
    });
    const told = await ask();
    expect(told.code).toBe(77);
    expect(told.findings).toContainEqual(
      expect.objectContaining({ area: 'files', severity: 'problem', action: `chmod 600 ${join(data(), 'ovadex.db')}` }),
    );
    expect(told.findings).toContainEqual(
      expect.objectContaining({
        area: 'storage',
        subject: 'kim',
        severity: 'problem',
        message: expect.stringContaining('404') as string,
      }),
    );
    for (const { action } of bad(told)) expect(action).toMatch(/\w/);
    const { stdout } = await ovadex.run('doctor');
    expect(stdout).toMatch(/^PROBLEM {2}storage: kim: .*404.*\n +-> correct its url/m);
  });

  /** What Nextcloud 32 answers of another user's folder: itself, without any property but its type. */
  const OTHERS_ROOT = `<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:"><d:response><d:href>/jm/</d:href>
<d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>
<d:propstat><d:prop><d:getlastmodified/><d:getetag/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>
</d:response></d:multistatus>`;
  const problems = ({ findings }: Told) => findings.filter(({ severity }) => severity === 'problem');

  it('finds a root that shows nothing at all to be of no use, before any sync', async () => {
    dav.fault('jm', { status: 207, body: OTHERS_ROOT });
    const [found] = problems(await ask()).filter(({ area }) => area === 'storage');
    expect(found?.message).toContain('shows this folder to this account as empty and without ETag');
    const { code, stdout } = await ovadex.run('config', 'check', '--online');
    expect(code).toBe(69);
    expect(stdout).toMatch(/^failed +jm .*use the user's own credentials$/m);
  });

  it('lists what a discovery is made from', async () => {
    ovadex.configure({ spaces: [{ discover: dav.url }] });
    dav.fault('', { status: 405, depth: '1' });
    const [found] = problems(await ask()).filter(({ area }) => area === 'storage');
    expect(found?.message).toContain('405');
    expect(found?.action).toMatch(/^discover from a WebDAV folder that may be listed/);
    const { code, stdout } = await ovadex.run('config', 'check', '--online');
    expect(code).toBe(69);
    expect(stdout).toMatch(/^failed +discover .*405/m);
  });

  it('tells what the index knows to be wrong, though the storage answers', async () => {
    ovadex.configure({
      spaces: ['failing', 'held', 'suspended'].map((user) => ({ user, url: `${dav.url}${user}/` })),
    });
    for (const user of ['failing', 'held', 'suspended']) dav.tree.put(`${user}/x.ova`, { size: 1 });
    await ovadex.sync('held');
    dav.tree.remove('held/x.ova');
    dav.fault('failing', { status: 404, times: 1 });
    dav.fault('suspended', { status: 401, times: 1 });
    for (const user of ['failing', 'held', 'suspended']) await ovadex.run('sync', '--user', user);
    dav.tree.put('held/y.ova', { size: 1 });

    const told = await ask();
    expect(told).toMatchObject({ code: 75, ok: false });
    expect(problems(told).map(({ area, subject, message }) => [area, subject, message.split(' ')[0]])).toEqual([
      ['space', 'failing', 'failing'],
      ['space', 'held', 'the'],
      ['space', 'suspended', 'suspended'],
    ]);
    expect(told.findings.filter(({ message }) => /not fully synced/.test(message))).toEqual([]);
    const { stdout } = await ovadex.run('doctor');
    expect(stdout).toMatch(
      /^PROBLEM {2}space: suspended: suspended since .*401.*\n +-> .*ovadex resume --user suspended/m,
    );
    expect(stdout).toMatch(/^3 problems/m);
  });

  it('explains what 429 may mean', async () => {
    dav.fault('jm', { status: 429 });
    const [found] = problems(await ask()).filter(({ area }) => area === 'storage');
    expect(found?.message).toContain('429');
    expect(found?.action).toContain('allow-list of its brute-force protection');
  });

  it('asks the receivers of webhooks whether they are there, and tells which of them wait for a person', async () => {
    const [receiver, moved] = await Promise.all([startReceiver(Buffer.from(SECRET)), startPlainServer(308)]);
    const hook = (name: string, url: string) => ({ name, url, secret: SECRET });
    const configure = (...more: readonly object[]) =>
      ovadex.configure({
        spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
        webhooks: [hook('deployer', receiver.url), ...more],
      });
    try {
      configure();
      receiver.answers.push(410);
      const daemon = await ovadex.serve();
      await ovadex.sync('jm');
      await receiver.received(1);
      await expect.poll(async () => (await ovadex.run('webhook', 'list')).stdout).toMatch(/deployer +1 +1 +1/);
      await daemon.stop();
      configure(
        hook('inside', 'https://10.0.0.1/'),
        hook('moved', moved.url),
        hook('plain', receiver.url.replace('http:', 'https:')),
      );
      const told = await ask();
      const found = told.findings.filter(({ area }) => area === 'webhook');
      expect(found.map(({ subject, severity, message }) => [subject, severity, message])).toEqual([
        ['deployer', 'ok', 'its receiver answers; ovadex webhook test deployer shows whether it takes messages'],
        ['inside', 'problem', expect.stringContaining('10.0.0.1 is in a private network')],
        ['moved', 'problem', 'its receiver answers with a redirect (308), which is not followed'],
        ['plain', 'problem', expect.stringContaining('does not speak TLS')],
        ['deployer', 'problem', 'given up for 1 space (jm; it answered 410), and not tried again by itself'],
        ...['inside', 'moved', 'plain'].map((name) => [name, 'ok', expect.any(String)]),
      ]);
      expect(told.code).toBe(75);
      expect(receiver.messages).toHaveLength(1);
    } finally {
      await Promise.all([receiver.close(), moved.close()]);
    }
  });

  it('advises app passwords where a user’s own may be in use on Nextcloud, once for a server', async () => {
    const nextcloud = await startDavServer({ markers: 'nextcloud' });
    for (const user of ['jm', 'kim']) nextcloud.tree.put(`${user}/x.ova`, { size: 1 });
    const advised = async (password: string) => {
      const auth = { type: 'basic', username: 'jm', password };
      ovadex.configure({ spaces: ['jm', 'kim'].map((user) => ({ user, url: `${nextcloud.url}${user}/`, auth })) });
      const { findings } = await ask();
      return findings.filter(({ message }) => /app passwords/.test(message)).map(({ severity }) => severity);
    };
    try {
      expect(await advised('correct horse')).toEqual(['note']);
      expect(await advised('aB3dE-fG7hI-jK1lM-nO5pQ-rS9tU')).toEqual([]);
    } finally {
      await nextcloud.close();
    }
  });

  it('tells by its exit code what it is', async () => {
    mkdirSync(data());
    const key = ovadex.file('data/token.key', '');
    expect((await ask()).code).toBe(74); // there was an index
    rmSync(key);
    await ovadex.sync('jm');
    await dav.close();
    expect((await ask()).code).toBe(69);
    ovadex.configure({ spaces: [{ user: 'jm' }] });
    const told = await ask();
    expect(told).toMatchObject({ code: 78, ok: false, exit_code: 78 });
    expect(told.findings[0]?.message).toContain('"jm" needs a url');
  });
});
