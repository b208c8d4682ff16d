import { describe, expect, it } from 'vitest';
import type { ResourceDescription } from '../../../src/http/openapi/options-body.js';
import { bodyOf, createApiScene } from '../api-scene.js';

const describedAt = async (path: string) => {
  const response = await createApiScene().app.request(path, { method: 'OPTIONS' });
  return { response, description: (await response.json()) as ResourceDescription };
};

describe('OPTIONS', () => {
  it('describes the image list without a token', async () => {
    const { response, description } = await describedAt('/v2/image');
    expect(response.status).toBe(200);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(description.methods).toEqual(['GET', 'HEAD', 'OPTIONS']);
    expect(description.description).toContain('images');
    expect(description.parameters['name']).toMatchObject({ in: 'query', required: false, type: 'string' });
    expect(description.parameters['sort']).toMatchObject({
      type: 'string',
      default: 'name,asc',
      allowed: expect.arrayContaining(['name', 'size,desc', 'path,asc']),
    });
    expect(description.parameters['filter']).toMatchObject({
      in: 'query',
      type: 'string',
      allowed: expect.arrayContaining(['size,eq|ne|lt|le|gt|ge|in,...']),
    });
    const attributes = Object.entries(description.attributes);
    const names = ['name', 'path', 'id', 'size', 'created_on', 'updated_on', 'modified_on', 'settled', 'state', 'ovf'];
    expect(attributes.map(([name]) => name)).toEqual([...names, 'user']);
    expect(JSON.stringify(description.parameters['sort'])).not.toContain('settled');
    expect(JSON.stringify(description.parameters['filter'])).toContain('"settled,eq|ne|in,..."');
    for (const [, attribute] of attributes) expect(attribute.description).not.toBe('');
    expect(description.attributes).toMatchObject({
      size: { type: 'integer or null' },
      created_on: { type: 'date-time' },
    });
  });

  it('describes what an item of a list really has', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    await scene.sync('jm', ['a.ova']);
    const token = await scene.tokenFor('jm', ['admin']);
    for (const path of [
      '/v2/image',
      '/v2/image/1',
      '/v2/admin/image',
      '/v2/admin/space',
      '/v2/admin/request',
      '/v2/request/image_sync',
      '/v2/request/image_sync/1',
    ]) {
      const { data } = await bodyOf(await scene.ask(token, path));
      const { description } = await describedAt(path);
      const has = Object.keys(Array.isArray(data) ? (data[0] ?? {}) : data);
      // Own images don't say whose they are, public ones do; and what images are is said if it is asked for.
      const optional = path.endsWith('/image') ? ['user', 'ovf'] : ['user'];
      const described = Object.keys(description.attributes).filter(
        (name) => !optional.includes(name) || has.includes(name),
      );
      expect(described).toEqual(has);
    }
  });

  it('describes the fields of a body and their values', async () => {
    const { response, description } = await describedAt('/v2/admin/sync');
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expect(description.parameters['mode']).toMatchObject({
      in: 'body',
      required: false,
      allowed: ['incremental', 'full'],
      default: 'incremental',
    });
    expect(description.parameters['all']).toMatchObject({ allowed: [true] });
  });
});

describe('a method that a resource does not have', () => {
  it.each([
    ['POST', '/v2/image', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v2/image/1', 'GET, HEAD, OPTIONS'],
    ['PUT', '/v2/user/image/vm', 'GET, HEAD, PATCH, OPTIONS'],
    ['GET', '/v2/admin/sync', 'POST, OPTIONS'],
    ['GET', '/v2/admin/request/1', 'DELETE, OPTIONS'],
    ['HEAD', '/v2/admin/sync', 'POST, OPTIONS'],
    ['PROPFIND', '/v2/image', 'GET, HEAD, OPTIONS'],
  ])('gets 405 for %s %s, and Allow, without a token', async (method, path, allow) => {
    const response = await createApiScene().app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('HEAD', () => {
  it('answers as GET does, without the body but with its length', async () => {
    const scene = createApiScene();
    const token = await scene.tokenFor('jm');
    const get = await scene.ask(token, '/v2/image');
    const head = await scene.ask(token, '/v2/image', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect(head.headers.get('content-length')).toBe(`${(await get.text()).length}`);
    for (const name of ['content-type', 'cache-control', 'vary']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
  });
});

describe('the OpenAPI document', () => {
  it('has every resource, and needs no token', async () => {
    const response = await createApiScene().app.request('/openapi.json');
    expect(response.status).toBe(200);
    const document = (await response.json()) as {
      openapi: string;
      info: object;
      paths: { [path: string]: object | undefined };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ version: '1.2.3' });
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v2/image', '/v2/image/{id}', '/v2/admin/sync', '/v2/request/image_sync/{id}']),
    );
    expect(Object.keys(document.paths['/v2/user/image/vm'] ?? {})).toEqual(['get', 'head', 'patch', 'options']);
  });
});

describe('any other path', () => {
  it.each(['/v3', '/v2/image/1/2', '/v2/image//', '/v2//image', '/V2/image', '/%'])('is 404: %s', async (path) => {
    const response = await createApiScene().app.request(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await bodyOf(response)).toMatchObject({ status: 404, title: 'Not Found', error: 'Not Found' });
  });

  it('is alive at /livez', async () => {
    const response = await createApiScene().app.request('/livez');
    expect(response.status).toBe(200);
  });
});
