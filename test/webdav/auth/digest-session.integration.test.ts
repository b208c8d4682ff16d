import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import type { RemoteStore } from '../../../src/domain/ports/remote-store.js';
import { createDigestRealm, type DigestRealmOptions } from '../../support/digest-realm.js';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  startScriptedServer,
} from '../../support/servers/scripted-server.js';
import { sizeOf } from '../../support/thorough.js';
import { createTestWebdav, failureOf, NEVER, openAt } from '../open-store.js';

const ACCOUNT = { username: 'jä "m"', password: 'geheim-ü' };
const COMPLETE = { complete: true };
/** Listings that are asked for at once. */
const MANY = sizeOf(200, 80);

/** A storage that is asked with Digest, 16 requests at once. */
async function openRealm(
  options: DigestRealmOptions & { inner?: (request: ScriptedRequest) => ScriptedAnswer | null } = {},
  password = ACCOUNT.password,
) {
  const realm = createDigestRealm(ACCOUNT.username, ACCOUNT.password, options);
  const server = await startScriptedServer(async (request) => {
    await setImmediate(); // others arrive in the meantime
    return realm.answer(request, options.inner?.(request) ?? null);
  });
  const webdav = createTestWebdav({ requestsPerHost: 16 });
  const store = openAt(server.url, { webdav, auth: { type: 'digest', ...ACCOUNT, password } });
  return { realm, server, store };
}

const listMany = (store: RemoteStore, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => store.list(`c ${i}` as ResourcePath, NEVER)));
const verdictsOf = async (listings: ReturnType<typeof listMany>) =>
  new Set((await listings).map(({ verdict }) => (verdict.complete ? 'complete' : verdict.detail)));

describe('a space with Digest', () => {
  test.for<[what: string, options: DigestRealmOptions]>([
    ['MD5', {}],
    ['MD5-sess', { algorithm: 'MD5-sess' }],
    ['SHA-256', { algorithm: 'SHA-256' }],
    ['SHA-256-sess', { algorithm: 'SHA-256-sess' }],
    ['RFC 2069', { withoutQop: true }],
    ['a hashed user name', { hashesUsername: true, algorithm: 'SHA-256' }],
    ['other offers in front', { otherChallenges: ['Negotiate', 'Basic realm="x"'] }],
  ])('is listed with %s', async ([, options]) => {
    const { realm, store } = await openRealm(options);
    expect(await verdictsOf(listMany(store, 8))).toEqual(new Set(['complete']));
    expect(realm.seen).toEqual({ good: 8, without: 1, stale: 0, wrong: 0, replayed: 0 });
  });

  test('sends a weaker answer only where there is no stronger challenge', async () => {
    const { server, store } = await openRealm({
      algorithm: 'SHA-256',
      otherChallenges: ['Digest realm="r", nonce="weak", algorithm=MD5'],
    });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(server.requests.at(-1)?.headers.authorization).toMatch(/algorithm=SHA-256,/);
  });

  test('shares a nonce among parallel requests, and no count is sent twice', async () => {
    const { server, store } = await openRealm();
    await listMany(store, 40);
    const sent = server.requests.flatMap(({ headers }) => headers.authorization ?? []);
    const counts = sent.map((header) => Number.parseInt(/nc=(\w+)/.exec(header)?.[1] ?? '', 16));
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(sent.map((header) => /[ ,]nonce="([^"]+)"/.exec(header)?.[1])).size).toBe(1);
  });

  test('asks one request for the challenge while the others wait', async () => {
    const { server, store } = await openRealm();
    await listMany(store, 16);
    expect(server.requests.filter(({ headers }) => headers.authorization === undefined)).toHaveLength(1);
  });

  test('stops waiting for another request when it is aborted', async () => {
    const server = await startScriptedServer(() => new Promise(() => undefined));
    const store = openAt(server.url, { auth: { type: 'digest', ...ACCOUNT } });
    const [first, second] = [new AbortController(), new AbortController()];
    const trying = expect(store.list(ROOT, first.signal)).rejects.toThrow('first');
    const waiting = expect(store.list(ROOT, second.signal)).rejects.toThrow('second');
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    second.abort(new Error('second'));
    await waiting;
    first.abort(new Error('first'));
    await trying;
    expect(server.requests).toHaveLength(1);
  });

  test('is listed where the server asks for nothing', async () => {
    const server = await startScriptedServer(() => null);
    const store = openAt(server.url, { auth: { type: 'digest', ...ACCOUNT } });
    expect(await verdictsOf(listMany(store, 8))).toEqual(new Set(['complete']));
    expect(server.requests).toHaveLength(8);
  });
});

