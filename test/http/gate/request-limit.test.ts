import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene } from '../api-scene.js';

async function createLimitedScene() {
  const scene = createApiScene({ requestLimit: { requests: 3, windowMs: 60_000 } });
  await scene.addSpace('jm');
  await scene.sync('jm', ['a.ova']);
  return { ...scene, token: await scene.tokenFor('jm') };
}

describe('the requests of a user', () => {
  it('are counted down in the headers of every answer', async () => {
    const { ask, token } = await createLimitedScene();
    const first = await ask(token, '/v2/image');
    expect(first.headers.get('ratelimit-policy')).toBe('"user";q=3;w=60');
    expect(first.headers.get('ratelimit')).toBe('"user";r=2;t=60');
    const unchanged = await ask(token, '/v2/image', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect([unchanged.status, unchanged.headers.get('ratelimit')]).toEqual([304, '"user";r=1;t=60']);
    const missing = await ask(token, '/v2/image/99');
    expect([missing.status, missing.headers.get('ratelimit')]).toEqual([404, '"user";r=0;t=60']);
  });

  it('are refused when they are used up, until the window is over', async () => {
    const { ask, token, time } = await createLimitedScene();
    for (let i = 0; i < 3; i++) expect((await ask(token, '/v2/image')).status).toBe(200);
    time.now += 59_001;
    const refused = await ask(token, '/v2/image');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toBe('"user";r=0;t=1');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await bodyOf(refused)).toMatchObject({
      status: 429,
      error: 'Too Many Requests',
      message: expect.any(String),
    });
    time.now += 1_000;
    expect((await ask(token, '/v2/image')).status).toBe(200);
  });

  it('are counted together whatever tokens they come with, in whatever form', async () => {
    const { ask, app, token, tokenFor } = await createLimitedScene();
    const other = await tokenFor('jm');
    for (let i = 0; i < 3; i++) await ask(token, '/v2/user');
    const basic = `Basic ${Buffer.from(`${token}:`).toString('base64')}`;
    expect((await app.request('/v2/image', { headers: { authorization: basic } })).status).toBe(429);
    expect((await ask(other, '/v2/image')).status).toBe(429);
    expect((await ask(await tokenFor('lab'), '/v2/user')).status).toBe(200);
  });

  it('are not used up by others who have no good token', async () => {
    const { ask, app, token } = await createLimitedScene();
    for (let i = 0; i < 5; i++) {
      expect((await ask('nonsense', '/v2/image')).status).toBe(401);
      expect((await app.request('/v2/ping')).headers.has('ratelimit')).toBe(false);
    }
    expect((await ask(token, '/v2/image')).headers.get('ratelimit')).toBe('"user";r=2;t=60');
  });

  it('are as many as come where no limit is configured', async () => {
    const scene = createApiScene();
    const token = await scene.tokenFor('jm');
    for (let i = 0; i < 50; i++) {
      const response = await scene.ask(token, '/v2/image');
      expect([response.status, response.headers.has('ratelimit')]).toEqual([200, false]);
    }
  });
});
