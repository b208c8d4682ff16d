import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { init } from '../../../src/cli/commands/init.js';
import { appPasswordLines } from '../../../src/cli/options/nextcloud-steps.js';
import { run } from '../../../src/cli/program.js';
import { loadConfig } from '../../../src/config/load.js';
import { tryStorage } from '../../../src/doctor/try-storage.js';
import { configFolder } from '../../config/config-folder.js';
import { blocksOf } from '../../docs/documents.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { createNextcloud, type Nextcloud } from '../../support/nextcloud/cloud.js';
import { noteAuthorization } from '../../support/secrets.js';
import { captureIo } from '../captured-io.js';

let cloud: Nextcloud;
beforeAll(async () => {
  cloud = await createNextcloud({ users: { jm: {}, lab: {} } });
  for (const user of ['jm', 'lab']) cloud.user(user).put(`${user}.ova`);
});
afterAll(() => cloud.close());

const call = async (...words: readonly string[]) => {
  const io = captureIo();
  const code = await run(words, io);
  return { code, out: io.out(), err: io.err() };
};
const imagesOf = async (user: string, config: string) => {
  const { out } = await call('images', '--user', user, '--json', '--config', config);
  return (JSON.parse(out) as { images: { path: string }[] }).images.map(({ path }) => path);
};
const filesOf = () => `${cloud.url}/remote.php/dav/files/{user}/`;

