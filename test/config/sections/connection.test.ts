import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../../src/config/load.js';
import { createAuthority } from '../../support/certificates.js';
import { configFolder, problemsIn } from '../config-folder.js';

const authority = await createAuthority('test authority');
const client = await authority.issue('ovadex');
const other = await authority.issue('somebody else');
const locked = await authority.issue('ovadex', 'open sesame');
const weak = await generate([{ name: 'commonName', value: 'ovadex' }], { keySize: 512, algorithm: 'sha256' });
const FILES = {
  'weak.pem': `${weak.cert}\n${weak.private}`,
  'ca.pem': `Some words in front\n${authority.certificate}`,
  'client.pem': client.certificate,
  'client.key': client.key,
  'both.pem': `${client.key}\n${client.certificate}\n${authority.certificate}`,
  'other.key': other.key,
  'locked.pem': locked.certificate,
  'locked.key': locked.key,
  passphrase: 'open sesame\n',
  wrong: 'hunter2\n',
  secret: 'hunter2\n',
  empty: '\n',
  'broken.pem': authority.certificate.replace(/^M.{20}/m, 'MIIB'),
  'broken.key': client.key.replace(/^M.{20}/m, 'MIIB'),
};
const DATA = 'data: { directory: index }\n';

async function load(yaml: string) {
  const folder = await configFolder({ ...FILES, 'ovadex.yaml': DATA + yaml });
  const checked = await checkConfig(join(folder, 'ovadex.yaml'));
  return { folder, ...checked, spaces: checked.config.spaces };
}
/** The connection of a space without keys of its own. */
const connectionIn = async (storage: string) => {
  const yaml = `storage:\n  url: https://h/{user}\n  ${storage}\nspaces: [{ user: a }]\n`;
  return (await load(yaml)).spaces[0]?.connection;
};
const PLAIN = { headers: {}, tls: null, proxy: null };

describe('headers', () => {
  test('stand inline or in a file', async () => {
    expect(await connectionIn('headers: { Referer: "https://h/", X-Api-Key: { file: secret } }')).toEqual({
      ...PLAIN,
      headers: { Referer: 'https://h/', 'X-Api-Key': 'hunter2' },
    });
  });

  test.for([
    ['Authorization', 'Basic eA=='],
    ['proxy-authorization', 'x'],
    ['HOST', 'x'],
    ['depth', '0'],
    ['Content-Type', 'x'],
    ['content-length', '1'],
    ['Transfer-Encoding', 'chunked'],
    ['Connection', 'close'],
  ] as const)('may not replace %s, which ovadex sets itself', async ([name, value]) => {
    const found = await problemsIn(`${DATA}storage: { headers: { ${name}: "${value}" } }`);
    expect(found).toEqual([
      expect.stringMatching(
        `storage.headers.${name}: must be a header that ovadex doesn't set itself; it sets accept,`,
      ),
    ]);
  });

  test.for([
    ['{ "X Key": v }', 'storage.headers.X…: must be the name of a header'],
    ['{ "X-Key:hunter2": }', 'must be the name of a header'],
    ['{ X-Key: "hunter2\\nEvil: x" }', 'storage.headers.X-Key: must be ASCII without control characters'],
    ['{ X-Key: "hünter2" }', 'storage.headers.X-Key: must be ASCII'],
    ['{ X-Key: "" }', 'storage.headers.X-Key: must be ASCII'],
    [
      '{ X-Key: 12 }',
      'storage.headers.X-Key: must be text (in quotes if it looks like something else) or a mapping of file (it is a number)',
    ],
    ['{ X-Key: [hunter2] }', 'storage.headers.X-Key: must be a mapping of file'],
    [
      '{ X-Key: { file: gone } }',
      'storage.headers.X-Key.file: must be a file that can be read; there is no such file: gone (it is "gone")',
    ],
    ['{ X-Key: { file: empty } }', 'storage.headers.X-Key.file: must not be empty: empty (it is "empty")'],
    ['{ X-Key: { fiel: secret } }', 'storage.headers.X-Key.fiel: unknown key; did you mean file?'],
    ['{ X-Key: a, x-key: b }', 'storage.headers: must name each header once'],
    ['"X-Key: hunter2"', 'storage.headers: must be a mapping of header names and values (it is some text)'],
  ] as const)('are refused: %s', async ([headers, problem]) => {
    const found = await problemsIn(`${DATA}storage: { headers: ${headers} }`, FILES);
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).not.toContain('hunter2');
  });
});

