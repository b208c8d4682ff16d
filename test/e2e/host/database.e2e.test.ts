import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { installOvadex } from '../../support/process/ovadex.js';
import { freePort } from '../../support/servers/server-process.js';
import { someOf } from '../../support/thorough.js';

const PASSWORD = 'the-password-of-the-database';

async function install(data: object, roles?: readonly string[]) {
  const ovadex = await installOvadex();
  onTestFinished(ovadex.remove);
  const directory = join(dirname(ovadex.configFile), 'data');
  const passwordFile = ovadex.file('database.password', `${PASSWORD}\n`);
  const spaces = [{ user: 'jm', url: 'http://127.0.0.1:9/' }];
  ovadex.configure({ data: { directory, ...data }, spaces, ...(roles === undefined ? {} : { roles }) });
  return { ovadex, directory, passwordFile };
}

it.each(
  someOf<[object, string[] | undefined, string]>(
    [
      [{ url: `postgres://ovadex:${PASSWORD}@db/ovadex` }, undefined, 'data.url: must contain no password'],
      [
        { url: 'postgres://ovadex@db/ovadex', keepBackups: 5 },
        undefined,
        'data.keepBackups: must be omitted beside url',
      ],
      [{ pool: 5 }, undefined, 'data.pool: must be omitted without url'],
      [{}, ['api'], 'roles: must be [api, crawler] without data.url'],
      [{ url: 'postgres://ovadex@db/ovadex' }, ['everything'], 'roles[0]: must be one of api, crawler'],
    ],
    2,
  ),
)('%j and roles %j are refused with the place and what is allowed, and without a secret', async (data, roles, said) => {
  const { ovadex } = await install(data, roles);
  for (const command of [['config', 'check'], ['serve']]) {
    const { code, stdout, stderr } = await ovadex.run(...command);
    expect([code, stdout + stderr]).toEqual([78, expect.stringContaining(said)]);
    expect(stdout + stderr).not.toContain(PASSWORD);
  }
});

it('a database that nobody serves is told by its URL, by the daemon and by commands, and leaves no index behind', async () => {
  const url = `postgres://ovadex@127.0.0.1:${await freePort()}/ovadex`;
  const { ovadex, directory, passwordFile } = await install({ url });
  ovadex.configure({ data: { directory, url, passwordFile }, spaces: [] });
  const served = await ovadex.start('serve');
  expect(served).toMatchObject({ code: 74 });
  expect(served.stderr).toMatch(/^ovadex: the database could not be used: .*ECONNREFUSED/m);
  for (const command of [
    ['token', 'list'],
    ['db', 'migrate'],
    ['images', '--user', 'jm'],
  ]) {
    const { code, stderr } = await ovadex.run(...command);
    expect([command, code, stderr]).toEqual([command, 74, expect.stringContaining('the database could not be used')]);
  }
  const { code, stdout } = await ovadex.run('doctor');
  expect([code, stdout]).toEqual([74, expect.stringContaining(url)]);
  const shown = await ovadex.run('config', 'show');
  expect(shown.stdout).toContain(`url: ${url}`);
  expect(shown.stdout + served.stdout + served.stderr + stdout).not.toContain(PASSWORD);
  expect(readdirSync(directory).filter((name) => name.startsWith('ovadex.db'))).toEqual([]);
});
