import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keyPlaceOf } from '../../../src/app/link-keeping.js';
import { aboutLink } from '../../../src/app/linked-spaces.js';
import { openIndex } from '../../../src/app/open-index.js';
import { loadLinkKeys } from '../../../src/auth/link-keys.js';
import { run } from '../../../src/cli/program.js';
import { loadConfig } from '../../../src/config/load.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { type DavServerOptions, startDavServer } from '../../support/dav-server/dav-server.js';
import { FULL_OVF } from '../../support/ovf/sample.js';
import { tarBytes } from '../../support/ovf/tar.js';
import { captureIo } from '../captured-io.js';

const WEB = {
  content: Buffer.from(
    tarBytes([
      { name: 'web.ovf', data: FULL_OVF },
      { name: 'disk.vmdk', size: 3_000 },
    ]),
  ),
  modifiedAt: Date.UTC(2026, 0, 1),
};
const PASSWORD = 'an app password';

async function scene(options: DavServerOptions, settings: (url: string) => object) {
  const dav = await startDavServer(options);
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-places-'));
  onTestFinished(async () => {
    await dav.close();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'ovadex.yaml');
  const common = { data: { directory: join(folder, 'data') }, server: { listen: '127.0.0.1:1' } };
  writeFileSync(file, JSON.stringify({ ...common, ...settings(dav.url) }), { mode: 0o600 });
  layEmptyIndex(join(folder, 'data'));
  const command = async (...words: readonly string[]) => {
    const io = captureIo();
    const code = await run([...words, '--config', file], io);
    expect(io.out() + io.err()).not.toContain(PASSWORD);
    return { code, out: io.out(), err: io.err() };
  };
  return { dav, file, command };
}

test('a space that a discovery found is read by the credentials of the discovery', async () => {
  const auth = { username: 'crawler', password: PASSWORD };
  const { dav, command } = await scene({ auth }, (url) => ({
    spaces: [{ discover: url, auth: { type: 'basic', ...auth } }],
  }));
  dav.tree.put('jm/lab/web.ova', WEB);
  expect(await command('inspect', '--user', 'jm', 'lab/web.ova')).toMatchObject({ code: 66 }); // not found so far
  expect((await command('sync', '--all')).code).toBe(0);
  dav.forgetRequests();
  expect((await command('inspect', '--user', 'jm', 'lab/web.ova')).out).toMatch(/^lab\/web\.ova: ok\n/);
  expect(dav.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PROPFIND jm/lab',
    'GET jm/lab/web.ova',
  ]);
});

test('a space that its user has connected is read by the app password of the link', async () => {
  const auth = { username: 'jm', password: PASSWORD };
  const { dav, file, command } = await scene({ auth, basePath: '/remote.php/dav/files/jm/' }, (url) => ({
    spaces: [],
    link: { origins: [{ url: url.replace(/jm\/$/, '{user}/') }] },
  }));
  dav.tree.put('lab/web.ova', WEB);
  const config = await loadConfig(file);
  const index = await openIndex(config);
  const about = { user: 'jm', server: `${new URL(dav.url).origin}/`, loginName: 'jm' };
  const sealed = (await loadLinkKeys(keyPlaceOf(config))).seal(PASSWORD, aboutLink(about));
  await index.links.put({ ...about, ...sealed, via: 'browser', linkedAt: Date.now() });
  await index.close();
  expect(await command('inspect', '--user', 'jm', 'lab/web.ova')).toMatchObject({ code: 0, err: '' });
  expect(await command('inspect', '--user', 'kim', 'lab/web.ova')).toMatchObject({ code: 66 });
});

test('an image that is left out of lists can be read all the same', async () => {
  const { dav, command } = await scene({}, (url) => ({
    spaces: [{ user: 'jm', url }],
    crawl: { exclude: ['old/**'] },
  }));
  dav.tree.put('old/web.ova', WEB);
  expect(await command('inspect', '--user', 'jm', 'old/web.ova')).toMatchObject({ code: 0 });
});

test('a configuration is needed for a space alone', async () => {
  const io = captureIo();
  const missing = { ...io, env: { OVADEX_CONFIG: '/nonexistent/ovadex.yaml' } };
  expect(await run(['inspect', '/nonexistent/x.ova'], missing)).toBe(66);
  expect(io.err()).toBe('ovadex: /nonexistent/x.ova: there is no such file\n');
  expect(await run(['inspect', '--user', 'jm', 'x.ova'], missing)).toBe(78);
  expect(io.err()).toContain('$OVADEX_CONFIG names /nonexistent/ovadex.yaml, which is not there');
});