describe('ovadex init for a Nextcloud', () => {
  test.each(['', '/', '/remote.php/dav/files/jm/', '/remote.php/dav/files/{user}/'])(
    'writes a configuration with a folder of app passwords, given its address with "%s"',
    async (rest) => {
      const folder = await configFolder({});
      const config = join(folder, 'etc/ovadex.yaml');
      cloud.forgetRequests();
      const flags = ['--nextcloud', 'credentials', '--url', `${cloud.url}${rest}`];
      const { code, out } = await call('init', '--config', config, ...flags);
      expect(code).toBe(0);
      expect(cloud.requests.map(({ path, user }) => [path, user])).toEqual([['/status.php', null]]);
      expect((await stat(join(folder, 'etc/users'))).mode & 0o777).toBe(0o700);
      for (const line of appPasswordLines(join(folder, 'etc/users'))) expect(out).toContain(`    ${line}\n`);

      for (const user of ['jm', 'lab']) {
        const { secret } = cloud.user(user).mintAppPassword();
        noteAuthorization(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`);
        await writeFile(join(folder, 'etc/users', user), secret, { mode: 0o600 });
      }
      expect((await call('sync', '--all', '--config', config)).code).toBe(0);
      expect([await imagesOf('jm', config), await imagesOf('lab', config)]).toEqual([['jm.ova'], ['lab.ova']]);
    },
  );

  test('tells the lines that the documents have', () => {
    const [block] = blocksOf('config/README.md', 'sh', 'occ');
    expect(appPasswordLines('/etc/ovadex/users').join('\n')).toBe(block?.text.trim());
  });

  test('writes one with which users connect their own storage', async () => {
    const folder = await configFolder({});
    const config = join(folder, 'ovadex.yaml');
    const { code, out } = await call('init', '--config', config, '--nextcloud', 'link', '--url', cloud.url);
    expect(code).toBe(0);
    expect(out).toContain('/v2/user/space/link');
    const { link, spaces } = await loadConfig(config);
    expect([link.origins, spaces]).toEqual([[{ url: filesOf(), loginName: '{user}' }], []]);
    expect(await readdir(folder)).toEqual(['ovadex.yaml']);
  });

  test('writes one for a single user', async () => {
    const { secret } = cloud.user('jm').mintAppPassword();
    const folder = await configFolder({ pw: `${secret}\n` });
    const config = join(folder, 'ovadex.yaml');
    const flags = ['--nextcloud', 'user', '--url', cloud.url, '--user', 'jm', '--password-file', join(folder, 'pw')];
    expect((await call('init', '--config', config, ...flags)).code).toBe(0);
    expect((await call('sync', '--all', '--config', config)).code).toBe(0);
    expect(await imagesOf('jm', config)).toEqual(['jm.ova']);
  });

  test('leaves nothing behind where no Nextcloud answers, and an existing folder as it is', async () => {
    const dav = await startDavServer({});
    const folder = await configFolder({});
    const config = join(folder, 'etc/ovadex.yaml');
    const flags = ['--config', config, '--nextcloud', 'credentials', '--url', dav.url];
    const { code, err } = await call('init', ...flags);
    expect([code, err]).toEqual([
      69,
      expect.stringContaining('no Nextcloud answers there (status.php); nothing was written'),
    ]);
    expect(await readdir(join(folder, 'etc'))).toEqual([]);
    await mkdir(join(folder, 'etc/users'));
    await writeFile(join(folder, 'etc/users/jm'), 'x');
    expect((await call('init', ...flags)).code).toBe(69);
    expect(await readdir(join(folder, 'etc'), { recursive: true })).toEqual(['users', 'users/jm']);
    await dav.close();
  });

  test.each<[readonly string[], number, string]>([
    [
      ['--nextcloud', 'webdav', '--url', 'https://c/'],
      2,
      '"webdav" is no way to open files; use one of credentials, link, user',
    ],
    [['--nextcloud', 'credentials'], 2, 'missing --url URL'],
    [['--nextcloud', 'user', '--url', 'https://c/'], 2, 'missing --user U; --password-file FILE'],
    [['--nextcloud', 'link', '--url', 'https://c/', '--user', 'jm'], 2, 'with --nextcloud user only, not with link'],
    [['--nextcloud', 'credentials', '--url', 'https://c/', '--discover'], 2, 'neither --discover nor'],
    [
      ['--nextcloud', 'credentials', '--url', 'https://c/{user}/x'],
      2,
      'the address of the Nextcloud itself, without {user}',
    ],
    [['--nextcloud', 'credentials', '--url', 'cloud.example.org'], 2, 'must be an http or https URL'],
    [['--nextcloud', 'link', '--url', 'http://cloud.example.org', '--offline'], 78, 'must begin with https://'],
  ])('refuses %j', async (flags, code, message) => {
    const folder = await configFolder({});
    const refused = await call('init', '--config', join(folder, 'ovadex.yaml'), ...flags);
    expect([refused.code, refused.err]).toEqual([code, expect.stringContaining(message)]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('asks on a terminal, knowing the kind by the URL', async () => {
    const folder = await configFolder({});
    const file = join(folder, 'ovadex.yaml');
    const io = captureIo({ isTTY: true });
    const keyboard = Object.assign(new PassThrough(), { isTTY: true });
    const outcome = init({ config: file }, { ...io, stdin: () => keyboard }, tryStorage);
    const { secret } = cloud.user('jm').mintAppPassword();
    noteAuthorization(`Basic ${Buffer.from(`jm:${secret}`).toString('base64')}`);
    let seen = 0;
    for (const [question, answer] of [
      ['URL of the storage', filesOf()],
      ['(credentials, link, user) [credentials]', 'user'],
      ['User', 'jm'],
      ['App password (not shown)', secret],
    ] as const) {
      await vi.waitUntil(() => io.err().indexOf(question, seen) >= 0, { timeout: 5_000, interval: 5 });
      seen = io.err().indexOf(question, seen) + question.length;
      keyboard.write(`${answer}\n`);
    }
    expect(await outcome).toBe(0);
    expect(io.err()).not.toContain(secret);
    expect(await loadConfig(file)).toMatchObject({ spaces: [{ user: 'jm', url: cloud.user('jm').url }] });
    expect(await readFile(file, 'utf8')).toContain('passwordFile: "dav.secret"');
  });
});
