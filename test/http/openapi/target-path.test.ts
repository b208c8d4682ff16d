import { describe, expect, it } from 'vitest';
import { adviceOnPath, routedPath } from '../../../src/http/openapi/route.js';
import { bodyOf, createApiScene, PUBLIC_URL } from '../api-scene.js';

describe('the path that a request is routed by', () => {
  it.each([
    ['/', '/'],
    ['//', '/'],
    ['/v2/image', '/v2/image'],
    ['/v2/image/', '/v2/image'],
    ['//v2/image', '/v2/image'],
    ['///v2/image/?name=a/', '/v2/image'],
    ['/v2/image/7/', '/v2/image/7'],
    ['/v2/image//', '/v2/image//'],
    ['/v2//image', '/v2//image'],
    ['/v2/admin/space/a%2F/', '/v2/admin/space/a%2F'],
    ['/v2/admin/space/a%2F', '/v2/admin/space/a%2F'],
  ])('of %s is %s', (target, path) => expect(routedPath(new Request(`http://h.example${target}`))).toBe(path));
});

describe('a path that leads nowhere', () => {
  it.each([
    ['/vss/v2/image', 'https://h.example/vss', true],
    ['/vss/v2/image', 'https://h.example/vss/', true],
    ['/vssx/v2/image', 'https://h.example/vss', false],
    ['/v3/image', 'https://h.example/vss', false],
    ['/v3/image', 'https://h.example', false],
    ['/v3/image', null, false],
  ])('is told of a prefix that was left on it: %s of %s', (path, publicUrl, isTold) => {
    expect(adviceOnPath(path, publicUrl).includes('"/vss"')).toBe(isTold);
  });

  it('has it in the answer', async () => {
    const { app } = createApiScene({ publicUrl: 'https://h.example/vss' });
    expect((await bodyOf(await app.request('/vss/v2/image'))).detail).toContain('takes "/vss" away');
  });
});

describe('an endpoint with a slash of its own', () => {
  it.each([
    '//v2/image',
    '/v2/image/',
    '//v2/image/',
    '//v2/image/1',
    '/v2/image/1/',
    '//v2/user/image/vm',
    '/v2/user/',
  ])('leads to the resource: %s', async (path) => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    await scene.sync('jm', ['a.ova']);
    const response = await scene.ask(await scene.tokenFor('jm'), `http://localhost${path}`);
    expect(response.status).toBe(200);
    expect((await bodyOf(response))._links.self).toBe(PUBLIC_URL + path);
  });

  it('leads to a resource with another method, too', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const token = await scene.tokenFor('jm');
    expect((await scene.ask(token, 'http://localhost//v2/user/image/vm', { method: 'PATCH' })).status).toBe(202);
    expect((await scene.app.request('/v2/image/', { method: 'OPTIONS' })).status).toBe(200);
    expect((await scene.app.request('http://localhost//readyz')).status).toBe(200);
  });
});

describe('what every answer links to', () => {
  it.each(['/v2/', '/v2', '//v2/'])('lists the resources without a token: %s', async (path) => {
    const { app } = createApiScene();
    const response = await app.request(`http://localhost${path}`);
    expect(response.status).toBe(200);
    const { data } = await bodyOf(response);
    expect(data['resources']).toEqual(
      expect.arrayContaining([
        { path: '/v2/image', url: `${PUBLIC_URL}/v2/image`, methods: ['GET', 'HEAD', 'OPTIONS'] },
        { path: '/v2/image/{id}', url: `${PUBLIC_URL}/v2/image/{id}`, methods: ['GET', 'HEAD', 'OPTIONS'] },
        { path: '/v2', url: `${PUBLIC_URL}/v2`, methods: ['GET', 'HEAD', 'OPTIONS'] },
      ]),
    );
    const { docs } = data['_links'] as { docs: string };
    expect((await app.request(new URL(docs).pathname)).status).toBe(200);
  });

  it('is left by a browser that has no path for the page', async () => {
    const { app } = createApiScene();
    for (const method of ['GET', 'HEAD']) {
      const response = await app.request('/', { method });
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe(`${PUBLIC_URL}/docs`);
    }
    const anywhere = createApiScene({ publicUrl: null }).app;
    expect((await anywhere.request('/')).headers.get('location')).toBe('docs');
    const withConsole = createApiScene({ console: () => () => new Response() }).app;
    expect((await withConsole.request('/')).headers.get('location')).toBe(`${PUBLIC_URL}/console`);
    expect((await app.request('/', { method: 'OPTIONS' })).status).toBe(200);
    const listed = await app.request('/', { headers: { accept: 'application/json' } });
    expect((await bodyOf(listed)).data['resources']).toBeInstanceOf(Array);
  });
});
