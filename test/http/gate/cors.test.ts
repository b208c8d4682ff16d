import { describe, expect, it } from 'vitest';
import { HEADERS } from '../../../src/http/openapi/definitions-headers.js';
import { createApiScene } from '../api-scene.js';

/** What every page may read without being told (CORS-safelisted), and what concerns caches and the transfer alone. */
const NOT_FOR_PAGES = ['Cache-Control', 'Last-Modified', 'Vary', 'Content-Encoding', 'X-Accel-Buffering'];

const PORTAL = 'https://portal.example.org';
const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
});

async function createScene(corsOrigins: readonly string[]) {
  const scene = createApiScene({ corsOrigins });
  await scene.addSpace('jm');
  await scene.sync('jm', ['a.ova']);
  const token = await scene.tokenFor('jm');
  const from = (origin: string, path = '/v2/image', init: RequestInit = {}) =>
    scene.ask(token, path, { ...init, headers: { origin, ...init.headers } });
  return { ...scene, from };
}
const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

describe('a page on another origin', () => {
  it('may read answers where it is allowed', async () => {
    const { from } = await createScene([PORTAL]);
    const response = await from(PORTAL);
    expect(allowed(response)).toBe(PORTAL);
    expect(response.headers.get('vary')).toBe('Authorization, Accept-Encoding, Origin');
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    const exposed = response.headers.get('access-control-expose-headers')?.split(', ');
    const documented = Object.keys(HEADERS).filter((name) => !NOT_FOR_PAGES.includes(name));
    expect(new Set(exposed)).toEqual(new Set(documented));
  });

  it('may read refusals and 304, too', async () => {
    const { from, app } = await createScene([PORTAL]);
    const etag = (await from(PORTAL)).headers.get('etag') ?? '';
    const answers = [
      await from(PORTAL, '/v2/image', { headers: { 'if-none-match': etag } }),
      await from(PORTAL, '/v2/image?sort=age'),
      await from(PORTAL, '/nothing'),
      await from(PORTAL, '/v2/image', { method: 'DELETE' }),
      await app.request('/v2/image', { headers: { origin: PORTAL } }),
      await app.request('/v2/image', { method: 'OPTIONS', headers: { origin: PORTAL } }),
      await from(PORTAL, '/v2/image', { headers: { accept: 'text/csv' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([304, 400, 404, 405, 401, 200, 200]);
    for (const each of answers) expect(allowed(each)).toBe(PORTAL);
  });

  it('is told in a preflight what it may, without a token', async () => {
    const { app } = await createScene([PORTAL]);
    for (const path of ['/v2/image', '/v2/user/image/vm', '/auth/request-token', '/v2/image/1']) {
      const response = await app.request(path, preflight(PORTAL));
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect(allowed(response)).toBe(PORTAL);
      expect(response.headers.get('access-control-allow-methods')).toContain('PATCH');
      expect(response.headers.get('access-control-allow-headers')).toMatch(/Authorization.*If-None-Match.*Prefer/);
      expect(response.headers.get('access-control-max-age')).toBe('7200');
    }
  });

  it.each([
    ['another', [PORTAL], 'https://evil.example'],
    ['another port', [PORTAL], `${PORTAL}:8443`],
    ['another scheme', [PORTAL], 'http://portal.example.org'],
    ['a longer name', [PORTAL], `${PORTAL}.evil.example`],
    ['a sandboxed page', [PORTAL], 'null'],
    ['none is configured', [], PORTAL],
  ])('may nothing where it is not: %s', async (_, origins, origin) => {
    const { from, app } = await createScene(origins);
    for (const response of [await from(origin), await app.request('/v2/image', preflight(origin))]) {
      expect(response.status).toBe(200);
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(response.headers.get('vary')?.includes('Origin')).toBe(origins.length > 0);
    }
  });

  it('may all of it where every origin is allowed', async () => {
    const { from, app } = await createScene(['*']);
    for (const origin of [PORTAL, 'null']) {
      expect(allowed(await from(origin))).toBe('*');
      expect(allowed(await app.request('/v2/image', preflight(origin)))).toBe('*');
    }
  });
});

it('an answer to nobody on another origin says that it depends on the origin', async () => {
  const { ask, tokenFor } = await createScene([PORTAL]);
  const response = await ask(await tokenFor('jm'), '/v2/image');
  expect(allowed(response)).toBeNull();
  expect(response.headers.get('vary')).toBe('Authorization, Accept-Encoding, Origin');
});
