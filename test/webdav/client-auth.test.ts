import { describe, expect, test } from 'vitest';
import { ROOT } from '../../src/domain/path.js';
import { failureOf, NEVER, openStore } from './open-store.js';

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

test('no credentials send no header', async () => {
  const { dav, store } = await openStore();
  await store.list(ROOT, NEVER);
  expect(dav.requests[0]?.headers).not.toHaveProperty('authorization');
});

test('a redirect is not followed, and the credentials stay at home', async () => {
  const other = await openStore();
  const { dav, store } = await openStore({ auth: account }, {}, { type: 'basic', ...account });
  dav.fault('', { redirect: other.dav.url });
  const failure = failureOf(await store.list(ROOT, NEVER));
  expect(failure.failure).toBe('redirected');
  expect(failure.detail).toContain(other.dav.url);
  expect(other.dav.requests).toEqual([]);
});

test('an unusable token fails the listing without showing itself', async () => {
  const { dav, store } = await openStore({}, {}, { type: 'bearer', token: 'line\nbreak-secret' });
  const failure = failureOf(await store.list(ROOT, NEVER));
  expect(failure.failure).toBe('unreachable');
  expect(failure.detail).not.toContain('secret');
  expect(dav.requests).toEqual([]);
});
