import { describe, expect, it, onTestFinished } from 'vitest';
import { createIssuerSignIn } from '../../src/auth/issuer-sign-in.js';
import { createProcessTokens } from '../../src/auth/process-tokens.js';
import type { IssuerAlgorithm, IssuerSettings } from '../../src/domain/model/token.js';
import { type Person, startIssuer } from '../support/issuer.js';
import { quietLogger } from '../support/quiet-logger.js';

const REDIRECT_URL = 'https://images.example.org/console/sign-in/callback';

async function createScene({
  settings = {},
  person = {},
  secret = null,
}: {
  settings?: Partial<IssuerSettings>;
  person?: Partial<Person>;
  secret?: string | null;
} = {}) {
  const issuer = await startIssuer('ES256');
  onTestFinished(() => issuer.close());
  Object.assign(issuer.person, { secret }, person);
  const tokens = createProcessTokens(Date.now);
  const signIn = { clientId: 'ovadex-console', clientSecret: secret, scopes: ['openid', 'profile'], label: 'Uni' };
  const full = {
    issuer: issuer.url,
    audience: 'ovadex',
    jwksUrl: null,
    algorithms: ['ES256'] as readonly IssuerAlgorithm[],
    userClaim: 'sub',
    admin: null,
    leewayMs: 30_000,
    ...settings,
    signIn,
  };
  const way = createIssuerSignIn(full, { redirectUrl: REDIRECT_URL, tokens, clock: Date.now, logger: quietLogger });
  /** Goes through the issuer's pages as a browser does, and returns what it comes back with. */
  const browse = async (url: string) => {
    const answer = await fetch(url, { redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '').searchParams;
  };
  const signInWhole = async () => {
    const begun = await way.begin();
    return tokens.verify(await way.finish(await browse(begun.url), begun));
  };
  return { issuer, tokens, way, browse, signInWhole };
}

describe('a sign-in at an issuer', () => {
  it('asks by code, with PKCE, state and nonce', async () => {
    const { way, issuer } = await createScene();
    const asked = new URL((await way.begin()).url);
    expect(asked.origin + asked.pathname).toBe(`${issuer.url}/authorize`);
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      client_id: 'ovadex-console',
      redirect_uri: REDIRECT_URL,
      response_type: 'code',
      scope: 'openid profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
  });

  it('names the user by the configured claim, for a working day', async () => {
    const { signInWhole, issuer } = await createScene({
      settings: { userClaim: 'preferred_username' },
      person: { claims: { sub: '4711', preferred_username: 'jm' } },
    });
    const principal = await signInWhole();
    expect(principal).toMatchObject({ user: 'jm', scopes: [], issuer: issuer.url });
    expect((principal?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(7.9 * 3_600_000);
    expect((principal?.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(8 * 3_600_000);
  });

  it('finds administrators by the same claim as in access tokens', async () => {
    const settings = { admin: { claim: 'realm_access.roles', value: 'boss' } };
    const claims = { sub: 'root', realm_access: { roles: ['boss'] } };
    const { signInWhole } = await createScene({ settings, person: { claims } });
    expect(await signInWhole()).toMatchObject({ user: 'root', scopes: ['admin'] });
  });

  it('proves by its secret that it is the client', async () => {
    const { signInWhole } = await createScene({ secret: 's3cret4client' });
    expect(await signInWhole()).toMatchObject({ user: 'jm' });
  });

  it('takes an answer once', async () => {
    const { way, browse } = await createScene();
    const begun = await way.begin();
    const query = await browse(begun.url);
    await way.finish(query, begun);
    await expect(way.finish(query, begun)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('takes no answer to what another browser has begun', async () => {
    const { way, browse } = await createScene();
    const [own, other] = [await way.begin(), await way.begin()];
    await expect(way.finish(await browse(other.url), own)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  const refused: [string, Partial<Person>, RegExp][] = [
    ['is cancelled', { error: 'access_denied' }, /^the sign-in was cancelled$/],
    ['is refused by the issuer', { error: 'invalid_scope' }, /^Uni has refused the sign-in$/],
    ['names no user', { claims: { sub: '' } }, /does not say who you are|not to be trusted/],
    ['names a user with a line end', { claims: { sub: 'jm\nroot' } }, /^Uni does not say who you are \(claim "sub"\)/],
    spoiltToken('has another nonce', { nonce: 'another' }),
    spoiltToken('is for another client', { aud: 'another' }),
    spoiltToken('is of another issuer', { iss: 'https://another.example.org' }),
    spoiltToken('has expired', { exp: 1 }),
    [
      'comes from another issuer',
      { spoil: spoiling('redirect', { iss: 'https://another.example.org' }) },
      /not to be trusted/,
    ],
    ['has another state', { spoil: spoiling('redirect', { state: 'another' }) }, /not to be trusted/],
    ['has a code that was never given', { spoil: spoiling('redirect', { code: 'invented' }) }, /not to be trusted/],
  ];
  it.each(refused)('lets nobody in if it %s', async (_what, person, message) => {
    const { signInWhole } = await createScene({ person });
    const error = await signInWhole().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unauthenticated' });
    expect((error as Error).message).toMatch(message);
  });

  it('lets nobody in by a key that the issuer does not show', async () => {
    const { signInWhole, issuer } = await createScene();
    expect(await signInWhole()).not.toBeNull();
    // The keys that it shows are asked for again a minute later at the earliest.
    await issuer.rotate();
    await expect(signInWhole()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('takes only the algorithms that are configured', async () => {
    const { signInWhole } = await createScene({ settings: { algorithms: ['RS256', 'EdDSA'] } });
    await expect(signInWhole()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('says that the issuer is down, and works once it is back', async () => {
    const { way, issuer, signInWhole } = await createScene();
    for (const fault of ['down', 'html', 'empty'] as const) {
      issuer.fail(fault);
      const error = await way.begin().catch((thrown: unknown) => thrown);
      expect(error, fault).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('Uni does not answer'),
      });
    }
    issuer.fail(null);
    expect(await signInWhole()).toMatchObject({ user: 'jm' });
  });

  it('says so, too, if the issuer goes down in the middle', async () => {
    const { way, issuer, browse } = await createScene();
    const begun = await way.begin();
    const query = await browse(begun.url);
    issuer.fail('down');
    await expect(way.finish(query, begun)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

function spoiling(place: 'redirect' | 'token', values: Record<string, unknown>): NonNullable<Person['spoil']> {
  return (at, answer) => {
    if (at === place) Object.assign(answer, values);
  };
}

function spoiltToken(what: string, values: Record<string, unknown>): [string, Partial<Person>, RegExp] {
  return [`has a token that ${what}`, { spoil: spoiling('token', values) }, /not to be trusted/];
}
