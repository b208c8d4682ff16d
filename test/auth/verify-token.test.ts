import { describe, expect, it, vi } from 'vitest';
import { createTokenVerifier } from '../../src/auth/verify-token.js';

function createScene() {
  const kind = (user: string) => vi.fn(async (_token: string) => ({ user, scopes: [], expiresAt: null }));
  const [opaque, own, foreign] = [kind('opaque'), kind('own'), kind('foreign')] as const;
  const jwt = new Map([
    ['ovadex', own],
    ['https://login.example.org/', foreign],
  ]);
  return { opaque, own, foreign, verify: createTokenVerifier({ opaque, jwt }) };
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwtOf = (claims: unknown) => `${part({ alg: 'RS256' })}.${part(claims)}.AAAA`;

describe('a token', () => {
  it.each(['ovx_abc', 'a.b', 'a.b.c.d', 'a..c', 'a.b.', 'a.b.c\n', 'ä.b.c'])('is an opaque one: %j', async (token) => {
    expect(await createScene().verify(token)).toMatchObject({ user: 'opaque' });
  });

  it.each([
    ['ovadex', 'own'],
    ['https://login.example.org/', 'foreign'],
  ])('of the issuer %s is for who knows that issuer', async (iss, user) => {
    expect(await createScene().verify(jwtOf({ iss }))).toMatchObject({ user });
  });

  it.each([
    ['another issuer', jwtOf({ iss: 'https://evil.example.org/' })],
    ['almost that issuer', jwtOf({ iss: 'https://login.example.org' })],
    ['no issuer', jwtOf({})],
    ['a list of issuers', jwtOf({ iss: ['ovadex'] })],
    ['a name that every object has', jwtOf({ iss: 'constructor' })],
    ['claims that are no object', jwtOf(['ovadex'])],
    ['claims that are no JSON', 'AAAA.AAAA.AAAA'],
  ])('is for nobody with %s', async (_, token) => {
    const { opaque, own, foreign, verify } = createScene();
    expect(await verify(token)).toBeNull();
    for (const kind of [opaque, own, foreign]) expect(kind).not.toHaveBeenCalled();
  });

  it('is not looked at when it is huge', async () => {
    const { opaque, own, verify } = createScene();
    const pad = (characters: number) => jwtOf({ iss: 'ovadex', pad: 'x'.repeat(characters) });
    for (const token of ['a'.repeat(8_193), pad(8_000)]) expect(await verify(token)).toBeNull();
    expect(opaque).not.toHaveBeenCalled();
    expect(own).not.toHaveBeenCalled();
    expect(await verify(pad(5_000))).not.toBeNull();
  });
});
