import { describe, expect, test } from 'vitest';
import { createCookieJar } from '../../../src/webdav/auth/cookies.js';

const NOW = Date.UTC(2026, 10, 23);
const ORIGIN = 'https://cloud.example.org:8443';

/** What is sent for a path after an answer to `/dav/jm/` has set this. */
function sentAfter(setCookies: readonly string[], path = '/dav/jm/a/', origin = ORIGIN): string | null {
  const jar = createCookieJar(origin, () => NOW);
  jar.take(setCookies, '/dav/jm/');
  return jar.headerFor(path);
}

test.for([
  ['as it is', ['a=b'], 'a=b'],
  ['with an empty value, blanks and signs in it', ['a=; path=/', 'b="x y=z"; Path=/'], 'a=; b="x y=z"'],
  ['that of a longer path first', ['a=1; path=/', 'b=2; path=/dav/jm', 'c=3; path=/dav'], 'b=2; c=3; a=1'],
  ['the latest of the same name and path', ['a=1; path=/', 'a=2; path=/'], 'a=2'],
  ['for its own host', ['a=1; domain=cloud.example.org'], 'a=1'],
  ['for a host above', ['a=1; Domain=.Example.ORG'], 'a=1'],
  ['over TLS', ['a=1; Secure; HttpOnly; SameSite=Strict'], 'a=1'],
  ['before its end', ['a=1; Max-Age=60', 'b=1; expires=Mon, 23-Nov-2026 20:00:00 GMT'], 'a=1; b=1'],
  ['whose end can’t be read', ['a=1; max-age=soon; expires=tomorrow'], 'a=1'],
  ['whose path is none', ['a=1; path=dav'], 'a=1'],
] as const)('a cookie is sent back %s', ([, setCookies, header]) => {
  expect(sentAfter(setCookies)).toBe(header);
});

test.for([
  ['no name', ['=b', 'b', '']],
  ['a control', ['a=b\u0001', 'a\u0007=b']],
  ['a wide character', ['a=ü', 'a=\u4eee']],
  ['another host', ['a=1; domain=example.com', 'a=1; domain=x.cloud.example.org', 'a=1; domain=ample.org']],
  ['another path', ['a=1; path=/dav/jmx', 'a=1; path=/dav/jm/a/b', 'a=1; path=/other']],
  ['an end that has come', ['a=1; max-age=0', 'a=1; max-age=-5', 'a=1; expires=Thu, 01 Jan 1970 00:00:00 GMT']],
  ['too much', [`a=${'x'.repeat(4_097)}`]],
] as const)('a cookie with %s is not sent', ([, setCookies]) => {
  for (const setCookie of setCookies) expect(sentAfter([setCookie])).toBeNull();
});

test.for([
  ['/dav/jm/', '/dav/jm'],
  ['/dav', '/'],
  ['/', '/'],
] as const)('a cookie from %s without a path goes to %s and below', ([from, path]) => {
  const jar = createCookieJar(ORIGIN, () => NOW);
  jar.take(['a=1'], from);
  expect(jar.headerFor(path)).toBe('a=1');
  expect(jar.headerFor(`${path === '/' ? '' : path}/x`)).toBe('a=1');
  if (path !== '/') expect(jar.headerFor('/')).toBeNull();
});

describe('a jar', () => {
  test('sends nothing in the clear that is for TLS', () => {
    expect(sentAfter(['a=1; secure', 'b=2'], '/dav/jm/', 'http://cloud.example.org')).toBe('b=2');
  });

  test('forgets what has come to its end, and what is taken back', () => {
    let now = NOW;
    const jar = createCookieJar(ORIGIN, () => now);
    jar.take(['a=1; max-age=60; path=/', 'b=2; path=/'], '/');
    expect(jar.take(['b=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT'], '/')).toBe(0);
    expect(jar.headerFor('/')).toBe('a=1');
    now += 60_000;
    expect(jar.headerFor('/')).toBeNull();
  });

  test('is bounded in number and size, the oldest go', () => {
    const jar = createCookieJar(ORIGIN, () => NOW);
    jar.take(
      Array.from({ length: 1_000 }, (_, n) => `c${n}=1; path=/`),
      '/',
    );
    expect(jar.headerFor('/')?.split('; ')).toEqual(Array.from({ length: 32 }, (_, n) => `c${968 + n}=1`));
    jar.take(
      Array.from({ length: 32 }, (_, n) => `l${n}=${'x'.repeat(1_000)}; path=/`),
      '/',
    );
    expect(jar.headerFor('/')?.length).toBeLessThanOrEqual(7_168);
  });
});
