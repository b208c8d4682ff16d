import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createIssuerKeys } from '../../src/auth/issuer-keys.js';
import { createIssuerTokens } from '../../src/auth/issuer-tokens.js';
import type { IssuerSettings } from '../../src/domain/model/token.js';
import { startIssuer } from '../support/issuer.js';
import { quietLogger } from '../support/quiet-logger.js';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const SECOND = NOW / 1000;

async function createScene(settings: Partial<IssuerSettings> = {}, alg: 'RS256' | 'ES256' = 'ES256') {
  const issuer = await startIssuer(alg);
  onTestFinished(() => issuer.close());
  const full: IssuerSettings = {
    issuer: issuer.url,
    audience: 'ovadex',
    jwksUrl: issuer.jwksUrl,
    algorithms: [alg],
    userClaim: 'sub',
    admin: null,
    signIn: null,
    leewayMs: 30_000,
    ...settings,
  };
  const keys = createIssuerKeys(full, { fetch, clock: () => NOW, logger: quietLogger });
  const verify = createIssuerTokens(full, { keys, clock: () => NOW });
  const claims: JWTPayload = { iss: issuer.url, aud: 'ovadex', sub: 'jm', exp: SECOND + 60 };
  const check = async (more: Record<string, unknown>, head?: { kid?: string; typ?: string }) =>
    verify(await issuer.sign({ ...claims, ...more }, head));
  return { issuer, verify, claims, check };
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of an issuer', () => {
  it('says who comes with it, until it expires', async () => {
    const { check, issuer } = await createScene();
    expect(await check({})).toEqual({
      user: 'jm',
      scopes: [],
      expiresAt: NOW + 90_000,
      issuer: issuer.url,
    });
  });

  it('is good for one audience among others', async () => {
    const { check } = await createScene();
    expect(await check({ aud: ['account', 'ovadex'] })).toMatchObject({ user: 'jm' });
  });

  it('names its user by the claim that is configured', async () => {
    const { check } = await createScene({ userClaim: 'preferred_username' });
    expect(await check({ preferred_username: 'kim' })).toMatchObject({ user: 'kim' });
    expect(await check({})).toBeNull();
  });

  it.each([[''], ['a\nb'], ['x'.repeat(1_025)], [7], [['jm']], [{ name: 'jm' }], [null], [true]])(
    'names nobody by %j',
    async (name) => {
      const { check } = await createScene({ userClaim: 'name' });
      expect(await check({ name })).toBeNull();
    },
  );

  it.each<[string, unknown, boolean]>([
    ['role', 'boss', true],
    ['role', ['staff', 'boss'], true],
    ['role', 'staff boss', true],
    ['role', 'bossy', false],
    ['role', ['bossy'], false],
    ['role', { boss: true }, false],
    ['role', true, false],
    ['role', undefined, false],
    ['realm_access.roles', { roles: ['boss'] }, true],
    ['realm_access.roles', { roles: ['staff'] }, false],
    ['realm_access.constructor.name', { roles: ['boss'] }, false],
    ['https://example.org/role', 'boss', true],
  ])('with the claim %s of %j is an administrator\u2019s: %j', async (claim, value, isAdmin) => {
    const { check } = await createScene({ admin: { claim, value: 'boss' } });
    const name = claim.startsWith('realm_access') ? 'realm_access' : claim;
    expect((await check({ [name]: value }))?.scopes).toEqual(isAdmin ? ['admin'] : []);
  });

  it('is nobody\u2019s administrator where none is configured', async () => {
    const { check } = await createScene();
    expect((await check({ role: 'admin', scope: 'admin', admin: true }))?.scopes).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ['is good a little after it expired', { exp: SECOND - 29 }, true],
    ['is refused long after it expired', { exp: SECOND - 30 }, false],
    ['is good a little before its time', { nbf: SECOND + 30 }, true],
    ['is refused long before its time', { nbf: SECOND + 31 }, false],
    ['is refused with an end beyond all dates', { exp: 8.64e12 }, false],
    ['is refused with an end of a million digits', { exp: Number.MAX_VALUE }, false],
    ['is good for as long as dates go', { exp: 8.63e12 }, true],
    ['is refused with a beginning beyond all dates', { nbf: Number.MAX_VALUE }, false],
    ['is refused without an end', { exp: undefined }, false],
    ['is refused with an end that is no number', { exp: 'tomorrow' }, false],
    ['is refused for another audience', { aud: 'other' }, false],
    ['is refused for an audience that only begins so', { aud: 'ovadex2' }, false],
    ['is refused without an audience', { aud: undefined }, false],
    ['is refused of another issuer', { iss: 'https://login.example.org' }, false],
    ['is refused of an issuer that differs by a slash', { iss: 'with a slash' }, false],
  ])('%s', async (_, claims, isGood) => {
    const { check, issuer } = await createScene();
    const iss = claims['iss'] === 'with a slash' ? { iss: `${issuer.url}/` } : {};
    expect((await check({ ...claims, ...iss })) !== null).toBe(isGood);
  });

  it('is refused where it is meant for something else than an API', async () => {
    const { check } = await createScene();
    expect(await check({}, { typ: 'at+jwt' })).not.toBeNull();
    expect(await check({}, { typ: 'logout+jwt' })).toBeNull();
    expect(await check({ nonce: 'n' })).toBeNull();
  });

  it.each(['RS256', 'ES256'] as const)('is refused when a public key of %s is its shared secret', async (alg) => {
    const { issuer, claims, verify } = await createScene({}, alg);
    const pem = createSecretKey(Buffer.from(await exportSPKI(issuer.publicKey)));
    const jwk = createSecretKey(Buffer.from(JSON.stringify(await exportJWK(issuer.publicKey))));
    for (const secret of [pem, jwk]) {
      const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
      expect(await verify(token)).toBeNull();
    }
  });

  it('is refused when the issuer shows a shared secret among its keys', async () => {
    const { issuer, claims, verify } = await createScene();
    const secret = Buffer.alloc(32, 1);
    issuer.show({ kty: 'oct', k: secret.toString('base64url'), kid: 'oct', alg: 'HS256' });
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'oct' })
      .sign(createSecretKey(secret));
    expect(await verify(token)).toBeNull();
  });

  it('is refused without a signature, however it is put', async () => {
    const { issuer, claims, verify } = await createScene();
    const signature = (await issuer.sign(claims)).split('.')[2];
    for (const alg of ['none', 'None', 'NONE', '', 'ES256 ']) {
      for (const end of ['', 'AAAA', signature]) {
        expect(await verify(`${part({ alg, kid: 'key-1' })}.${part(claims)}.${end}`)).toBeNull();
      }
    }
  });

  it('is refused when somebody else signed it, whatever its head says of keys', async () => {
    const { claims, verify, issuer } = await createScene();
    const other = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(other.publicKey);
    const heads = [
      { kid: 'key-1' },
      { kid: '../../keys' },
      { kid: "' OR 1=1 --" },
      { kid: 'x'.repeat(4_000) },
      { kid: 'key-1', jwk },
      { kid: 'key-1', jku: 'http://127.0.0.1:9/keys' },
      { kid: 'key-1', x5u: 'http://127.0.0.1:9/cert' },
    ];
    for (const head of heads) {
      const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...head }).sign(other.privateKey);
      expect(await verify(token)).toBeNull();
    }
    expect(issuer.requests).toEqual(['/keys']);
  });

  it('is refused by another algorithm of the same key, unless that is allowed, too', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const verdictOf = async (algorithms: IssuerSettings['algorithms']) => {
      const { issuer, claims, verify } = await createScene({ algorithms });
      issuer.show({ ...(await exportJWK(publicKey)), kid: 'rsa' });
      return verify(await new SignJWT(claims).setProtectedHeader({ alg: 'RS512', kid: 'rsa' }).sign(privateKey));
    };
    expect(await verdictOf(['RS256'])).toBeNull();
    expect(await verdictOf(['PS512'])).toBeNull();
    expect(await verdictOf(['RS256', 'RS512'])).toMatchObject({ user: 'jm' });
  });

  it('is no answer while the issuer has never given its keys', async () => {
    const { issuer, check } = await createScene();
    issuer.fail('down');
    await expect(check({})).rejects.toMatchObject({ code: 'unavailable' });
  });
});
