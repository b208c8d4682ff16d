import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../../src/config/load.js';
import { shownConfig } from '../../../src/config/shown.js';
import { createAuthority } from '../../support/certificates.js';
import { configFolder, problemsIn } from '../config-folder.js';

const yamlOf = (data: object, roles?: unknown) => JSON.stringify({ data: { directory: 'x', ...data }, roles });
const URL_FORM = 'must be a PostgreSQL URL, such as "postgres://ovadex@db.example.org/ovadex"';

async function load(data: object, files: Readonly<Record<string, string>> = {}, roles?: unknown) {
  const folder = await configFolder({ ...files, 'ovadex.yaml': yamlOf(data, roles) });
  return { folder, config: await loadConfig(join(folder, 'ovadex.yaml')) };
}

describe('a database in a configuration', () => {
  it('has its defaults filled in: encrypted, unless it is on this machine', async () => {
    const { config } = await load({ url: 'postgres://ovadex@db.example.org/ovadex' });
    expect(config.data.database).toEqual({
      host: 'db.example.org',
      port: 5432,
      user: 'ovadex',
      name: 'ovadex',
      password: null,
      tls: { ca: null, identity: null },
      pool: 10,
    });
    for (const host of ['localhost', '127.0.0.1:5433', '[::1]', '%2Frun%2Fpostgresql']) {
      const { config: near } = await load({ url: `postgresql://ovadex@${host}/ovadex` });
      expect([host, near.data.database?.tls]).toEqual([host, null]);
    }
  });

  it('is reached by all parts of its URL, a password file and certificates', async () => {
    const { certificate } = await createAuthority('test authority');
    const { config, folder } = await load(
      { url: 'postgres://o%40v@[fe80::1]:6432/o%2Fv', passwordFile: 'db.password', tls: { ca: 'ca.pem' }, pool: 40 },
      { 'db.password': 'pa55\n', 'ca.pem': certificate },
    );
    expect(config.data.database).toMatchObject({ host: 'fe80::1', port: 6432, user: 'o@v', name: 'o/v', pool: 40 });
    expect(config.data.database?.password).toEqual({ file: join(folder, 'db.password'), secret: 'pa55' });
    expect(config.data.database?.tls?.ca).toContain('BEGIN CERTIFICATE');
    const socket = await load({ url: 'postgres://ovadex@%2Frun%2Fpostgresql/ovadex' });
    expect(socket.config.data.database).toMatchObject({ host: '/run/postgresql' });
    expect((await load({ url: 'postgres://ovadex@db/ovadex', tls: 'off' })).config.data.database?.tls).toBeNull();
  });

  it('is shown as the file has it, without its password', async () => {
    const url = 'postgres://o%40v@[fe80::1]:6432/o%2Fv';
    const { config } = await load({ url, passwordFile: 'db.password' }, { 'db.password': 'pa55w0rd\n' }, ['crawler']);
    const shown = stringify(shownConfig(config));
    expect(shown).not.toContain('pa55w0rd');
    const off = await load({ url, passwordFile: config.data.database?.password?.file, tls: 'off' }, {}, ['crawler']);
    const again = await configFolder({ 'ovadex.yaml': stringify(shownConfig(off.config)) });
    expect(await loadConfig(join(again, 'ovadex.yaml'))).toEqual(off.config);
    expect(shownConfig(config)).toMatchObject({ data: { url, pool: 10 }, roles: ['crawler'] });
    expect(shownConfig(config)).not.toHaveProperty('data.keepBackups');
  });

  it.each([
    ['another engine', 'mysql://ovadex@db/ovadex', URL_FORM],
    ['no URL', 'db.example.org', URL_FORM],
    ['a space', 'postgres://ovadex@db/ova dex', URL_FORM],
    ['a bare percent sign', 'postgres://o%zz@db/ovadex', URL_FORM],
    ['no user', 'postgres://db/ovadex', `${URL_FORM}: it has no user`],
    ['no database', 'postgres://ovadex@db', `${URL_FORM}: it must end with the name of a database`],
    ['two databases', 'postgres://ovadex@db/a/b', `${URL_FORM}: it must end with the name of a database`],
    ['a password', 'postgres://ovadex:s3cret@db/ovadex', 'must contain no password; it belongs in passwordFile'],
    ['options', 'postgres://ovadex@db/ovadex?sslmode=off', 'must end with the name of the database, without ? and #'],
  ])('is refused with %s in its URL, of which nothing is repeated', async (_what, url, message) => {
    expect(await problemsIn(yamlOf({ url }))).toEqual([expect.stringMatching(/^1:\d+: data\.url: /)]);
    const [problem = ''] = await problemsIn(yamlOf({ url }));
    expect(problem).toContain(message);
    expect(problem).not.toContain('s3cret');
  });

  it.each([
    [{ url: 'postgres://o@db/o', keepBackups: 3 }, 'data.keepBackups: must be omitted beside url'],
    [{ url: 'postgres://o@db/o', replicated: false }, 'data.replicated: must be omitted beside url'],
    [{ passwordFile: 'db.password' }, 'data.passwordFile: must be omitted without url'],
    [{ tls: 'off' }, 'data.tls: must be omitted without url'],
    [{ pool: 5 }, 'data.pool: must be omitted without url'],
    [{ url: 'postgres://o@db/o', pool: 1 }, 'data.pool: must be a whole number from 2 to 200'],
    [{ url: 'postgres://o@db/o', tls: 'on' }, 'data.tls: must be a mapping of ca, certificate, key'],
  ])('and a file each have keys of their own: %j', async (data, message) => {
    const [problem] = await problemsIn(yamlOf(data), { 'db.password': 'x\n' });
    expect(problem).toContain(message);
  });
});

describe('the roles of a host', () => {
  const url = 'postgres://ovadex@db/ovadex';

  it('are all of them, or those that are named, in one order', async () => {
    expect((await load({ url })).config.roles).toEqual(['api', 'crawler']);
    expect((await load({ url }, {}, ['crawler', 'api', 'api'])).config.roles).toEqual(['api', 'crawler']);
    expect((await load({ url }, {}, ['crawler'])).config.roles).toEqual(['crawler']);
    expect((await load({}, {}, ['crawler', 'api'])).config.roles).toEqual(['api', 'crawler']);
  });

  it.each([
    [['web'], 'must be one of api, crawler'],
    [[], 'must have one of api, crawler'],
    ['api', 'must be a list of api, crawler'],
  ])('are refused if they are %j', async (roles, message) => {
    expect((await problemsIn(yamlOf({ url }, roles)))[0]).toContain(message);
  });

  it('can be shared out only over a database', async () => {
    const [problem] = await problemsIn(yamlOf({}, ['api']));
    expect(problem).toMatch(/roles: must be \[api, crawler\] without data\.url: only a database can be shared/);
  });

  it('need one file of keys if what one host links is crawled by another', async () => {
    const link = { origins: [{ url: 'https://cloud.example.org/remote.php/dav/files/{user}/' }] };
    const yaml = (more: object) => JSON.stringify({ data: { directory: 'x', url }, roles: ['api'], ...more });
    const [problem] = await problemsIn(yaml({ link }));
    expect(problem).toContain('link.keyFile: must name a file that is the same on all hosts');
    await expect(problemsIn(yaml({ link: { ...link, keyFile: 'k' } }))).rejects.toThrow('the configuration is valid');
  });
});
