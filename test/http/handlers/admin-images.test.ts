import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene, failingCatalogue, PUBLIC_URL } from '../api-scene.js';

async function createSearchScene() {
  const scene = createApiScene();
  for (const user of ['jm', 'lab', 'zoe']) await scene.addSpace(user);
  await scene.sync('jm', ['images/Ubuntu.ova', 'b.ova', 'x.ova']);
  await scene.sync('lab', ['ubuntu-server.ova', 'x.ova']);
  await scene.sync('zoe', ['Kali.ova']);
  const token = await scene.tokenFor('root', ['admin']);
  const get = (query = '') => scene.ask(token, query.startsWith('http') ? query : `/v2/admin/image${query}`);
  const found = async (query: string) =>
    (await bodyOf(await get(query))).data.map(({ user, path }) => `${user}:${path}`);
  return { ...scene, get, found };
}

describe('GET /v2/admin/image', () => {
  it('searches all spaces and says whose each image is', async () => {
    const { get } = await createSearchScene();
    const response = await get('?name=UBUNTU');
    expect(response.status).toBe(200);
    const { data, meta, _links } = await bodyOf(response);
    expect(data).toEqual([
      {
        user: 'lab',
        name: 'ubuntu-server.ova',
        path: 'ubuntu-server.ova',
        id: expect.any(Number),
        size: null,
        created_on: '2026-11-24T12:00:00.000Z',
        updated_on: '2026-11-24T12:00:00.000Z',
        modified_on: '2026-11-24T12:00:00.000Z',
        settled: true,
        state: 'unknown',
      },
      expect.objectContaining({ user: 'jm', path: 'images/Ubuntu.ova' }),
    ]);
    expect(_links.self).toBe(`${PUBLIC_URL}/v2/admin/image?name=UBUNTU`);
    expect(meta).toMatchObject({ count: 2, user: 'root', pages: { total: 2, next_url: null } });
  });

  it.each([
    ['', ['jm:b.ova', 'zoe:Kali.ova', 'lab:ubuntu-server.ova', 'jm:images/Ubuntu.ova', 'jm:x.ova', 'lab:x.ova']],
    [
      '?name=&filter=&sort=',
      ['jm:b.ova', 'zoe:Kali.ova', 'lab:ubuntu-server.ova', 'jm:images/Ubuntu.ova', 'jm:x.ova', 'lab:x.ova'],
    ],
    ['?filter=user,eq,jm', ['jm:b.ova', 'jm:images/Ubuntu.ova', 'jm:x.ova']],
    [
      '?filter=user,in,lab|zoe;name,like,%25a%25&sort=user,desc',
      ['zoe:Kali.ova', 'lab:x.ova', 'lab:ubuntu-server.ova'],
    ],
    ['?sort=user,desc;path&name=x', ['lab:x.ova', 'jm:x.ova']],
    ['?filter=user,eq,JM', []],
  ])('filters and orders by %s', async (query, expected) => {
    const { found } = await createSearchScene();
    expect(await found(query)).toEqual(expected);
  });

  it('pages like every list', async () => {
    const { get, found } = await createSearchScene();
    const whole = await found('?sort=size');
    const met: unknown[] = [];
    let url: string | null = '?sort=size&per_page=2';
    while (url !== null) {
      met.push(...(await found(url)));
      const response: Response = await get(url);
      expect(response.headers.get('link')).toContain('rel="first"');
      url = (await bodyOf(response)).meta.pages['next_url'] as string | null;
    }
    expect(met).toEqual(whole);
  });

  it('is for administrators', async () => {
    const { ask, tokenFor } = await createSearchScene();
    expect((await ask(await tokenFor('jm'), '/v2/admin/image')).status).toBe(403);
  });

  it('says how to ask where there is too much to look at', async () => {
    const error = new OvadexError('usage', 'name: the 7 images are too many');
    const scene = createApiScene({ catalogue: failingCatalogue(error) });
    const response = await scene.ask(await scene.tokenFor('root', ['admin']), '/v2/admin/image?name=ab');
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).errors).toEqual([{ parameter: 'name', detail: 'name: the 7 images are too many' }]);
  });

  it('never fails at a query: 200, or 400 that names a parameter', async () => {
    const { get } = await createSearchScene();
    const part = fc.oneof(
      fc.constantFrom(
        ...['name=', 'sort=', 'filter=', 'page=', 'per_page=', 'cursor=', '&', ';', ',', '%', '%E4', '%00'],
      ),
      fc.constantFrom(...['user', 'size', 'like,', 'in,', 'eq,1', 'desc', '0', '1', 'bnVsbA']),
      fc.string({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 10 }), async (parts) => {
        const response = await get(`?${parts.join('').replaceAll('#', '')}`);
        expect([200, 400]).toContain(response.status);
        if (response.status === 400) expect((await bodyOf(response)).errors.length).toBeGreaterThan(0);
      }),
    );
  });
});
