import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestAuthorization, nextNonceOf, strongestDigest } from '../../../src/webdav/auth/digest.js';

/** The answer to a challenge in a header, as plain data. */
function answerTo(
  header: string,
  account: { username: string; password: string },
  use: { cnonce: string; count?: number; method?: string; uri?: string },
) {
  const challenge = strongestDigest([header]);
  if (challenge === null) throw new Error('no challenge that can be answered');
  const { cnonce, count = 1, method = 'GET', uri = '/dir/index.html' } = use;
  return digestAuthorization({ challenge, cnonce, count }, { method, uri }, account);
}

const responseIn = (authorization: string) => /response="([0-9a-f]+)"/.exec(authorization)?.[1];

describe('the answer to a challenge', () => {
  const rfc7616 = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
  const mufasa = { username: 'Mufasa', password: 'Circle of Life' };
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

  test.for([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('with %s is the one of RFC 7616 3.9.1', ([algorithm, response]) => {
    expect(answerTo(rfc7616(algorithm), mufasa, { cnonce })).toBe(
      [
        'Digest username="Mufasa"',
        'realm="http-auth@example.org"',
        'uri="/dir/index.html"',
        `algorithm=${algorithm}`,
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
        'nc=00000001',
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"',
        'qop=auth',
        `response="${response}"`,
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
      ].join(', '),
    );
  });

  test('is the one of RFC 2617 3.5 where the server names no algorithm', () => {
    const header =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    const answer = answerTo(header, { username: 'Mufasa', password: 'Circle Of Life' }, { cnonce: '0a4f113b' });
    expect(responseIn(answer)).toBe('6629fae49393a05397450978507c4ef1');
    expect(answer).not.toContain('algorithm');
  });

  test('is the one of RFC 2069 (with its erratum) where the server offers no qop', () => {
    const header = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
    const answer = answerTo(header, { username: 'Mufasa', password: 'CircleOfLife' }, { cnonce: 'unused' });
    expect(responseIn(answer)).toBe('1949323746fe6a43ef61f9606e7febea');
    expect(answer).not.toMatch(/qop|nc=|cnonce/);
  });

  test.for([
    ['MD5-sess', 'md5'],
    ['SHA-256-sess', 'sha256'],
  ] as const)('with %s derives the key from both nonces', ([algorithm, hash]) => {
    const h = (text: string) => createHash(hash).update(text).digest('hex');
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
    const key = h(`${h('Mufasa:http-auth@example.org:Circle of Life')}:${nonce}:${cnonce}`);
    expect(responseIn(answerTo(rfc7616(algorithm), mufasa, { cnonce, count: 0x1f }))).toBe(
      h(`${key}:${nonce}:0000001f:${cnonce}:auth:${h('GET:/dir/index.html')}`),
    );
  });

  test('hides the user name where the server wants that (RFC 7616 3.4.4)', () => {
    const answer = answerTo(`${rfc7616('SHA-256')}, userhash=true`, mufasa, { cnonce });
    expect(answer).toContain(`username="${createHash('sha256').update('Mufasa:http-auth@example.org').digest('hex')}"`);
    expect(answer).toContain('userhash=true');
    expect(responseIn(answer)).toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
  });

  test('sends UTF-8 and escapes quotes, but hashes the plain texts', () => {
    const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest('hex');
    const answer = answerTo(
      'Digest realm="a \\"b\\"", nonce="n"',
      { username: 'jä "x" \\', password: 'geheim-ü' },
      { cnonce: 'c', method: 'PROPFIND', uri: '/j%C3%A4/' },
    );
    expect(Buffer.from(answer, 'latin1').toString('utf8')).toContain(
      'username="jä \\"x\\" \\\\", realm="a \\"b\\"", uri="/j%C3%A4/"',
    );
    expect(responseIn(answer)).toBe(md5(`${md5('jä "x" \\:a "b":geheim-ü')}:n:${md5('PROPFIND:/j%C3%A4/')}`));
  });
});

describe('of several challenges', () => {
  const chosen = (...headers: string[]) => strongestDigest(headers)?.nonce ?? null;

  test.for<[what: string, headers: string[], nonce: string | null]>([
    ['SHA-256 is taken', ['Digest realm="r", nonce="1"', 'Digest realm="r", nonce="2", algorithm="SHA-256"'], '2'],
    [
      'its session form too',
      ['Digest realm="r", nonce="1", algorithm=MD5, Digest realm="r", nonce="2", algorithm=sha-256-SESS'],
      '2',
    ],
    ['the first is taken where they are equal', ['Digest realm="r", nonce="1"', 'Digest realm="r", nonce="2"'], '1'],
    [
      'unknown algorithms are left out',
      ['Digest realm="r", nonce="1", algorithm=SHA-512-256', 'Digest realm="r", nonce="2"'],
      '2',
    ],
    ['one with nothing but auth-int is left out', ['Digest realm="r", nonce="1", qop="auth-int"'], null],
    ['one without a nonce is left out', ['Digest realm="r"'], null],
    ['one without a realm is left out', ['Digest nonce="1"'], null],
    ['other schemes are left out', ['Basic realm="r", Negotiate'], null],
  ])('%s', ([, headers, nonce]) => {
    expect(chosen(...headers)).toBe(nonce);
  });

  test('an empty qop counts as none', () => {
    expect(strongestDigest(['Digest realm="r", nonce="1", qop=""'])).toMatchObject({ hasQop: false });
  });

  test('stale is read in any case', () => {
    expect(strongestDigest(['Digest realm="r", nonce="1", stale=TRUE'])).toMatchObject({ isStale: true });
    expect(strongestDigest(['Digest realm="r", nonce="1", stale="false"'])).toMatchObject({ isStale: false });
  });
});

test.for([
  ['qop=auth, rspauth="x", cnonce="c", nc=00000001, nextnonce="n+1"', 'n+1'],
  ['nextnonce=abc', 'abc'],
  ['rspauth="x"', null],
  [null, null],
] as const)('Authentication-Info %j brings the nonce %j', ([header, nonce]) => {
  expect(nextNonceOf(header)).toBe(nonce);
});
