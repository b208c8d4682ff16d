import { describe, expect, it } from 'vitest';
import { credentialsFrom } from '../../../src/http/gate/authenticate.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the token of an Authorization header', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bEARER   abc', 'abc'],
    [basic('abc:'), 'abc'],
    [basic('abc:').replace('Basic', 'bAsIc'), 'abc'],
    [basic('jm:abc'), 'abc'],
    [basic(':abc'), 'abc'],
    [basic('x:a:b'), 'a:b'],
  ])('of %j is %j', (header, token) => expect(credentialsFrom(header)).toEqual({ kind: 'token', token }));

  it.each([undefined, '', 'Bearer', 'Digest username="jm", realm="x"', 'abc', basic('abc'), basic(':'), 'Basic ???'])(
    'of %j is none',
    (header) => expect(credentialsFrom(header)).toEqual({ kind: 'none' }),
  );

  it.each([
    'Bearer a, Bearer a',
    'Bearer a,Bearer b',
    `Bearer a, ${basic('b:')}`,
    `${basic('a:')}, ${basic('a:')}`,
    'Digest username="jm", Bearer a',
  ])('of %j is one too many', (header) => expect(credentialsFrom(header)).toEqual({ kind: 'several' }));
});
