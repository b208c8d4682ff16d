import { describe, expect, it } from 'vitest';
import type { OutageKind } from '../../../src/domain/hosts/host-outage.js';
import {
  commonSince,
  type Heeding,
  heedingOf,
  isNewsOfEnd,
  isToldOf,
  toldNameOf,
} from '../../../src/domain/hosts/told-outage.js';
import type { ConnectionSettings, Credentials } from '../../../src/domain/model/space.js';

const NEVER = Number.NEGATIVE_INFINITY;
const none: Credentials = { type: 'none' };
const token = (tokenFile: string): Credentials => ({ type: 'bearer', tokenFile, tokenVersion: '1' });
const connection = (more: Partial<ConnectionSettings>): ConnectionSettings => ({
  ...{ headers: {}, tls: null, proxy: null },
  ...more,
});

describe('an outage that another crawler tells', () => {
  it.each<[OutageKind, number, boolean, number, Heeding]>([
    ['maintenance', 100, false, NEVER, 'believe'],
    ['busy', 100, false, NEVER, 'believe'],
    ['silent', 100, false, NEVER, 'ask'],
    // The storage answered here since.
    ['maintenance', 100, false, 100, 'contradict'],
    ['busy', 100, false, 101, 'contradict'],
    ['silent', 100, false, 100, 'contradict'],
    ['silent', 100, false, 5_000, 'contradict'],
    // It answered before.
    ['maintenance', 100, false, 99, 'believe'],
    ['silent', 100, false, 99, 'ask'],
    // It is known here already.
    ['maintenance', 100, true, NEVER, 'nothing'],
    ['silent', 100, true, NEVER, 'nothing'],
  ])(
    'of kind %s since %i, where it is down: %s, and answered at %i: %s',
    (kind, since, isDown, answeredAt, heeding) => {
      expect(heedingOf({ kind, since }, { isDown, answeredAt })).toBe(heeding);
    },
  );

  it.each<[string, number, readonly number[], number, number]>([
    ['as long as it was met here', 100, [], NEVER, 100],
    ['as long as the first has met it', 100, [70, 90], NEVER, 70],
    ['no longer if others have met it later', 100, [120], NEVER, 100],
    ['no longer than since the last answer here', 100, [10, 60], 50, 60],
  ])('lasts %s', (_, since, told, answeredAt, common) => {
    expect(commonSince(since, told, answeredAt)).toBe(common);
  });

  it.each<[string[], string[], boolean]>([
    [[], [], false],
    [[], ['a'], false],
    [['a'], ['a', 'b'], false],
    [['a'], [], true],
    [['a', 'b'], ['b'], true],
    [['a'], ['b'], true],
  ])('may be over if it was told by %j and is told by %j: %s', (before, now, isEnd) => {
    expect(isNewsOfEnd(new Set(before), new Set(now))).toBe(isEnd);
  });

  it.each<[string, OutageKind, Credentials, ConnectionSettings, string]>([
    ['its host', 'silent', none, connection({}), 'https://h'],
    [
      'its proxy',
      'busy',
      none,
      connection({ proxy: { url: 'http://p:3128', credentials: null } }),
      'https://h by http://p:3128',
    ],
    [
      'the file of a token, if it may lie there',
      'silent',
      token('/etc/token'),
      connection({}),
      'https://h with /etc/token',
    ],
    ['its host, if that has spoken', 'maintenance', token('/etc/token'), connection({}), 'https://h'],
  ])('is named after %s', (_, kind, auth, its, name) => {
    expect(toldNameOf(kind, { url: 'https://h/jm/', auth, connection: its })).toBe(name);
  });

  it('is named without anything secret', () => {
    const auth: Credentials = { type: 'basic', username: 'svc', password: 's3cret' };
    const its = connection({
      headers: { 'X-Key': 's3cret' },
      proxy: { url: 'http://p:3128', credentials: { username: 'u', password: 's3cret' } },
    });
    expect(toldNameOf('silent', { url: 'https://h/s3cret/', auth, connection: its })).toBe(
      'https://h by http://p:3128',
    );
  });

  it.each<[OutageKind, Credentials, number, boolean]>([
    ['silent', none, 1, true],
    ['silent', token('/etc/token'), 2, true],
    ['silent', token('/etc/token'), 1, false],
    ['busy', token('/etc/token'), 1, true],
  ])('is told if it is %s, by credentials %j of %i spaces: %s', (kind, auth, spaces, isTold) => {
    expect(isToldOf(kind, { auth }, spaces)).toBe(isTold);
  });
});
