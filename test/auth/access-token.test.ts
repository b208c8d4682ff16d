import { expect, it } from 'vitest';
import { isAccessToken } from '../../src/auth/access-token.js';

it.each<[string | undefined, Record<string, unknown>, boolean]>([
  [undefined, {}, true],
  ['JWT', {}, true],
  ['jwt', {}, true],
  ['at+jwt', {}, true],
  ['AT+JWT', {}, true],
  ['application/at+jwt', {}, true],
  ['logout+jwt', {}, false],
  ['application/logout+jwt', {}, false],
  ['secevent+jwt', {}, false],
  ['dpop+jwt', {}, false],
  ['id_token', {}, false],
  ['JOSE', {}, false],
  [undefined, { nonce: 'n' }, false],
  ['JWT', { at_hash: 'h' }, false],
  ['JWT', { c_hash: 'h' }, false],
  ['JWT', { nonce: null }, false],
  ['JWT', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, false],
  ['at+jwt', { events: {} }, false],
  ['at+jwt', { nonce: 'n' }, true],
  ['JWT', { typ: 'Bearer', nonce: 'n' }, true],
  ['JWT', { typ: 'ID' }, false],
  ['JWT', { typ: 'Refresh' }, false],
  ['JWT', { typ: 'Offline' }, false],
  ['JWT', { typ: 'Logout' }, false],
  ['JWT', { token_use: 'id' }, false],
  ['JWT', { token_use: 'access' }, true],
  ['JWT', { typ: 'something else' }, true],
])('a token of the type %j with %j is meant for an API: %s', (typ, payload, isOne) => {
  expect(isAccessToken(typ === undefined ? {} : { typ }, payload)).toBe(isOne);
});
