import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../../src/webdav/failure/challenge.js';

/** As plain data: scheme and parameters. */
const read = (...headers: string[]) =>
  parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('the challenges of a 401', () => {
  test.for<[what: string, header: string, challenges: unknown]>([
    ['one', 'Basic realm="spaces"', [['basic', { realm: 'spaces' }]]],
    [
      'two in one header',
      'Digest realm="a, b", nonce="n==", qop="auth,auth-int", Basic realm="c"',
      [
        ['digest', { realm: 'a, b', nonce: 'n==', qop: 'auth,auth-int' }],
        ['basic', { realm: 'c' }],
      ],
    ],
    [
      'with opaque texts instead of parameters',
      'Negotiate, NTLM TlRMTVNTUAAC==, Basic realm="c"',
      [
        ['negotiate', {}],
        ['ntlm', {}],
        ['basic', { realm: 'c' }],
      ],
    ],
    [
      'with quotes and backslashes that are escaped',
      'Basic realm="the \\"big\\" one \\\\ other"',
      [['basic', { realm: 'the "big" one \\ other' }]],
    ],
    [
      'written freely',
      ' ,dIGEST\tREALM = "x" ,, Nonce=abc , stale="TRUE"',
      [['digest', { realm: 'x', nonce: 'abc', stale: 'TRUE' }]],
    ],
    ['of which the first counts where one stands twice', 'Basic realm="a", realm="b"', [['basic', { realm: 'a' }]]],
    ['with an empty text', 'Digest realm="", nonce="n"', [['digest', { realm: '', nonce: 'n' }]]],
    [
      'up to what can not be read',
      'Basic realm="a", Digest realm="open',
      [
        ['basic', { realm: 'a' }],
        ['digest', {}],
      ],
    ],
    ['none', '', []],
    ['none in nonsense', '"Digest"', []],
  ])('are %s', ([, header, challenges]) => {
    expect(read(header)).toEqual(challenges);
  });

  test('come from every header, also behind one that can not be read', () => {
    expect(read('Digest realm="open', 'Basic realm="a"', 'Bearer')).toEqual([
      ['digest', {}],
      ['basic', { realm: 'a' }],
      ['bearer', {}],
    ]);
  });
});
