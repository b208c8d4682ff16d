import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../src/domain/errors.js';
import { tokenFrom } from '../../src/http/authenticate.js';
import { bodyOf, createApiScene } from './api-scene.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the token of an Authorization header', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['Bearer', null],
    ['Bearer abc', 'abc'],
    ['bEARER   abc', 'abc'],
    ['Digest username="jm"', null],
    ['abc', null],
    [basic('abc:'), 'abc'],
    [basic('abc:').replace('Basic', 'bAsIc'), 'abc'],
    [basic('abc:password'), null],
    [basic('abc'), null],
    [basic(':'), null],
    [basic('a:b:'), null],
    ['Basic ???', null],
  ])('of %j is %j', (header, token) => expect(tokenFrom(header)).toBe(token));
});

describe('a request', () => {
  const answerTo = async (authorization: string | null, path = '/v2/image') => {
    const { app } = createApiScene();
    const response = await app.request(path, { headers: authorization === null ? {} : { authorization } });
    return { status: response.status, challenge: response.headers.get('www-authenticate'), response };
  };

  it.each([
    ['no credentials', null],
    ['an unknown scheme', 'Digest username="jm"'],
    ['a password', basic('jm:secret')],
  ])('with %s gets a challenge without an error code', async (_, authorization) => {
    expect(await answerTo(authorization)).toMatchObject({ status: 401, challenge: 'Bearer realm="ovadex"' });
  });

  it.each([
    ['as Bearer', 'Bearer nonsense'],
    ['with spaces', 'Bearer non sense'],
    ['as Basic user name', basic('nonsense:')],
  ])('with a bad token %s gets invalid_token', async (_, authorization) => {
    const { status, challenge, response } = await answerTo(authorization);
    expect({ status, challenge }).toEqual({
      status: 401,
      challenge: 'Bearer realm="ovadex", error="invalid_token"',
    });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toContain('sense');
  });

  it('with a token takes either form', async () => {
    const scene = createApiScene();
    const token = await scene.tokenFor('jm');
    for (const authorization of [`Bearer ${token}`, `bearer ${token}`, basic(`${token}:`)]) {
      const response = await scene.app.request('/v2/image', { headers: { authorization } });
      expect(response.status).toBe(200);
      expect((await bodyOf(response)).meta.user).toBe('jm');
    }
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
