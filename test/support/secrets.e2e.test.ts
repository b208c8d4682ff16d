import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCleanup } from './cleanup.js';
import { startDavServer } from './dav-server/dav-server.js';
import { createFaultyScene } from './faulty-scene.js';
import { noteAuthorization, noteSecretFile, noteSettings, overhear, overhearText, takeLeaks } from './secrets.js';

const TESTS = resolve(import.meta.dirname, '..');
const ACCOUNT = { username: 'svc', password: 'correct horse' };
const digest = `Digest username="svc", realm="r", nonce="n0nce", uri="/", response="6629fae49393a05397450978507c4ef1"`;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describe('what is overheard', () => {
  it.each([
    ['a password', () => noteSettings({ auth: { type: 'basic', ...ACCOUNT } }), 'the password is "correct horse"'],
    ['its Basic header', () => noteSettings({ auth: ACCOUNT }), Buffer.from('svc:correct horse').toString('base64')],
    ['a header of a space', () => noteSettings({ storage: { headers: { 'X-Key': 'open sesame' } } }), 'open sesame'],
    ['the user of a proxy', () => noteSettings({ proxy: 'http://me:my%20self@proxy:1/' }), 'my self'],
    ['the content of a file', () => noteSecretFile('from a file\n'), '{"a":"from a file"}'],
    ['a private key', () => noteSecretFile(`-----BEGIN PRIVATE KEY-----\n${'Ab1+'.repeat(16)}\n`), 'Ab1+'.repeat(16)],
    ['a Bearer token', () => noteAuthorization('Bearer ovx_abcdefgh'), 'ovx_abcdefgh'],
    ['a signature', () => noteAuthorization('Bearer aaaa.bbbb.signature'), 'it was signature'],
    ['a Digest response', () => noteAuthorization(digest), '6629fae49393a05397450978507c4ef1'],
    [
      'a token as a user',
      () => noteAuthorization(`Basic ${Buffer.from('ovx_12345:').toString('base64')}`),
      'ovx_12345',
    ],
  ])('is held against %s', (_, note, told) => {
    note();
    overhearText('here', 'nothing of the kind');
    expect(takeLeaks()).toEqual([]);
    overhearText('here', `told: ${told}.`);
    expect(takeLeaks()).toContainEqual(expect.stringContaining(`here: …told: ${told}`));
  });

  it('is every output of the program: one that tells its token on either is found out', async () => {
    const scene = await createFaultyScene(cleanup);
    const daemon = await scene.serve();
    expect(takeLeaks()).toEqual([]);
    await daemon.stop();
    for (const stream of ['1', '2']) {
      const child = spawn('sh', ['-c', `echo "using $1" >&${stream}`, 'sh', daemon.token]);
      overhear(child);
      await once(child, 'close');
      expect(takeLeaks()).toContainEqual(expect.stringContaining(`using ${daemon.token}`));
    }
    scene.ovadex.file('extra.log', `a request with ${daemon.token}`);
    await cleanup.run();
    expect(takeLeaks()).toContainEqual(expect.stringContaining('extra.log: …a request with'));
  });

  it('is held against what the program proves itself with to a storage, though no test wrote that down', async () => {
    const scene = await createFaultyScene(cleanup);
    const dav = await startDavServer({ auth: ACCOUNT, scheme: 'digest' });
    cleanup.add(dav.close);
    scene.ovadex.configure({ spaces: [{ user: 'jm', url: dav.url, auth: { type: 'digest', ...ACCOUNT } }] });
    expect((await scene.ovadex.sync('jm')).code).toBe(0);
    const [header = ''] = dav.requests.map(({ headers }) => headers.authorization ?? '').filter(Boolean);
    const [, response = ''] = /response="(\w{32})"/.exec(header) ?? [];
    overhearText('a log', `"${response}"`);
    expect(takeLeaks()).toEqual([expect.stringMatching(/^a log: ….\w{32}/)]);
  });

  it('is left out by no test that starts the daemon', () => {
    const starting = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && dirname(file) !== 'bench')
      .map((file) => ({ file, text: readFileSync(join(TESTS, file), 'utf8') }))
      .filter(({ text }) => /\bspawn\(/.test(text) && /ovadex\.argv\(|dist\/main\.js/.test(text));
    expect(starting.length).toBeGreaterThan(5);
    // The demo shows its tokens to whoever started it.
    const ofDemo = new Set(['support/process/running-demo.ts', 'interop/host/tarball.test.ts']);
    const deaf = starting.filter(({ file, text }) => !ofDemo.has(file) && !text.includes('overhear('));
    expect(deaf.map(({ file }) => file)).toEqual([]);
  });
});
