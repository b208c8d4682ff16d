import { describe, expect, test } from 'vitest';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import type { Credentials } from '../../src/domain/model/space.js';
import { createDigestRealm } from '../support/digest-realm.js';
import { type ScriptedRequest, startScriptedServer } from '../support/servers/scripted-server.js';
import { createTestWebdav, failureOf, IMAGES, NEVER, openAt } from './open-store.js';

const COMPLETE = { complete: true };
const ACCOUNT = { username: 'jm', password: 'geheim-1' };
const cookieOf = ({ headers }: ScriptedRequest) => headers.cookie ?? null;
/** Makes a session for whoever brings none. */
const startSessions = () => {
  let sessions = 0;
  return startScriptedServer((request) =>
    cookieOf(request) === null
      ? { status: 207, headers: { 'Set-Cookie': [`session=${++sessions}; path=/; HttpOnly`, 'lang=de; path=/'] } }
      : null,
  );
};

describe('cookies', () => {
  test.for<[string, Credentials]>([
    ['Basic', { type: 'basic', ...ACCOUNT }],
    ['a token', { type: 'bearer', token: 'token-1' }],
    ['nothing', { type: 'none' }],
  ])('are sent back with %s', async ([, auth]) => {
    const { url, requests } = await startSessions();
    const store = openAt(url, { auth });
    for (let n = 0; n < 3; n++) await store.list(ROOT, NEVER);
    expect(requests.map(cookieOf)).toEqual([null, 'session=1; lang=de', 'session=1; lang=de']);
  });

  test('of a challenge are sent back with its answer (Digest)', async () => {
    const realm = createDigestRealm(ACCOUNT.username, ACCOUNT.password);
    const { url, requests } = await startScriptedServer((request) => {
      const answer = realm.answer(request);
      const isChallenge = answer?.status === 401;
      return isChallenge ? { ...answer, headers: { ...answer.headers, 'Set-Cookie': 'node=b; path=/' } } : answer;
    });
    const store = openAt(url, { auth: { type: 'digest', ...ACCOUNT } });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(requests.map(cookieOf)).toEqual([null, 'node=b']);
  });

  test('stand behind those that the configuration sends', async () => {
    const { url, requests } = await startScriptedServer(() => ({ status: 207, headers: { 'Set-Cookie': 'a=1' } }));
    const store = openAt(url, { connection: { headers: { cookie: 'gate=open' }, tls: null, proxy: null } });
    for (let n = 0; n < 2; n++) await store.list(ROOT, NEVER);
    expect(requests.map(cookieOf)).toEqual(['gate=open', 'gate=open; a=1']);
  });

  test('are kept from store to store for the same origin and credentials, and for nobody else', async () => {
    const [first, second] = [await startSessions(), await startSessions()];
    const webdav = createTestWebdav({ keepsCookies: true });
    const ask = async (url: string, password: string, headers = {}) =>
      await openAt(url, {
        webdav,
        auth: { type: 'basic', username: 'jm', password },
        connection: { headers, tls: null, proxy: null },
      }).list(ROOT, NEVER);
    await ask(first.url, 'one');
    await ask(`${first.url}below/`, 'one');
    await ask(first.url, 'two');
    await ask(first.url, 'one', { 'X-Tenant': 'b' });
    await ask(second.url, 'one');
    await webdav.describe({ url: first.url, auth: { type: 'basic', username: 'jm', password: 'one' } }, NEVER);
    expect(first.requests.map(cookieOf)).toEqual([null, 'session=1; lang=de', null, null, null]);
    expect(second.requests.map(cookieOf)).toEqual([null]);
  });

  test('end with their store where nothing else is said', async () => {
    const { url, requests } = await startSessions();
    const webdav = createTestWebdav();
    for (let n = 0; n < 2; n++) await openAt(url, { webdav }).list(ROOT, NEVER);
    expect(requests.map(cookieOf)).toEqual([null, null]);
  });

  test('is no reason to try refused ones twice again, once it has hidden none', async () => {
    const statuses = [207];
    const { url, requests } = await startScriptedServer(() => ({
      status: statuses.shift() ?? 401,
      headers: { 'Set-Cookie': 'session=1; path=/' },
    }));
    const store = openAt(url, { auth: { type: 'basic', ...ACCOUNT } });
    await store.list(ROOT, NEVER);
    for (let n = 0; n < 2; n++) expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('unauthorized');
    expect(requests.map(cookieOf)).toEqual([null, 'session=1', null, null]);
  });
});

describe('a session that has ended', () => {
  test('hides no good credentials: they are sent again without it, once', async () => {
    const { url, requests } = await startScriptedServer((request) => {
      if (cookieOf(request) !== null) return { status: 401 };
      return { status: 207, headers: { 'Set-Cookie': 'session=1; path=/' } };
    });
    const store = openAt(url, { auth: { type: 'basic', ...ACCOUNT } });
    await store.list(ROOT, NEVER);
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(requests.map(cookieOf)).toEqual([null, 'session=1', null]);
  });

  test('is no reason to try refused ones twice', async () => {
    const { url, requests } = await startScriptedServer(() => ({
      status: 401,
      headers: { 'Set-Cookie': 'session=1; path=/' },
    }));
    const store = openAt(url, { auth: { type: 'basic', ...ACCOUNT } });
    for (let n = 0; n < 2; n++) expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('unauthorized');
    expect(requests.map(cookieOf)).toEqual([null, null]);
  });
});

describe('a gate that answers a redirect to the same URL', () => {
  test.for([301, 302, 307, 308])('with %i and a cookie is passed', async (status) => {
    const { url, requests } = await startScriptedServer((request) =>
      cookieOf(request) === null
        ? { status, headers: { 'Set-Cookie': 'passed=1; path=/', Location: request.target } }
        : null,
    );
    const store = openAt(url, {});
    for (const collection of [ROOT, IMAGES, 'ä (b)' as ResourcePath]) {
      expect((await store.list(collection, NEVER)).verdict).toEqual(COMPLETE);
    }
    expect(requests).toHaveLength(4);
  });

  test.for([
    ['for ever', { 'Set-Cookie': 'passed=1; path=/', Location: '/' }, 2],
    ['without a cookie', { Location: '/' }, 1],
    ['with a cookie of another host', { 'Set-Cookie': 'passed=1; domain=example.org', Location: '/' }, 1],
    ['with a cookie, to another host', { 'Set-Cookie': 'passed=1', Location: 'http://example.org/' }, 1],
  ] as const)('%s is none', async ([, headers, sent]) => {
    const { url, requests } = await startScriptedServer(() => ({ status: 307, headers }));
    expect(failureOf(await openAt(url, {}).list(ROOT, NEVER)).failure).toBe('redirected');
    expect(requests).toHaveLength(sent);
  });
});
