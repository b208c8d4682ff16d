import { createSecretKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { SessionDeps } from '../../src/auth/session-tokens.js';
import { OvadexError } from '../../src/domain/model/errors.js';
import { createMemoryIndex, type IndexPorts } from '../support/memory-index/memory-index.js';
import { createTestSessions } from '../support/sessions.js';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const SECOND = NOW / 1000;
const KEY = createSecretKey(Buffer.alloc(32, 1));
const OTHER_KEY = createSecretKey(Buffer.alloc(32, 2));

const USERS = ['jm', 'jürgen müller', 'a.b:c', '山田'];

async function createScene(key = KEY, overrides: Partial<SessionDeps> = {}) {
  let now = NOW;
  const clock = () => now;
  const index = createMemoryIndex(clock);
  const warnings: object[] = [];
  const logger = { warn: (details: object) => void warnings.push(details) };
  const sessions = createTestSessions(clock, index, { key, logger, ...overrides });
  await configure(index, ...USERS);
  const issue = async (user: string) => {
    const session = await sessions.issue(user);
    if (session === null) throw new Error(`nobody has the space of ${user}`);
    return session;
  };
  return { ...sessions, issue, index, warnings, at: (time: number) => (now = time) };
}

const configure = (index: IndexPorts, ...users: readonly string[]) => {
  const spaces = users.map((user) => ({ user, url: `http://storage.example.org/${encodeURIComponent(user)}/` }));
  return index.spaces.configure(spaces, 'rules', NOW);
};

const CLAIMS = { iss: 'ovadex', aud: 'ovadex', sub: 'jm', iat: SECOND, exp: SECOND + 60, jti: 'a', space: 1 };
const signed = (claims: JWTPayload, { alg = 'HS256', key = KEY, kid = 'key-1' } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a session token', () => {
  it('is a JWT that a client can read without the key', async () => {
    const { issue } = await createScene();
    const { token, expiresAt, lifetimeMs } = await issue('jm');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'key-1' });
    expect(decodeJwt(token)).toEqual({
      iss: 'ovadex',
      aud: 'ovadex',
      sub: 'jm',
      type: 'ACCESS',
      iat: SECOND,
      exp: SECOND + 86_400,
      space: 1,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect({ expiresAt, lifetimeMs }).toEqual({ expiresAt: NOW + 86_400_000, lifetimeMs: 86_400_000 });
  });

  it('says who comes with it, and gives no scope', async () => {
    const { issue, verify } = await createScene();
    for (const user of USERS) {
      const { token, expiresAt } = await issue(user);
      expect(await verify(token)).toEqual({ user, scopes: [], expiresAt, tokenId: expect.any(Number), isLogIn: true });
    }
  });

  it('is another one each time', async () => {
    const { issue } = await createScene();
    expect((await issue('jm')).token).not.toBe((await issue('jm')).token);
  });

  it('is refused from the moment of its expiry', async () => {
    const { issue, verify, at } = await createScene();
    const { token, expiresAt } = await issue('jm');
    at(expiresAt - 1);
    expect(await verify(token)).not.toBeNull();
    at(expiresAt);
    expect(await verify(token)).toBeNull();
  });

  it('is refused by another key', async () => {
    const { token } = await (await createScene(OTHER_KEY)).issue('jm');
    expect(await (await createScene()).verify(token)).toBeNull();
  });

  it('is refused where the same key made it but nobody has written it down', async () => {
    const { verify, issue } = await createScene();
    expect(await verify(await signed(CLAIMS))).toBeNull();
    const { jti } = decodeJwt((await issue('jm')).token);
    expect(await verify(await signed({ ...CLAIMS, jti: `${jti}` }))).toMatchObject({ user: 'jm' });
    expect(await verify(await signed({ ...CLAIMS, jti: `${jti}`, sub: 'a.b:c' }))).toBeNull();
    expect(await verify(await signed({ ...CLAIMS, jti: `${jti}`, space: 2 }))).toBeNull();
  });

  it.each<[string, () => Promise<string> | string]>([
    ['another issuer', () => signed({ ...CLAIMS, iss: 'https://login.example.org' })],
    ['another audience', () => signed({ ...CLAIMS, aud: 'other' })],
    ['no expiry', () => signed({ iss: 'ovadex', aud: 'ovadex', sub: 'jm', jti: 'a', space: 1 })],
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
    expect(await (await createScene()).verify(await make())).toBeNull();
  });

  it('is refused when a single character of it differs', async () => {
    const { issue, verify } = await createScene();
    const { token } = await issue('jm');
    // Of the last character only some bits count: it stands for itself.
    for (const at of [3, token.indexOf('.') + 5, token.lastIndexOf('.') + 5, token.length - 3]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(await verify(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
    }
  });
});

describe('the token of a log-in', () => {
  it('is not given to a user without a space', async () => {
    const { index } = await createScene();
    expect(await createTestSessions(() => NOW, index).issue('nobody')).toBeNull();
  });

  it.each<[string, (index: IndexPorts, id: number) => Promise<unknown>]>([
    ['ended', (index, id) => index.tokens.end('jm', id, NOW)],
    ['revoked', (index, id) => index.tokens.revoke(id, NOW)],
    ['disabled', (index, id) => index.tokens.setDisabled('jm', id, NOW)],
  ])('is refused once it is %s, and no other', async (_, change) => {
    const { issue, verify, index } = await createScene();
    const [first, second] = [await issue('jm'), await issue('jm')];
    await change(index, (await verify(first.token))?.tokenId ?? 0);
    expect([await verify(first.token), await verify(second.token)]).toEqual([null, expect.anything()]);
  });

  it('opens again what it opened once it is enabled', async () => {
    const { issue, verify, index } = await createScene();
    const { token } = await issue('jm');
    const id = (await verify(token))?.tokenId ?? 0;
    await index.tokens.setDisabled('jm', id, NOW);
    await index.tokens.setDisabled('jm', id, null);
    expect(await verify(token)).toMatchObject({ user: 'jm' });
  });

  it.each<[string, SessionDeps['record']]>([
    ['the index is full', () => Promise.reject(new OvadexError('index', 'the disk is full'))],
    ['nobody answers', () => new Promise(() => {})],
  ])('is good for an hour where %s, and the log says so', { timeout: 10_000 }, async (_, record) => {
    const { issue, verify, at, warnings } = await createScene(KEY, { record });
    const { token, lifetimeMs, expiresAt } = await issue('jm');
    expect(lifetimeMs).toBe(3_600_000);
    expect(await verify(token)).toEqual({ user: 'jm', scopes: [], expiresAt, isLogIn: true });
    expect(warnings).toHaveLength(1);
    at(expiresAt);
    expect(await verify(token)).toBeNull();
  });

  it('opens no later space of the same name, also where it could not be written down', async () => {
    let space = 1;
    const record = () => Promise.reject(new OvadexError('index', 'the disk is full'));
    const { issue, verify } = await createScene(KEY, { record, spaceOf: async () => space });
    const { token } = await issue('jm');
    space = 2;
    expect(await verify(token)).toBeNull();
  });
});
