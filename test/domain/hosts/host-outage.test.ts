import { describe, expect, it } from 'vitest';
import {
  isHostDown,
  isOver,
  isSilence,
  type OutageKind,
  outageOf,
  pauseBeforeProbe,
  wayTo,
} from '../../../src/domain/hosts/host-outage.js';
import type { ListingFailure } from '../../../src/domain/model/listing.js';
import type { ConnectionSettings, Credentials } from '../../../src/domain/model/space.js';

describe('a host', () => {
  it.each<[ListingFailure | null, boolean]>([
    ['unreachable', true],
    ['timeout', true],
    ['unauthorized', false],
    ['status', false],
    ['busy', false],
    ['malformed', false],
    ['maintenance', false],
    [null, false],
  ])('that is heard of by %s is silent: %s', (failure, silent) => {
    expect(isSilence(failure)).toBe(silent);
  });

  it.each<[number, ListingFailure, number, boolean]>([
    [1, 'unreachable', 1, true],
    [1, 'timeout', 1, true],
    [1, 'unreachable', 2, false],
    [2, 'unreachable', 2, true],
    [1, 'unreachable', 5_000, false],
    [2, 'unreachable', 5_000, true],
    [4, 'timeout', 5_000, false],
    [5, 'timeout', 5_000, true],
    [2, 'timeout', 2, true],
    [1, 'busy', 2, false],
    [2, 'busy', 5_000, true],
    [1, 'maintenance', 5_000, true],
    [1, 'unreachable', 0, true], // a discovery's, before it has found anybody
  ])('with %i silent spaces (%s) of %i is down: %s', (silent, failure, all, down) => {
    expect(isHostDown(failure, silent, all)).toBe(down);
  });

  it('is asked again more and more seldom, and once a minute at least', () => {
    const pauses = (kind: OutageKind) => [1, 2, 3, 4, 5, 50].map((attempt) => pauseBeforeProbe(attempt, kind));
    for (const kind of ['silent', 'busy'] as const) {
      expect(pauses(kind)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    }
    expect(new Set(pauses('maintenance'))).toEqual(new Set([60_000]));
  });

  it.each<[ListingFailure | null, OutageKind | null, boolean, boolean, boolean]>([
    [null, null, true, true, true],
    ['unreachable', 'silent', false, false, false],
    ['timeout', 'silent', false, false, false],
    ['busy', 'busy', true, false, false],
    ['maintenance', 'maintenance', true, false, false],
    ['unauthorized', null, true, true, true],
    ['status', null, true, true, true],
  ])(
    'that is heard of by %s is out of order: %s; a silence, a refusal, a maintenance is over: %s, %s, %s',
    (...row) => {
      const [failure, kind, ...over] = row;
      expect(outageOf(failure)).toBe(kind);
      expect((['silent', 'busy', 'maintenance'] as const).map((each) => isOver(each, failure))).toEqual(over);
    },
  );

  const none: Credentials = { type: 'none' };
  const basic: Credentials = { type: 'basic', username: 'svc', password: 'a' };
  const file = (tokenFile: string): Credentials => ({ type: 'bearer', tokenFile, tokenVersion: '1' });
  const through = (url: string): ConnectionSettings => ({ headers: {}, tls: null, proxy: { url, credentials: null } });
  it.each<[string, { url: string; auth: Credentials; connection?: ConnectionSettings }, boolean]>([
    ['another path', { url: 'https://h/kim/', auth: none }, true],
    ['other credentials', { url: 'https://h/kim/', auth: basic }, true],
    ['another port', { url: 'https://h:8443/jm/', auth: none }, false],
    ['a proxy', { url: 'https://h/jm/', auth: none, connection: through('http://p:3128') }, false],
    ['a token from a file', { url: 'https://h/jm/', auth: file('/etc/token') }, false],
  ])('shares an outage with a space of %s: %o', (_, place, shared) => {
    expect(wayTo(place) === wayTo({ url: 'https://h/jm/', auth: none })).toBe(shared);
  });
});
