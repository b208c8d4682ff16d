import { describe, expect, it } from 'vitest';
import { rememberPrincipals } from '../../../src/auth/token-cache.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { Principal } from '../../../src/domain/model/token.js';
import { requireToken } from '../../../src/http/gate/authenticate.js';
import type { HttpContext } from '../../../src/http/reply/context.js';
import { bodyOf, createApiScene } from '../api-scene.js';

const BASIC = 'Basic realm="ovadex", charset="UTF-8"';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a request', () => {
  const answerTo = async (authorization: string | null, path = '/v2/image') => {
    const { app } = createApiScene();
    const response = await app.request(path, { headers: authorization === null ? {} : { authorization } });
    return { status: response.status, challenge: response.headers.get('www-authenticate'), response };
  };

  it.each([
    ['no credentials', null],
    ['an unknown scheme', 'Digest username="jm"'],
    ['neither name nor password', basic(':')],
  ])('with %s gets a challenge without an error code', async (_, authorization) => {
    expect(await answerTo(authorization)).toMatchObject({
      status: 401,
      challenge: `Bearer realm="ovadex",${BASIC}`,
    });
  });

  it.each([
    ['as Bearer', 'Bearer nonsense'],
    ['with spaces', 'Bearer non sense'],
    ['as Basic user name', basic('nonsense:')],
    ['as Basic password', basic('jm:nonsense')],
  ])('with a bad token %s gets invalid_token', async (_, authorization) => {
    const { status, challenge, response } = await answerTo(authorization);
    expect({ status, challenge }).toEqual({
      status: 401,
      challenge: `Bearer realm="ovadex", error="invalid_token",${BASIC}`,
    });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toContain('sense');
  });

  it('with a token takes every form', async () => {
    const scene = createApiScene();
    const token = await scene.tokenFor('jm');
    for (const authorization of [`Bearer ${token}`, `bearer ${token}`, basic(`${token}:`), basic(`anybody:${token}`)]) {
      const response = await scene.app.request('/v2/image', { headers: { authorization } });
      expect(response.status).toBe(200);
      expect((await bodyOf(response)).meta.user).toBe('jm');
    }
  });

  it.each([
    ['Bearer', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['Basic', (token: string) => `${basic(`${token}:`)}, Bearer ${token}`],
    ['Digest and Bearer', (token: string) => `Digest username="jm", Bearer ${token}`],
  ])('with two Authorization lines (%s) is told that', async (_, both) => {
    const scene = createApiScene();
    const authorization = both(await scene.tokenFor('jm'));
    const response = await scene.app.request('/v2/image', { headers: { authorization } });
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).detail).toBe('the request has more than one Authorization; exactly one is allowed');
  });

  it.each([
    [{ origin: 'https://portal.example.org' }, false],
    [{ 'sec-fetch-mode': 'cors' }, false],
    [{ 'sec-fetch-mode': 'same-origin' }, false],
    [{ 'sec-fetch-mode': 'navigate' }, true],
    [{}, true],
  ])('with %j is offered Basic: %s, since a browser would open a dialog over a page', async (headers, isOffered) => {
    const response = await createApiScene().app.request('/v2/image', { headers });
    expect(response.headers.get('www-authenticate')?.includes('Basic')).toBe(isOffered);
  });

  it('is 503 and no refusal while nobody can say whose token it is', async () => {
    const verify = () => Promise.reject(new OvadexError('unavailable', 'the issuer at secret.example.org is down'));
    const response = await createApiScene({ verify }).ask('a.b.c', '/v2/image');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(await response.text()).not.toContain('secret');
  });

  it('with a revoked token gets invalid_token at once', async () => {
    const scene = createApiScene();
    const { token, record } = await scene.authority.issue({ user: 'jm', scopes: [], expiresAt: null });
    expect((await scene.ask(token, '/v2/image')).status).toBe(200);
    await scene.index.tokens.revoke(record.id, 0);
    expect((await scene.ask(token, '/v2/image')).status).toBe(401);
  });

  it.each([
    ['POST', '/v2/admin/sync'],
    ['GET', '/v2/admin/space'],
    ['GET', '/v2/admin/space/jm'],
    ['POST', '/v2/admin/space/jm/accept'],
    ['POST', '/v2/admin/space/jm/keep'],
    ['GET', '/v2/admin/space/jm/held'],
    ['POST', '/v2/admin/space/jm/resume'],
  ])('for %s %s needs the scope admin', async (method, path) => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const refused = await scene.ask(await scene.tokenFor('jm'), path, { method });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer realm="ovadex", error="insufficient_scope", scope="admin"',
    );
    expect((await scene.app.request(path, { method })).status).toBe(401);
    expect((await scene.ask(await scene.tokenFor('x', ['admin']), path, { method })).status).not.toBe(403);
  });
});

describe('the same request may be answered again', () => {
  const askAt = async (caller: Partial<Principal>, ...times: readonly number[]) => {
    const clock = { now: 0 };
    const verify = rememberPrincipals({
      verify: async () => ({ user: 'jm', scopes: [], expiresAt: null, ...caller }),
      clock: () => clock.now,
    });
    const kept = new Map<string, unknown>();
    const c = { req: { header: () => 'Bearer t' }, set: (name: string, value: unknown) => void kept.set(name, value) };
    const handle = requireToken({ verify, changes: { current: () => 7 }, limit: null })(() => new Response());
    for (const now of times) {
      clock.now = now;
      await handle(c as unknown as HttpContext);
    }
    return kept.get('callerReplay');
  };

  it('until its token is examined again, a minute after the last time, however late in that it came', async () => {
    expect(await askAt({}, 1_000, 60_999)).toEqual({ stamp: 7, from: 1_000, until: 61_000 });
    expect(await askAt({}, 1_000, 61_000)).toEqual({ stamp: 7, from: 61_000, until: 121_000 });
  });

  it('until its token expires', async () => {
    expect(await askAt({ expiresAt: 9_000 }, 1_000, 5_000)).toEqual({ stamp: 7, from: 1_000, until: 9_000 });
  });
});
