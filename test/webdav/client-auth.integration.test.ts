import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import { startScriptedServer } from '../support/servers/scripted-server.js';
import { createTestWebdav, failureOf, NEVER, openAt, openStore } from './open-store.js';

const COMPLETE = { complete: true };
const account = { username: 'jm', password: 'geheim-ä' };

describe('Basic', () => {
  test('sends UTF-8 (RFC 7617)', async () => {
    const { store } = await openStore({ auth: account }, {}, { type: 'basic', ...account });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual({ complete: true });
  });

  test('gives up at the first 401', async () => {
    const { dav, store } = await openStore(
      { auth: account },
      {},
      { type: 'basic', username: 'jm', password: 'wrong-1' },
    );
    const failure = failureOf(await store.list(ROOT, NEVER));
    expect(failure.failure).toBe('unauthorized');
    expect(failure.detail).not.toContain('wrong-1');
    expect(dav.requests).toHaveLength(1);
  });
});

describe('Digest', () => {
  test('answers a challenge, and a stale nonce once more', async () => {
    const { dav, store } = await openStore(
      { auth: account, scheme: 'digest' },
      { requestsPerHost: 1 },
      { type: 'digest', ...account },
    );
    dav.tree.put('a b/x.ova');
    expect((await store.list(ROOT, NEVER)).verdict).toEqual({ complete: true });
    expect(dav.requests).toHaveLength(2);

    dav.expireNonce();
    const listing = await store.list(ROOT, NEVER);
    expect(listing.verdict).toEqual({ complete: true });
    expect(dav.requests).toHaveLength(4);
    expect(dav.connections).toBe(1);
  });

  test('gives up when the challenge is repeated', async () => {
    const wrong = { type: 'digest', username: 'jm', password: 'wrong-1' } as const;
    const { dav, store } = await openStore({ auth: account, scheme: 'digest' }, {}, wrong);
    expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('unauthorized');
    expect(dav.requests).toHaveLength(2);
  });
});

test('Bearer sends the token', async () => {
  const { dav, store } = await openStore({}, {}, { type: 'bearer', token: 'token-1' });
  await store.list(ROOT, NEVER);
  expect(dav.requests[0]?.headers.authorization).toBe('Bearer token-1');
});

describe('Bearer from a file', () => {
  async function openWithTokenFile(content: string) {
    const folder = await mkdtemp(join(tmpdir(), 'ovadex-token-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, content);
    let valid = 'token-1';
    let now = 0;
    const server = await startScriptedServer(({ headers }) =>
      headers.authorization === `Bearer ${valid}` ? null : { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } },
    );
    const webdav = createTestWebdav({ clock: () => now });
    const auth = { type: 'bearer', tokenFile, tokenVersion: 'any' } as const;
    const open = () => openAt(server.url, { webdav, auth });
    const rotate = (token: string) => {
      valid = token;
    };
    const passTime = (ms: number) => {
      now += ms;
    };
    const sent = () => server.requests.map(({ headers }) => headers.authorization);
    return { tokenFile, store: open(), open, rotate, passTime, sent };
  }

  test('sends the token, and a renewed one a second later', async () => {
    const { tokenFile, store, rotate, passTime, sent } = await openWithTokenFile('token-1\n');
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    await writeFile(tokenFile, 'token-2\n');
    rotate('token-2');
    passTime(1_000);
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('asks once more when a token was renewed in the meantime', async () => {
    const { tokenFile, store, rotate, sent } = await openWithTokenFile('token-1\n');
    await store.list(ROOT, NEVER);
    await writeFile(`${tokenFile}.new`, 'token-2\n');
    await rename(`${tokenFile}.new`, tokenFile);
    rotate('token-2');
    const listings = await Promise.all(Array.from({ length: 8 }, () => store.list(ROOT, NEVER)));
    expect(listings.every(({ verdict }) => verdict.complete)).toBe(true);
    expect(sent().slice(-1)).toEqual(['Bearer token-2']);
  });

  test('is refused when the file still holds the refused token', async () => {
    const { store, rotate, sent } = await openWithTokenFile('token-1');
    rotate('token-2');
    const { failure, detail } = failureOf(await store.list(ROOT, NEVER));
    expect(failure).toBe('unauthorized');
    expect(detail).not.toContain('token-1');
    expect(sent()).toEqual(['Bearer token-1']);
  });

  test('is refused when the renewed token is refused, too', async () => {
    const { tokenFile, store, rotate, sent } = await openWithTokenFile('token-1');
    await store.list(ROOT, NEVER);
    await writeFile(tokenFile, 'token-2');
    rotate('token-3');
    expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('unauthorized');
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  test.for([
    ['vanished', null, 'must be a file that can be read; there is no such file'],
    ['is empty', '', 'must not be empty'],
    ['has a second line', 'secret-1\nsecret-2\n', 'must contain a single line'],
    ['has a token with blanks', 'secret-1 secret-2', 'must contain a token without spaces'],
  ] as const)('fails the listing, but refuses nothing, when the file %s', async ([, content, problem]) => {
    const { tokenFile, store, open, passTime, sent } = await openWithTokenFile('token-1');
    await store.list(ROOT, NEVER);
    await (content === null ? rm(tokenFile) : writeFile(tokenFile, content));
    passTime(1_000);
    const { failure, detail } = failureOf(await store.list(ROOT, NEVER));
    expect(failure).toBe('unreachable');
    expect(detail).toContain(`the tokenFile "${basename(tokenFile)}" can't be used: it ${problem}`);
    expect(detail).not.toContain('secret');
    expect(sent()).toHaveLength(1);

    await writeFile(tokenFile, 'token-1');
    passTime(1_000);
    expect((await open().list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
  });
});

test.each([
  ['after a listing', [ROOT]],
  ['first of all', []],
])(
  'a folder of an ownCloud that refuses the credentials alone, %s, stops no other request once the root took them',
  async (_, before) => {
    const { dav, store } = await openStore({ hasOwncloudProperties: true });
    dav.tree.put('closed/x.ova');
    dav.tree.put('open/x.ova');
    dav.fault('closed', { status: 401 });
    const [closed, open] = ['closed' as ResourcePath, 'open' as ResourcePath];
    for (const collection of before) await store.list(collection, NEVER);
    expect(failureOf(await store.list(closed, NEVER)).failure).toBe('unauthorized');
    expect((await store.probe(ROOT, NEVER)).presence).toBe('present');
    expect(failureOf(await store.list(closed, NEVER)).failure).toBe('unauthorized');
    expect((await store.list(open, NEVER)).verdict).toEqual(COMPLETE);
  },
);

test('no credentials send no header', async () => {
  const { dav, store } = await openStore();
  await store.list(ROOT, NEVER);
  expect(dav.requests[0]?.headers).not.toHaveProperty('authorization');
});

test('an unusable token fails the listing without showing itself', async () => {
  const { dav, store } = await openStore({}, {}, { type: 'bearer', token: 'line\nbreak-secret' });
  const failure = failureOf(await store.list(ROOT, NEVER));
  expect(failure.failure).toBe('unreachable');
  expect(failure.detail).not.toContain('secret');
  expect(dav.requests).toEqual([]);
});
