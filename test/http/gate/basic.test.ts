import { describe, expect, it } from 'vitest';
import { readBasic } from '../../../src/http/gate/basic.js';

const basic = (text: string, encoding: BufferEncoding = 'utf8') =>
  `Basic ${Buffer.from(text, encoding).toString('base64')}`;

describe('Basic credentials', () => {
  it.each([
    [basic('jm:secret'), 'jm', 'secret'],
    [basic('jm:se:cr:et'), 'jm', 'se:cr:et'],
    [basic('jm:'), 'jm', ''],
    [basic(':secret'), '', 'secret'],
    [basic('jürgen:schlüssel'), 'jürgen', 'schlüssel'],
    [basic('jürgen:schlüssel', 'latin1'), 'jürgen', 'schlüssel'],
    [basic('jm:\ufeffx'), 'jm', '\ufeffx'],
    [basic('jm:secret').replace('Basic ', 'bASIC   '), 'jm', 'secret'],
  ])('of %s are those of %s', (header, user, password) => expect(readBasic(header)).toEqual({ user, password }));

  it.each([undefined, '', 'Basic', 'Basic ', basic('jm'), 'Bearer am06', 'Basic am06 am06', 'Basic ???'])(
    'are not in %j',
    (header) => expect(readBasic(header)).toBeNull(),
  );
});
