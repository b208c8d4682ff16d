import { describe, expect, it } from 'vitest';
import { endsRunningSync } from '../../../src/domain/hosts/space-access.js';
import type { ConnectionSettings, SpaceSettings } from '../../../src/domain/model/space.js';

const basic = (password: string) => ({ type: 'basic', username: 'svc', password }) as const;
const tokenFile = (tokenVersion: string, file = '/etc/token') =>
  ({ type: 'bearer', tokenFile: file, tokenVersion }) as const;
const header = (value: string): ConnectionSettings => ({ headers: { 'X-Key': value }, tls: null, proxy: null });
const space: SpaceSettings = { user: 'jm', url: 'http://h/jm/', auth: basic('a'), watchDirectory: null };

describe('a running sync', () => {
  it.each<[string, Partial<SpaceSettings>, Partial<SpaceSettings> | null, boolean]>([
    ['goes on when nothing of its space changes', {}, {}, false],
    ['goes on when its folder is watched', {}, { watchDirectory: '/srv' }, false],
    ['goes on when its token is renewed in its file', { auth: tokenFile('1') }, { auth: tokenFile('2') }, false],
    ['ends when its token lies elsewhere', { auth: tokenFile('1') }, { auth: tokenFile('1', '/other') }, true],
    ['ends when its password changes', {}, { auth: basic('b') }, true],
    ['ends when it is asked by nobody', {}, { auth: { type: 'none' } }, true],
    ['ends when a header changes', { connection: header('1') }, { connection: header('2') }, true],
    ['ends when its space lies elsewhere', {}, { url: 'http://h/other/' }, true],
    ['ends when its space is gone', {}, null, true],
  ])('%s', (_, before, now, ends) => {
    expect(endsRunningSync({ ...space, ...before }, now === null ? undefined : { ...space, ...now })).toBe(ends);
  });
});