describe('tls', () => {
  test('takes authorities, and a certificate with its key', async () => {
    expect(await connectionIn('tls: { ca: ca.pem, certificate: client.pem, key: client.key }')).toEqual({
      ...PLAIN,
      tls: {
        ca: authority.certificate.trim().concat('\n'),
        identity: {
          certificate: client.certificate.trim().concat('\n'),
          key: expect.stringContaining('BEGIN PRIVATE KEY'),
        },
      },
    });
  });

  test('takes the certificates and the key of one file', async () => {
    const connection = await connectionIn('tls: { certificate: both.pem, key: both.pem }');
    expect(connection?.tls?.ca).toBeNull();
    expect(connection?.tls?.identity?.certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(connection?.tls?.identity?.certificate).not.toContain('PRIVATE KEY');
  });

  test('takes an encrypted key with its passphrase', async () => {
    const connection = await connectionIn(
      'tls: { certificate: locked.pem, key: locked.key, keyPassphraseFile: passphrase }',
    );
    expect(connection?.tls?.identity?.key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  test.for([
    [
      '{ ca: gone }',
      '2:23: storage.tls.ca: must be a file that can be read; there is no such file: gone (it is "gone")',
    ],
    [
      '{ ca: secret }',
      '2:23: storage.tls.ca: must contain certificates in PEM (-----BEGIN CERTIFICATE-----): secret (it is "secret")',
    ],
    ['{ ca: broken.pem }', "storage.tls.ca: must contain certificates in PEM; number 1 can't be read: broken.pem"],
    ['{ certificate: client.pem }', '2:12: storage.tls: must have both certificate and key, or neither'],
    ['{ key: client.key }', '2:12: storage.tls: must have both certificate and key, or neither'],
    ['{ certificate: client.key, key: client.key }', 'storage.tls.certificate: must contain certificates in PEM'],
    ['{ certificate: client.pem, key: client.pem }', 'storage.tls.key: must contain a private key in PEM'],
    [
      '{ certificate: client.pem, key: broken.key }',
      'storage.tls.key: contains a private key that can\'t be read (it is "broken.key")',
    ],
    [
      '{ certificate: client.pem, key: other.key }',
      '2:49: storage.tls.key: must be the key of the (first) certificate (it is "other.key")',
    ],
    [
      '{ certificate: locked.pem, key: locked.key }',
      'storage.tls.key: is encrypted; name the file of its passphrase in keyPassphraseFile',
    ],
    [
      '{ certificate: locked.pem, key: locked.key, keyPassphraseFile: wrong }',
      "storage.tls.key: can't be read with this passphrase",
    ],
    [
      '{ certificate: locked.pem, key: locked.key, keyPassphraseFile: gone }',
      'storage.tls.keyPassphraseFile: must be a file that can be read',
    ],
    ['{ certificate: weak.pem, key: weak.pem }', "storage.tls.key: can't be used for TLS; it may be too short"],
    ['{ cert: x }', 'storage.tls.cert: unknown key; allowed here: ca, certificate, key, keyPassphraseFile'],
    ['x', 'storage.tls: must be a mapping of ca, certificate, key, keyPassphraseFile (it is some text)'],
  ] as const)('is refused: %s', async ([tls, problem]) => {
    const found = await problemsIn(`${DATA}storage: { tls: ${tls} }`, FILES);
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).not.toMatch(/hunter2|open sesame/);
  });

  test.for([
    ['as it is', (key: string) => `|\n      ${key.trim().replaceAll('\n', '\n      ')}`],
    ['in one line', (key: string) => JSON.stringify(key.trim().replaceAll('\n', ' '))],
    ['in quotes', (key: string) => JSON.stringify(key)],
  ] as const)('never shows a key that stands in place of its file, %s', async ([, write]) => {
    const found = await problemsIn(
      `${DATA}storage:\n  tls:\n    certificate: client.pem\n    key: ${write(client.key)}\n`,
      FILES,
    );
    expect(found.join('\n')).toContain('storage.tls.key: must be the path of a file');
    const secret = client.key.split('\n')[1] ?? '';
    expect(found.join('\n')).not.toContain(secret.slice(0, 10));
  });
});

describe('a proxy', () => {
  test.for([
    ['"http://proxy:3128"', { url: 'http://proxy:3128', credentials: null }],
    ['"https://proxy.example.org/"', { url: 'https://proxy.example.org', credentials: null }],
    [
      '"http://j%C3%A4:p%40ss@proxy:3128"',
      { url: 'http://proxy:3128', credentials: { username: 'jä', password: 'p@ss' } },
    ],
    ['"http://jm@proxy:3128"', { url: 'http://proxy:3128', credentials: { username: 'jm', password: '' } }],
    [
      '{ url: "http://[::1]:3128", username: jm, passwordFile: secret }',
      { url: 'http://[::1]:3128', credentials: { username: 'jm', password: 'hunter2' } },
    ],
    [
      '{ url: "http://proxy:3128", username: jm, password: "" }',
      { url: 'http://proxy:3128', credentials: { username: 'jm', password: '' } },
    ],
  ] as const)('is %s', async ([proxy, expected]) => {
    expect(await connectionIn(`proxy: ${proxy}`)).toEqual({ ...PLAIN, proxy: expected });
  });

  const FORM = 'must be "http://host:port" or "https://host:port", a mapping with such a url, or direct';
  test.for([
    ['"jm:hunter2@proxy:3128"', `storage.proxy: ${FORM} (it is some text)`],
    ['"socks5://jm:hunter2@proxy:1080"', `storage.proxy: ${FORM} (it is "socks5://***@proxy:1080")`],
    ['"http://proxy:3128/path"', `storage.proxy: ${FORM} (it is "http://proxy:3128/path")`],
    ['"http://jm:hunter2%@proxy:3128"', `storage.proxy: ${FORM} (it is "http://***@proxy:3128")`],
    ['none', `storage.proxy: ${FORM} (it is "none")`],
    ['3128', `storage.proxy: ${FORM} (it is 3128)`],
    [
      '{ url: "http://jm:hunter2@proxy", username: jm, password: x }',
      'storage.proxy.url: must contain no credentials if username and password are given (it is "http://***@proxy")',
    ],
    ['{ url: "http://proxy", username: jm }', 'storage.proxy: must have either password or passwordFile'],
    [
      '{ url: "http://proxy", username: jm, password: hunter2, passwordFile: secret }',
      'storage.proxy: must have either password or passwordFile',
    ],
    [
      '{ url: "http://proxy", username: "jm:hunter2", password: x }',
      'storage.proxy.username: must contain no colon and no control characters (it is some text)',
    ],
    [
      '{ url: "http://proxy", username: jm, passwort: hunter2 }',
      'storage.proxy.passwort: unknown key; did you mean password?',
    ],
    ['{ url: "http://proxy", username: jm, password: [hunter2] }', 'storage.proxy.password: must be text'],
  ] as const)('is refused: %s', async ([proxy, problem]) => {
    const found = await problemsIn(`${DATA}storage: { proxy: ${proxy} }`, FILES);
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).not.toContain('hunter2');
  });
});

describe('a space', () => {
  const STORAGE = `
storage:
  url: https://h/{user}
  headers: { X-Key: common }
  tls: { ca: ca.pem }
  proxy: http://proxy:3128
`;

  test('takes from the storage what it has no key for, and so does a discovery', async () => {
    const { spaces, config } = await load(`${STORAGE}
spaces:
  - user: inherits
  - { user: headed, headers: { X-Key: own } }
  - { user: direct, proxy: direct }
  - { user: plain, headers: {}, tls: {}, proxy: direct }
  - { discover: "https://h/", proxy: "https://other:1" }
`);
    const common = { headers: { 'X-Key': 'common' }, tls: { ca: expect.any(String), identity: null } };
    const proxy = { url: 'http://proxy:3128', credentials: null };
    expect(spaces.map(({ connection }) => connection)).toEqual([
      { ...common, proxy },
      { ...common, headers: { 'X-Key': 'own' }, proxy },
      { ...common, proxy: null },
      undefined,
    ]);
    expect(config.discoveries[0]?.connection).toEqual({ ...common, proxy: { ...proxy, url: 'https://other:1' } });
  });

  test('shares what it inherits, however much that is', async () => {
    const { spaces } = await load(`${STORAGE}spaces: [{ user: a }, { user: b }]\n`);
    expect(spaces[0]?.connection).toBe(spaces[1]?.connection);
    expect(structuredClone(spaces)).toEqual(spaces);
  });
});

describe('warnings', () => {
  test('name keys and secrets that every user of the machine can read, not certificates', async () => {
    const folder = await configFolder({
      ...FILES,
      'ovadex.yaml': `${DATA}storage: { tls: { ca: ca.pem, certificate: client.pem, key: client.key }, headers: { X-Key: { file: secret } } }\nspaces: [{ user: a, url: "https://h/" }]\n`,
    });
    for (const name of ['ca.pem', 'client.pem', 'client.key', 'secret', 'ovadex.yaml'])
      await chmod(join(folder, name), 0o644);
    expect((await checkConfig(join(folder, 'ovadex.yaml'))).warnings.toSorted()).toEqual([
      expect.stringContaining(`${folder}/client.key: every user`),
      expect.stringContaining(`${folder}/secret: every user`),
    ]);
  });

  test.for([
    ['{ headers: { X-Key: v } }', true],
    ['{ headers: { Referer: v } }', false],
    ['{ proxy: "http://u:p@h:1" }', true],
    ['{ proxy: "http://h:1" }', false],
    ['{ proxy: { url: "http://h:1", username: u, password: p } }', true],
  ] as const)('see whether %s is a secret: %j', async ([storage, isSecret]) => {
    const folder = await configFolder({
      'ovadex.yaml': `${DATA}storage: ${storage}\nspaces: [{ user: a, url: "https://h/" }]\n`,
    });
    const file = join(folder, 'ovadex.yaml');
    await chmod(file, 0o644);
    expect((await checkConfig(file)).warnings).toEqual(isSecret ? [expect.stringContaining('the secrets in it')] : []);
  });

  test('name hosts that get secret headers in the clear, and spaces elsewhere that take them over', async () => {
    const { warnings } = await load(`
storage: { url: "https://h/{user}", headers: { X-Key: v } }
spaces:
  - { user: near }
  - { user: clear, url: "http://far.example.org/" }
  - { user: own, url: "https://far.example.org/", headers: { X-Key: other } }
  - { user: open, url: "http://open.example.org/", headers: { Referer: v } }
`);
    expect(warnings).toEqual([
      expect.stringContaining('http://far.example.org: passwords and tokens travel there unencrypted'),
      expect.stringContaining('http://far.example.org/: storage.headers is also sent there'),
    ]);
  });
});
