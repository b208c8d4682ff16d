import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/load.js';
import { shownConfig } from '../../src/config/shown.js';
import { configFolder, problemsIn } from './config-folder.js';

const DATA = 'data: { directory: index }\n';
const STORAGE = 'storage: { url: "https://h/{user}/", auth: ';

async function load(yaml: string, files: Readonly<Record<string, string>> = {}) {
  const folder = await configFolder({ ...files, 'ovadex.yaml': DATA + yaml });
  await mkdir(join(folder, 'users'));
  await writeFile(join(folder, 'users/jm'), 'of a file\n', { mode: 0o600 });
  return { folder, ...(await checkConfig(join(folder, 'ovadex.yaml'))) };
}

describe('{user} in an auth', () => {
  test('is each user’s name, and each user’s file', async () => {
    const { config, folder, files } = await load(
      `${STORAGE}{ type: basic, username: "{user}@x", passwordFile: "{user}.pw" } }
spaces:
  - user: jm
  - user: lab
    auth: { type: digest, username: "{user}", password: one for all }
  - user: kim
    auth: { type: bearer, tokenFile: "{user}.token" }
`,
      { 'jm.pw': 'a', 'kim.token': 'token' },
    );
    expect(config.spaces.map(({ user, auth }) => ({ user, ...auth }))).toEqual([
      { user: 'jm', type: 'basic', username: 'jm@x', password: 'a' },
      { user: 'lab', type: 'digest', username: 'lab', password: 'one for all' },
      {
        user: 'kim',
        type: 'bearer',
        tokenFile: join(folder, 'kim.token'),
        tokenVersion: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ]);
    expect(files).toEqual(expect.arrayContaining([join(folder, 'jm.pw'), join(folder, 'kim.token')]));
  });

  test('is told at the user whose file is missing or unusable', async () => {
    const found = await problemsIn(
      `${DATA}${STORAGE}{ type: basic, username: "{user}", passwordFile: "{user}.pw" } }
spaces:
  - user: jm
  - { user: kim, auth: { type: bearer, tokenFile: "{user}.pw" } }
  - { user: "a:b", auth: { type: basic, username: "{user}", password: x } }
`,
      { 'kim.pw': 'two words' },
    );
    expect(found).toEqual([
      '4:11: spaces[0].user: "jm" has no credentials by its storage.auth: must be a file that can be read; there is no such file: jm.pw',
      '5:13: spaces[1].user: "kim" has no credentials by its auth: must be a token without spaces: kim.pw',
      '6:13: spaces[2].user: "a:b" has no credentials by its auth: the user name must contain no colon (RFC 7617)',
    ]);
  });

  test.each([
    [
      'spaces: [{ discover: "https://h/", auth: { type: basic, username: "{user}", password: x } }]',
      'needs an auth of its own',
    ],
    [
      'spaces: [{ discover: { url: "https://h/", auth: { type: basic, username: "{user}", password: x } } }]',
      'must be the same for all',
    ],
    [
      'spaces: [{ user: jm, url: "https://h/", auth: { type: basic, username: x } }]',
      'must have either password or passwordFile',
    ],
    ['spaces: [{ user: jm, url: "https://h/", auth: { type: basic, password: x } }]', 'required: a user name'],
    ['spaces: [{ user: jm, url: "https://h/", auth: { type: bearer } }]', 'must have either token or tokenFile'],
    ['storage: { auth: { type: basic, password: x } }', 'storage.auth.username: required: a user name'],
    ['spaces: [{ credentials: users, url: "https://h/{user}/" }]', 'there is no such folder: users'],
    ['spaces: [{ credentials: ok, url: "https://h/{user}/" }]', 'it is no folder: ok'],
    ['spaces: [{ credentials: ".", url: "https://h/x/" }]', 'must have {user} in its path'],
    ['spaces: [{ credentials: "." }]', 'needs a url of its own'],
    [
      'spaces: [{ credentials: ".", url: "https://h/{user}/", auth: { type: basic, username: x, password: y } }]',
      'without a secret',
    ],
    ['spaces: [{ credentials: ".", url: "https://h/{user}/", auth: { type: none } }]', 'without a secret'],
    [
      'spaces: [{ credentials: ".", url: "https://h/{user}/", user: jm }]',
      'must have one of user, credentials and discover',
    ],
    ['spaces: [{ credentials: ".", url: "https://h/{user}/", watch: /x }]', 'belong to a user'],
    ['spaces: [{ credentials: "/etc/{user}/", url: "https://h/{user}/" }]', '{user} has no meaning here'],
    ['spaces: [{ discover: { url: "https://h/", space: "files/" } }]', 'must be a path below each folder'],
    ['spaces: [{ discover: { url: "https://h/", space: "{user}/../x" } }]', 'must be a path below each folder'],
    ['spaces: [{ discover: { url: "https://h/", space: "{user}/{x}" } }]', 'must be a path below each folder'],
    ['spaces: [{ discover: { url: "https://h/", ocs: "https://h/" } }]', 'must have either url or ocs'],
    ['spaces: [{ discover: { url: "https://h/", groups: [a] } }]', 'must stand beside ocs'],
    ['spaces: [{ discover: { ocs: "https://h/", groups: [] } }]', 'must name at least one group'],
    ['spaces: [{ discover: { ocs: "https://h/", groups: students } }]', 'must be a list of groups'],
    ['spaces: [{ discover: { ocs: "https://h/", space: "{user}/" } }]', 'must have no space with ocs'],
    ['spaces: [{ discover: { url: "https://h/", exclude: ["(x)"] } }]', 'must be a glob'],
    ['spaces: [{ discover: { url: "https://h/" }, url: "https://h/{user}/" }]', 'belong to a user'],
  ])('%s: %s', async (yaml, problem) => {
    const found = await problemsIn(DATA + yaml, { ok: 'secret' });
    expect(found).toEqual([expect.stringContaining(problem)]);
  });
});

describe('users who come from elsewhere', () => {
  const YAML = `storage: { url: "https://h/{user}/", headers: { Referer: x } }
spaces:
  - credentials: users
  - credentials: users
    url: "https://other/{user}/"
    auth: { type: digest, username: "{user}@x" }
  - discover: { url: "https://data", space: "{user}/files", exclude: [appdata_*], auth: { type: bearer, token: t } }
    auth: { type: basic, username: "{user}", passwordFile: "users/{user}" }
  - discover: { ocs: "https://cloud", groups: [staff], auth: { type: basic, username: admin, passwordFile: users/jm } }
    auth: { type: none }
`;

  test('are a folder of files, folders below a URL, or those of a Nextcloud', async () => {
    const { config, folder } = await load(YAML);
    const file = join(folder, 'users/{user}');
    const connection = { headers: { Referer: 'x' }, tls: null, proxy: null };
    expect(config.userFolders).toEqual([
      {
        folder: join(folder, 'users'),
        url: 'https://h/{user}/',
        auth: { type: 'basic', username: '{user}', passwordFile: file },
        connection,
      },
      {
        folder: join(folder, 'users'),
        url: 'https://other/{user}/',
        auth: { type: 'digest', username: '{user}@x', passwordFile: file },
        connection,
      },
    ]);
    expect(config.discoveries).toEqual([
      {
        url: 'https://data/',
        auth: { type: 'bearer', token: 't' },
        below: 'files/',
        exclude: ['appdata_*'],
        spaceAuth: { perUser: { type: 'basic', username: '{user}', passwordFile: file } },
        connection,
      },
      {
        url: 'https://cloud/',
        auth: { type: 'basic', username: 'admin', password: 'of a file' },
        kind: 'ocs',
        groups: ['staff'],
        spaceUrl: 'https://cloud/remote.php/dav/files/{user}/',
        spaceAuth: { type: 'none' },
        connection,
      },
    ]);
    expect(config.spaces).toEqual([]);
  });

  test('are shown as a configuration that means the same, without secrets', async () => {
    const { config, folder } = await load(YAML);
    const shown = JSON.stringify(shownConfig(config));
    expect(shown).not.toContain('of a file');
    const again = shown
      .replaceAll('"password":"***"', '"password":"of a file"')
      .replaceAll('"token":"***"', '"token":"t"');
    await writeFile(join(folder, 'again.yaml'), again);
    const reread = await checkConfig(join(folder, 'again.yaml'));
    expect(reread.config).toEqual(config);
  });
});
