import { createSecretKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createSessionTokens } from '../../src/auth/session-tokens.js';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const SECOND = NOW / 1000;
const KEY = createSecretKey(Buffer.alloc(32, 1));
const OTHER_KEY = createSecretKey(Buffer.alloc(32, 2));

function createScene(key = KEY) {
  let now = NOW;
  const sessions = createSessionTokens({ signingKey: { key, id: 'key-1' }, clock: () => now });
  return { ...sessions, at: (time: number) => (now = time) };
}

const CLAIMS = { iss: 'ovadex', aud: 'ovadex', sub: 'jm', iat: SECOND, exp: SECOND + 60 };
const signed = (claims: JWTPayload, { alg = 'HS256', key = KEY, kid = 'key-1' } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a session token', () => {
  it('is a JWT that a client can read without the key', async () => {
    const { issue } = createScene();
    const { token, expiresAt, lifetimeMs } = await issue('jm');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'key-1' });
    expect(decodeJwt(token)).toEqual({
      iss: 'ovadex',
      aud: 'ovadex',
      sub: 'jm',
      type: 'ACCESS',
      iat: SECOND,
      exp: SECOND + 86_400,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect({ expiresAt, lifetimeMs }).toEqual({ expiresAt: NOW + 86_400_000, lifetimeMs: 86_400_000 });
  });

  it('says who comes with it, and gives no scope', async () => {
    const { issue, verify } = createScene();
    for (const user of ['jm', 'jürgen müller', 'a.b:c', '山田']) {
      const { token, expiresAt } = await issue(user);
      expect(await verify(token)).toEqual({ user, scopes: [], expiresAt });
    }
  });

  it('is another one each time', async () => {
    const { issue } = createScene();
    expect((await issue('jm')).token).not.toBe((await issue('jm')).token);
  });

  it('is refused from the moment of its expiry', async () => {
    const { issue, verify, at } = createScene();
    const { token, expiresAt } = await issue('jm');
    at(expiresAt - 1);
    expect(await verify(token)).not.toBeNull();
    at(expiresAt);
    expect(await verify(token)).toBeNull();
  });

  it('is refused by another key', async () => {
    const { token } = await createScene(OTHER_KEY).issue('jm');
    expect(await createScene().verify(token)).toBeNull();
  });

  it('is good when others made it by the same key and the same rules', async () => {
    expect(await createScene().verify(await signed(CLAIMS))).toMatchObject({ user: 'jm' });
  });

  it.each<[string, () => Promise<string> | string]>([
    ['another issuer', () => signed({ ...CLAIMS, iss: 'https://login.example.org' })],
    ['another audience', () => signed({ ...CLAIMS, aud: 'other' })],
    ['no expiry', () => signed({ iss: 'ovadex', aud: 'ovadex', sub: 'jm' })],
    ['no subject', () => signed({ iss: 'ovadex', aud: 'ovadex', exp: SECOND + 60 })],
    ['an empty subject', () => signed({ ...CLAIMS, sub: '' })],
    ['a time when it is not good yet', () => signed({ ...CLAIMS, nbf: SECOND + 60 })],
    ['another algorithm of the same key', () => signed(CLAIMS, { alg: 'HS512' })],
    ['a key id that is a path', () => signed(CLAIMS, { key: OTHER_KEY, kid: '../../dev/null' })],
    ['no algorithm', () => `${part({ alg: 'none' })}.${part(CLAIMS)}.`],
    ['no algorithm and a signature', () => `${part({ alg: 'none' })}.${part(CLAIMS)}.AAAA`],
    ['the algorithm NonE', () => `${part({ alg: 'NonE' })}.${part(CLAIMS)}.AAAA`],
    ['a head that is no JSON', () => `AAAA.${part(CLAIMS)}.AAAA`],
    ['critical extensions', () => `${part({ alg: 'HS256', crit: ['x'], x: 1 })}.${part(CLAIMS)}.AAAA`],
    ['nothing', () => '..'],
  ])('is refused with %s', async (_, make) => {
    expect(await createScene().verify(await make())).toBeNull();
  });

  it('is refused when a single character of it differs', async () => {
    const { issue, verify } = createScene();
    const { token } = await issue('jm');
    // Of the last character only some bits count: it stands for itself.
    for (const at of [3, token.indexOf('.') + 5, token.lastIndexOf('.') + 5, token.length - 3]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(await verify(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
    }
  });
});