describe('a nonce that expires in the middle of a crawl', () => {
  test.for<[what: string, options: DigestRealmOptions]>([
    ['after every request', { usesPerNonce: 1 }],
    ['after three requests', { usesPerNonce: 3 }],
    ['after three requests, without a word', { usesPerNonce: 3, saysStale: false }],
    ['after every request, without a word', { usesPerNonce: 1, saysStale: false }],
    ['after every request, with the next one told', { usesPerNonce: 1, tellsNextNonce: true }],
    ['after forty requests', { usesPerNonce: 40, algorithm: 'SHA-256-sess' }],
  ])('%s loses none of many parallel listings', async ([, options]) => {
    const { realm, store } = await openRealm(options);
    expect(await verdictsOf(listMany(store, MANY))).toEqual(new Set(['complete']));
    expect(realm.seen).toMatchObject({ good: MANY, wrong: 0, replayed: 0 });
    // Each listing is sent again once, now and then twice: no storm.
    expect(realm.seen.stale).toBeLessThan(1.5 * MANY);
  });

  test('is replaced by the one that an answer brings', async () => {
    const { realm, server, store } = await openRealm({ usesPerNonce: 1, tellsNextNonce: true });
    for (let i = 0; i < 5; i++) expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(realm.seen).toMatchObject({ good: 5, without: 1, stale: 0 });
    expect(server.requests.at(-1)?.headers.authorization).toContain('nc=00000001');
  });

  test('is no refusal, however often it happens in a row', async () => {
    const server = await startScriptedServer(() => ({
      status: 401,
      headers: { 'WWW-Authenticate': `Digest realm="r", nonce="${server.requests.length}", stale=true` },
    }));
    const store = openAt(server.url, { auth: { type: 'digest', ...ACCOUNT } });
    const { failure, detail } = failureOf(await store.list(ROOT, NEVER));
    expect(failure).toBe('unreachable');
    expect(detail).toContain('nonces in a row stale');
  });
});

describe('a wrong password', () => {
  test('is tried once, however many requests are waiting', async () => {
    const { realm, store } = await openRealm({}, 'wrong-1');
    const listings = await listMany(store, 16);
    expect(new Set(listings.map((listing) => failureOf(listing).failure))).toEqual(new Set(['unauthorized']));
    expect(failureOf(listings[0] as never).detail).not.toMatch(/wrong-1|jä/);
    expect(realm.seen).toEqual({ good: 0, without: 1, stale: 0, wrong: 1, replayed: 0 });
  });

  test('since the middle of a crawl is tried again by one request, not by each', async () => {
    const { realm, store } = await openRealm();
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    realm.setPassword('changed');
    const listings = await listMany(store, 16);
    expect(new Set(listings.map((listing) => failureOf(listing).failure))).toEqual(new Set(['unauthorized']));
    // Those that were on their way, and the one that made sure.
    expect(realm.seen.wrong).toBeLessThanOrEqual(17);
  });

  test('for one folder only takes nothing from the others', async () => {
    const { realm, store } = await openRealm({
      inner: ({ target }) => (target.startsWith('/private') ? realm.refuse() : null),
    });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    for (let n = 0; n < 2; n++) {
      expect(failureOf(await store.list('private' as ResourcePath, NEVER)).failure).toBe('unauthorized');
      expect((await store.list(`public ${n}` as ResourcePath, NEVER)).verdict).toEqual(COMPLETE);
    }
  });

  test('with the same nonce in the next 401 is not tried again', async () => {
    const server = await startScriptedServer(() => ({
      status: 401,
      headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="always the same"' },
    }));
    const store = openAt(server.url, { auth: { type: 'digest', ...ACCOUNT } });
    expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('unauthorized');
    expect(server.requests).toHaveLength(2);
  });

  test('is no matter where the server offers no Digest that is known', async () => {
    const server = await startScriptedServer(() => ({
      status: 401,
      headers: {
        'WWW-Authenticate': [
          'Negotiate',
          'Basic realm="secret-realm"',
          'Digest realm="r", nonce="n", algorithm=SHA-512',
        ],
      },
    }));
    const store = openAt(server.url, { auth: { type: 'digest', ...ACCOUNT } });
    const { failure, detail } = failureOf(await store.list(ROOT, NEVER));
    expect(failure).toBe('unauthorized');
    expect(detail).toContain('answered 401 Unauthorized and asks for negotiate, basic, digest; expected');
    expect(server.requests).toHaveLength(1);
  });
});
