import { describe, expect, it } from 'vitest';
import type { Principal, TokenScope } from '../../../src/domain/model/token.js';
import { decideOwnToken, type WantedToken } from '../../../src/domain/policy/own-token.js';

const NOW = Date.UTC(2026, 10, 24);
const DAY = 86_400_000;
type Caller = Pick<Principal, 'scopes' | 'isLogIn' | 'issuer' | 'tokenId'>;

const LOG_IN: Caller = { scopes: [], isLogIn: true, tokenId: 7 };
const UNLISTED_LOG_IN: Caller = { scopes: [], isLogIn: true };
const OF_ISSUER: Caller = { scopes: [], issuer: 'https://sso.example.org' };
const ADMIN_OF_ISSUER: Caller = { ...OF_ISSUER, scopes: ['admin'] };
const ACCESS: Caller = { scopes: [], tokenId: 7 };
const ADMIN_ACCESS: Caller = { ...ACCESS, scopes: ['admin', 'hint'] };

const decide = (caller: Caller, wanted: Partial<WantedToken> = {}, hasSpace = true) =>
  decideOwnToken({ user: 'jm', ...caller }, hasSpace, { name: null, days: 90, scopes: [], ...wanted }, NOW);

describe('a token of one’s own', () => {
  it.each<[string, Caller, readonly TokenScope[], boolean, string]>([
    ['after a log-in', LOG_IN, [], true, 'granted'],
    ['after a log-in that could not be recorded', UNLISTED_LOG_IN, [], true, 'granted'],
    ['of whom an issuer knows', OF_ISSUER, [], true, 'granted'],
    ['of an administrator whom an issuer knows', ADMIN_OF_ISSUER, ['admin'], true, 'granted'],
    ['of an administrator without a space', ADMIN_OF_ISSUER, ['admin'], false, 'granted'],
    ['by an access token', ACCESS, [], true, 'not-logged-in'],
    ['by an administrator’s access token', ADMIN_ACCESS, ['admin'], true, 'not-logged-in'],
    ['with more than a log-in has', LOG_IN, ['admin'], true, 'scope'],
    ['with another scope than the caller’s', ADMIN_OF_ISSUER, ['admin', 'hint'], true, 'scope'],
    ['of a user without a space', LOG_IN, [], false, 'no-space'],
    ['of an administrator without a space, for images', ADMIN_OF_ISSUER, [], false, 'no-space'],
  ])('%s', (_, caller, scopes, hasSpace, expected) => {
    const decided = decide(caller, { scopes }, hasSpace);
    expect('refusal' in decided ? decided.refusal : 'granted').toBe(expected);
  });

  it('has the name without what surrounds it, each scope once, and ends after the days asked for', () => {
    expect(decide(ADMIN_OF_ISSUER, { name: ' ci ', days: 2, scopes: ['admin', 'admin'] })).toEqual({
      user: 'jm',
      name: 'ci',
      scopes: ['admin'],
      expiresAt: NOW + 2 * DAY,
    });
    expect(decide(LOG_IN, { name: '  ' })).toMatchObject({ name: null });
  });

  it('says what to do where there is none', () => {
    expect(decide(ACCESS)).toMatchObject({ detail: expect.stringContaining('POST /auth/request-token') });
    expect(decide(LOG_IN, { scopes: ['hint'] })).toMatchObject({ detail: expect.stringContaining('"hint"') });
    expect(decide(LOG_IN, {}, false)).toMatchObject({ detail: expect.stringContaining('no space of "jm"') });
  });
});
