import { describe, expect, it } from 'vitest';
import { createTokenAuthority } from '../../../src/auth/tokens.js';
import type { Principal } from '../../../src/domain/model/token.js';
import { MAX_OWN_TOKENS } from '../../../src/domain/ports/token-store.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { bodyOf, createApiScene, NOW } from '../api-scene.js';

const LOGGED_IN: Principal = { user: 'jm', scopes: [], expiresAt: null, isLogIn: true };

/** An API that takes the word `session` for a token of this caller, and others for what they are. */
async function createScene(session: Principal = LOGGED_IN) {
  const index = createMemoryIndex(() => NOW);
  const { verify } = createTokenAuthority({ tokens: index.tokens, clock: () => NOW });
  const scene = createApiScene(
    { verify: async (token) => (token === 'session' ? session : await verify(token)) },
    index,
  );
  await scene.addSpace('jm');
  const create = (body: unknown, token = 'session') =>
    scene.ask(token, '/v2/user/token', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { ...scene, create };
}

describe('a new token of one’s own', () => {
  it('is shown this once, opens what its user may see, and is listed', async () => {
    const { create, ask } = await createScene();
    const response = await create({ name: 'ci', days: 90 });
    const { data } = await bodyOf(response);
    const token = String(data['token']);
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`https://vss-api.example.org/v2/user/token/${data['id']}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(data).toMatchObject({
      ...{ token: expect.stringMatching(/^ovx_[\w-]{43}$/), name: 'ci', scopes: [], state: 'valid', is_log_in: false },
      ...{ expires_on: '2027-02-22T12:00:00.000Z', is_current: false },
    });
    expect((await ask(token, '/v2/image')).status).toBe(200);
    const listed = await (await ask('session', '/v2/user/token')).text();
    expect(listed).toContain('"name":"ci"');
    expect(listed).not.toContain(token);
  });

  it('is valid for a year if nobody says otherwise, and needs no name', async () => {
    const { data } = await bodyOf(await (await createScene()).create({}));
    expect(data).toMatchObject({ name: null, duration: 365 * 86_400 });
  });

  it('has what its caller has', async () => {
    const ofIssuer = { user: 'jm', scopes: ['admin'], expiresAt: null, issuer: 'https://sso.example.org' } as const;
    const { create, ask } = await createScene(ofIssuer);
    const { data } = await bodyOf(await create({ scopes: ['admin'] }));
    expect((await ask(String(data['token']), '/v2/admin/space')).status).toBe(200);
    expect((await create({ scopes: ['hint'] })).status).toBe(403);
  });

  it('is not made by another, so that a leaked one ends', async () => {
    const { create, tokenFor } = await createScene();
    for (const token of [await tokenFor('jm'), await tokenFor('jm', ['admin'])]) {
      const refused = await create({ name: 'successor' }, token);
      expect([refused.status, (await bodyOf(refused)).detail]).toEqual([403, expect.stringContaining('log in')]);
    }
  });

  it('is recorded with what it allows, not with what it is', async () => {
    const { create, audit, tokenFor } = await createScene();
    const { data } = await bodyOf(await create({ name: 'ci', days: 7 }));
    await create({}, await tokenFor('jm'));
    expect(audit).toMatchObject([
      { act: 'token create', by: 'jm', details: { id: data['id'], name: 'ci', days: 7, scopes: '' }, outcome: 'done' },
      { act: 'token create', by: 'jm', outcome: 'refused: 403' },
    ]);
    expect(JSON.stringify(audit)).not.toContain(data['token']);
  });

  it('needs room among those that the user has, which the end of one makes', async () => {
    const { create, ask } = await createScene();
    for (let n = 0; n < MAX_OWN_TOKENS; n++) expect((await create({})).status).toBe(201);
    const refused = await create({});
    expect([refused.status, (await bodyOf(refused)).detail]).toEqual([
      409,
      expect.stringContaining('100 access tokens'),
    ]);
    await ask('session', '/v2/user/token/1', { method: 'DELETE' });
    expect((await create({})).status).toBe(201);
  });

  it('is none for a user without a space', async () => {
    const { create } = await createScene({ ...LOGGED_IN, user: 'kim' });
    expect((await create({})).status).toBe(409);
  });

  it.each([
    ['{"days":0}', 'days'],
    ['{"days":367}', 'days'],
    ['{"days":1.5}', 'days'],
    ['{"days":null}', 'days'],
    ['{"name":"a\\ud83d"}', 'name'],
    ['{"scopes":["root"]}', 'scopes.0'],
    ['{"scopes":"admin"}', 'scopes'],
    ['{"name":7}', 'name'],
    [JSON.stringify({ name: 'x'.repeat(101) }), 'name'],
    [JSON.stringify({ name: 'a\u0007' }), 'name'],
    ['{"expires":"never"}', 'expires'],
    ['[]', 'body'],
  ])('is none by the body %s', async (body, parameter) => {
    const response = await (await createScene()).create(body);
    expect([response.status, (await bodyOf(response)).errors[0]?.parameter]).toEqual([400, parameter]);
  });
});
