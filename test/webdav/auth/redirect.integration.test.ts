import { describe, expect, test } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { slashRedirect } from '../../../src/webdav/auth/redirect.js';
import type { DavAnswer } from '../../../src/webdav/transport/transport.js';
import { createDigestRealm } from '../../support/digest-realm.js';
import { type ScriptedRequest, startScriptedServer } from '../../support/servers/scripted-server.js';
import { failureOf, NEVER, openAt } from '../open-store.js';

const ASKED = 'https://dav.example.org:8443/home/j%C3%A4';
const redirect = (location: string | null, status = 301) =>
  slashRedirect(ASKED, { status, headers: { get: () => location } } as unknown as DavAnswer);

describe('a redirect', () => {
  test.for([
    [301, '/home/j%C3%A4/'],
    [302, '/home/j%C3%A4/'],
    [307, '/home/j%C3%A4/'],
    [308, 'https://dav.example.org:8443/home/j%C3%A4/'],
    [301, 'HTTPS://DAV.example.org:8443/home/j%c3%a4/'],
    [301, 'j%C3%A4/'],
  ] as const)('with %i to %s is followed, to the asked URL with a slash', ([status, location]) => {
    expect(redirect(location, status)).toBe(`${ASKED}/`);
  });

  test.for([
    ['to the clear', 'http://dav.example.org:8443/home/j%C3%A4/'],
    ['to another port', 'https://dav.example.org/home/j%C3%A4/'],
    ['to another host', 'https://evil.example.org:8443/home/j%C3%A4/'],
    ['to another host without a scheme', '//evil.example.org:8443/home/j%C3%A4/'],
    ['to another path', '/home/other/'],
    ['to itself', '/home/j%C3%A4'],
    ['with two slashes', '/home/j%C3%A4//'],
    ['with a query', '/home/j%C3%A4/?session=1'],
    ['with a fragment', '/home/j%C3%A4/#top'],
    ['with credentials', 'https://a:b@dav.example.org:8443/home/j%C3%A4/'],
    ['to nothing', null],
    ['to no URL', 'https://'],
  ] as const)('%s is refused', ([, location]) => {
    expect(redirect(location)).toBeNull();
  });

  test.for([200, 207, 300, 303, 304, 401])('is none with %i', (status) => {
    expect(redirect('/home/j%C3%A4/', status)).toBeNull();
  });
});

/** A server that has 400 for the name of a file with a slash, so that it is asked without. */
function startFussyServer(location: (request: ScriptedRequest) => string) {
  let slashes = 0;
  return startScriptedServer((request) => {
    if (!request.target.endsWith('/')) return { status: 301, headers: { Location: location(request) } };
    slashes++;
    return slashes === 1 ? { status: 400 } : null;
  });
}
const PATH = 'images' as ResourcePath;

describe('a request that is redirected', () => {
  test('to its own URL with a slash goes there', async () => {
    const { url, requests } = await startFussyServer(({ target }) => `${target}/`);
    const store = openAt(url, { auth: { type: 'basic', username: 'jm', password: 'secret' } });
    await store.probe(PATH, NEVER);
    expect(requests.map(({ target }) => target)).toEqual(['/images/', '/images', '/images/']);
    expect(requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
    expect(requests.at(-1)).toMatchObject({ method: 'PROPFIND', headers: { depth: '0' } });
  });

  test('signs the URL that it goes to', async () => {
    const realm = createDigestRealm('jm', 'geheim');
    let slashes = 0;
    const { url } = await startScriptedServer((request) => {
      const isPlain = !request.target.endsWith('/');
      const inner = isPlain ? { status: 301, headers: { Location: `${request.target}/` } } : null;
      const answer = realm.answer(request, inner);
      if (answer?.status === 401 || isPlain) return answer;
      slashes++;
      return slashes === 1 ? { status: 400 } : answer;
    });
    const store = openAt(url, { auth: { type: 'digest', username: 'jm', password: 'geheim' } });
    await store.probe(PATH, NEVER);
    expect(realm.seen).toEqual({ good: 3, without: 1, stale: 0, wrong: 0, replayed: 0 });
  });

  test('is redirected once at most, and never from a URL that has its slash', async () => {
    const { url, requests } = await startScriptedServer(({ target }) => {
      if (requests.length === 1) return { status: 400 };
      return { status: 301, headers: { Location: `${target}/` } };
    });
    expect((await openAt(url, {}).probe(PATH, NEVER)).presence).toBe('unknown');
    expect(requests.map(({ target }) => target)).toEqual(['/images/', '/images', '/images/']);
  });

  test('to another origin stays, and so do its credentials and headers', async () => {
    const other = await startScriptedServer(() => null);
    const { url, requests } = await startScriptedServer(({ target }) => ({
      status: 301,
      headers: { Location: `${other.url}${target.slice(1)}` },
    }));
    const store = openAt(url, {
      auth: { type: 'basic', username: 'jm', password: 'secret-1' },
      connection: { headers: { 'X-Api-Key': 'secret-2' }, tls: null, proxy: null },
    });
    const { failure, detail } = failureOf(await store.list(PATH, NEVER));
    expect(failure).toBe('redirected');
    expect(detail).toContain(other.url);
    expect(detail).not.toContain('secret');
    expect(requests).toHaveLength(1);
    expect(other.requests).toEqual([]);
  });
});
