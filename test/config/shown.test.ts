import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { run } from '../../src/cli/program.js';
import { formatDuration, parseDuration } from '../../src/config/fields/duration.js';
import { loadConfig } from '../../src/config/load.js';
import { shownConfig, shownSpaceOf } from '../../src/config/shown.js';
import { captureIo } from '../cli/captured-io.js';
import { createAuthority } from '../support/certificates.js';
import { configFolder } from './config-folder.js';

const example = await readFile(new URL('../../config/ovadex.example.yaml', import.meta.url), 'utf8');

test.each([0, 1, 250, 1_000, 1_500, 60_000, 90_000, 3_600_000, 86_400_000, 365 * 86_400_000])(
  'a duration of %i ms is written as it is read',
  (ms) => expect(parseDuration(formatDuration(ms))).toBe(ms),
);

describe('the configuration as it is in effect', () => {
  test('is a configuration that means the same, where no secret is in it', async () => {
    const yaml = example
      .replace(/passwordFile: .*dav\.password/, 'password: "***"')
      .replace(/tokenFile: .*/, 'token: "***"')
      .replace('password: "secret"', 'password: "***"')
      .replace('clientSecret: change-me', 'clientSecret: "***"');
    const folder = await configFolder({ 'ovadex.yaml': yaml });
    const config = await loadConfig(join(folder, 'ovadex.yaml'));
    const again = await configFolder({ 'ovadex.yaml': stringify(shownConfig(config)) });
    expect(await loadConfig(join(again, 'ovadex.yaml'))).toEqual(config);
  });

  test('fills in the defaults of the shortest one', async () => {
    const folder = await configFolder({ 'ovadex.yaml': 'data: { directory: x }\nserver: { listen: "[::1]:1" }\n' });
    expect(shownConfig(await loadConfig(join(folder, 'ovadex.yaml')))).toMatchObject({
      server: { listen: '[::1]:1', metricsListen: null },
      data: { directory: join(folder, 'x'), keepBackups: 3 },
      spaces: [],
      crawl: { schedule: '*/15 * * * *', timeouts: { connect: '10s', total: '10m' } },
      maintenance: { tombstones: '30d', syncs: '365d', forgetAfter: null },
    });
  });

  test('stars what a URL carries of a secret, wherever it stands', async () => {
    const folder = await configFolder({
      'ovadex.yaml': `data: { directory: x }
auth: { issuers: [{ issuer: "https://i.example.org/", audience: a, algorithms: [RS256], jwksUrl: "https://i.example.org/keys?api_key=s3cret-1" }] }
storage: { url: "https://dav.example.org/{user}/", headers: { Referer: "https://r:s3cret-2@x.example.org/" } }
spaces: [{ user: jm }]
`,
    });
    const shown = stringify(shownConfig(await loadConfig(join(folder, 'ovadex.yaml'))));
    expect(shown).toContain('https://i.example.org/keys?***');
    expect(shown).toContain('https://***@x.example.org/');
    expect(shown).not.toContain('s3cret');
  });

  test('says where images are only listed, for a user, all of a discovery and all of a folder', async () => {
    const folder = await configFolder({
      'ovadex.yaml': `data: { directory: x }
spaces:
  - { user: jm, url: "https://h/jm/", describe: false }
  - { user: lab, url: "https://h/lab/", describe: true }
  - { discover: "https://h/all/", describe: false }
  - { discover: { url: "https://h/data/", space: "{user}/files" }, describe: false }
  - { credentials: ., url: "https://h/{user}/", describe: false }
`,
    });
    const config = await loadConfig(join(folder, 'ovadex.yaml'));
    expect(config.spaces.map(({ describe }) => describe)).toEqual([false, undefined]);
    expect(config.discoveries.map(({ describe }) => describe)).toEqual([false, false]);
    expect(config.userFolders.map(({ describe }) => describe)).toEqual([false]);
    const again = await configFolder({ 'ovadex.yaml': stringify(shownConfig(config)) });
    expect(await loadConfig(join(again, 'ovadex.yaml'))).toEqual(config);
  });

  test('says who may use a socket', async () => {
    const server = 'server: { listen: "unix:/run/x.sock", socketMode: "0660", socketGroup: www-data }';
    const folder = await configFolder({ 'ovadex.yaml': `data: { directory: x }\n${server}\n` });
    const shown = shownConfig(await loadConfig(join(folder, 'ovadex.yaml')));
    expect(shown['server']).toMatchObject({ listen: 'unix:/run/x.sock', socketMode: '0660', socketGroup: 'www-data' });
  });

  test('shows no secret, wherever it stands', async () => {
    const authority = await createAuthority('test authority');
    const { certificate, key } = await authority.issue('ovadex');
    const folder = await configFolder({
      'ovadex.yaml': `
data: { directory: x }
storage:
  url: "https://h/{user}/"
  auth: { type: basic, username: svc, password: hunter2 }
  headers: { X-Key: hunter2, User-Agent: seen }
  proxy: "http://svc:hunter2@proxy:3128"
  tls: { certificate: c.pem, key: k.pem }
spaces:
  - user: jm
  - { user: kim, auth: { type: digest, username: kim, passwordFile: p }, watch: w }
  - { user: lab, auth: { type: bearer, token: hunter2 }, headers: {}, tls: {}, proxy: direct }
  - { discover: "https://h/all/", auth: { type: bearer, tokenFile: p } }
`,
      p: 'hunter2',
      'c.pem': certificate,
      'k.pem': key,
    });
    const config = await loadConfig(join(folder, 'ovadex.yaml'));
    const text = stringify(shownConfig(config));
    expect(text).not.toMatch(/hunter2|PRIVATE|tokenVersion/);
    expect(shownSpaceOf(config, 'jm')).toEqual({
      user: 'jm',
      url: 'https://h/jm/',
      auth: { type: 'basic', username: 'svc', password: '***' },
      headers: { 'X-Key': '***', 'User-Agent': 'seen' },
      tls: { ca: null, certificate: '1 in PEM', key: '***' },
      proxy: { url: 'http://proxy:3128', username: 'svc', password: '***' },
      public: false,
    });
    expect(text).toContain(`tokenFile: ${folder}/p`);
  });

  test('is shown by a command, whole or for one user', async () => {
    const folder = await configFolder({
      'ovadex.yaml': 'data: { directory: x }\nspaces: [{ user: jm, url: "http://127.0.0.1/jm" }]\n',
    });
    const show = async (...words: string[]) => {
      const io = captureIo();
      const code = await run(['config', 'show', '--config', join(folder, 'ovadex.yaml'), ...words], io);
      return { code, out: io.out(), err: io.err() };
    };
    expect((await show()).out).toContain('  fullSchedule: 0 3 * * *\n');
    expect(await show('--user', 'jm')).toMatchObject({
      code: 0,
      out: 'user: jm\nurl: http://127.0.0.1/jm/\nauth:\n  type: none\npublic: false\n',
    });
    expect(JSON.parse((await show('--json')).out)).toMatchObject({ log: { level: 'info' } });
    expect(await show('--user', 'kim')).toMatchObject({
      code: 66,
      err: expect.stringContaining('no space of user "kim"') as string,
    });
  });
});
