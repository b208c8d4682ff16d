import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene, failingCatalogue, PUBLIC_URL } from '../api-scene.js';

describe('without a token', () => {
  it('/v2/ping says that the API is there, whatever the index does', async () => {
    const catalogue = failingCatalogue(new OvadexError('index', 'the disk is gone'));
    for (const scene of [createApiScene(), createApiScene({ catalogue })]) {
      const response = await scene.app.request('/v2/ping');
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        _links: { api: `${PUBLIC_URL}/v2/`, self: `${PUBLIC_URL}/v2/ping` },
        data: { message: 'pong' },
        meta: { time: expect.any(String) },
      });
    }
  });

  it('/v2/status says that the index answers', async () => {
    const response = await createApiScene().app.request('/v2/status');
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toEqual({ status: 'ok', version: '1.2.3', time: '2026-11-24T12:00:00.000Z' });
  });

  it('/v2/status is a problem while the index does not answer', async () => {
    const catalogue = failingCatalogue(new OvadexError('index', 'the disk is gone'));
    const response = await createApiScene({ catalogue }).app.request('/v2/status');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toContain('disk');
  });

  it.each(['/v2/ping', '/v2/status'])('%s is described', async (path) => {
    const { app } = createApiScene();
    const described = (await (await app.request(path, { method: 'OPTIONS' })).json()) as { attributes: object };
    const { data } = await bodyOf(await app.request(path));
    expect(Object.keys(described.attributes)).toEqual(Object.keys(data));
  });
});
