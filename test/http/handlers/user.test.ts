import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene, NOW, PUBLIC_URL } from '../api-scene.js';

describe('GET /v2/user', () => {
  it('shows the caller and the own space', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    await scene.sync('jm', ['a.ova', 'b.ova']);
    const { token } = await scene.authority.issue({ user: 'jm', scopes: ['admin'], expiresAt: NOW + 60_000 });
    const response = await scene.ask(token, '/v2/user');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      _links: { api: `${PUBLIC_URL}/v2/`, self: `${PUBLIC_URL}/v2/user` },
      data: {
        username: 'jm',
        scopes: ['admin'],
        token_expires_on: '2026-11-24T12:01:00.000Z',
        status: { active: true, valid: true, expires_on: '2026-11-24T12:01:00.000Z' },
        space: {
          state: 'fresh',
          images: 2,
          synced_on: '2026-11-24T12:00:00.000Z',
          url: 'http://storage.example.org/jm/',
          next_sync_on: '2026-11-24T12:00:00.000Z',
        },
        _links: { images: `${PUBLIC_URL}/v2/user/image/vm` },
      },
      meta: { time: expect.stringMatching(/^\d+\.\d{5}s$/), user: 'jm' },
    });
  });

  it('shows who has no space, and a token that never expires', async () => {
    const scene = createApiScene();
    const { data } = await bodyOf(await scene.ask(await scene.tokenFor('kim'), '/v2/user'));
    expect(data).toMatchObject({ username: 'kim', scopes: [], token_expires_on: null, space: null });
  });

  it('needs a token', async () => {
    expect((await createApiScene().app.request('/v2/user')).status).toBe(401);
  });
});
