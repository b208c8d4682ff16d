import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareImages, matchesImage, SORT_FIELDS } from '../../../src/domain/lists/image-list.js';
import { bodyOf, createApiScene, NOW, PUBLIC_URL } from '../api-scene.js';

const PATHS = [
  'images/Ubuntu_64-bit-vmx10.ova',
  'b/ubuntu.ova',
  'a/ubuntu.ova',
  'Ärger.OVA',
  'a%b.ova',
  'a_b.ova',
  'c d+e.ovf',
  'Zebra.ova',
];

async function createListScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const scene = createApiScene(overrides);
  await scene.addSpace('jm');
  await scene.addSpace('lab');
  await scene.sync('jm', PATHS);
  await scene.sync('lab', ['theirs.ova']);
  const token = await scene.tokenFor('jm');
  const list = async (query = '') => bodyOf(await scene.ask(token, `/v2/image${query}`));
  const paths = async (query = '') => (await list(query)).data.map(({ path }) => path);
  return { ...scene, token, list, paths };
}

/** What an image by its id has that wasn't read. */
const NOT_READ = { reasons: [], notes: [], ovf: null };

describe('GET /v2/image', () => {
  it('wraps the whole list as the contract has it', async () => {
    const { ask, token } = await createListScene();
    const response = await ask(token, '/v2/image?sort=name&name=vmx10');
    const self = `${PUBLIC_URL}/v2/image?sort=name&name=vmx10`;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      _links: { api: `${PUBLIC_URL}/v2/`, self },
      data: [
        {
          name: 'Ubuntu_64-bit-vmx10.ova',
          path: 'images/Ubuntu_64-bit-vmx10.ova',
          id: 1,
          size: null,
          created_on: '2026-11-24T12:00:00.000Z',
          updated_on: '2026-11-24T12:00:00.000Z',
          modified_on: '2026-11-24T12:00:00.000Z',
          settled: true,
          state: 'unknown',
        },
      ],
      meta: {
        count: 1,
        time: expect.stringMatching(/^\d+\.\d{5}s$/),
        user: 'jm',
        pages: {
          first_url: self,
          last_url: self,
          next_url: null,
          prev_url: null,
          page: 1,
          pages: 1,
          per_page: 1,
          total: 1,
        },
        index: { state: 'fresh', synced_on: new Date(NOW).toISOString() },
      },
    });
  });

  it('has the headers of a private answer', async () => {
    const { ask, token } = await createListScene();
    const { headers } = await ask(token, '/v2/image');
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-cache',
      vary: 'Authorization, Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
  });

  it('answers 304 to whoever has it already, with the headers that 200 would have', async () => {
    const { ask, token, sync, time } = await createListScene();
    time.now += 5_000;
    const first = await ask(token, '/v2/image');
    const validators = { etag: first.headers.get('etag') ?? '', 'last-modified': first.headers.get('last-modified') };
    expect(validators).toEqual({
      etag: expect.stringMatching(/^W\/"/),
      'last-modified': expect.stringMatching(/ GMT$/),
    });

    const again = await ask(token, '/v2/image', { headers: { 'if-none-match': validators.etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const kept = { ...validators, vary: 'Authorization, Accept-Encoding', 'cache-control': 'private, no-cache' };
    expect(Object.fromEntries(again.headers)).toMatchObject(kept);
    expect(again.headers.has('content-type')).toBe(false);

    await sync('jm', ['new.ova']);
    const changed = await ask(token, '/v2/image', { headers: { 'if-none-match': validators.etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(validators.etag);
  });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const)('compresses by %s where it is liked', async (coding, decode) => {
    const { ask, token } = await createListScene();
    const plain = await bodyOf(await ask(token, '/v2/image'));
    const response = await ask(token, '/v2/image', { headers: { 'accept-encoding': coding } });
    expect(response.headers.get('content-encoding')).toBe(coding);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(`${bytes.length}`);
    expect((JSON.parse(decode(bytes).toString()) as typeof plain).data).toEqual(plain.data);
  });

  it('answers HEAD with the headers of GET and nothing else', async () => {
    const { ask, token } = await createListScene();
    const get = await ask(token, '/v2/image');
    const head = await ask(token, '/v2/image', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['etag', 'vary', 'content-type', 'cache-control']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    expect(head.headers.get('content-length')).toBe(`${Buffer.byteLength(await get.text())}`);
  });

  it('lists the images of the token\u2019s user, whatever else names one', async () => {
    const { ask, token, paths } = await createListScene();
    expect(new Set(await paths('?user=lab&username=lab'))).toEqual(new Set(PATHS));
    const response = await ask(token, '/v2/image', { headers: { 'x-user': 'lab', 'x-forwarded-user': 'lab' } });
    expect((await bodyOf(response)).data).toHaveLength(PATHS.length);
  });

  it('lists the same at /v2/user/image/vm', async () => {
    const { ask, token, list } = await createListScene();
    expect((await bodyOf(await ask(token, '/v2/user/image/vm'))).data).toEqual((await list()).data);
  });

  it('gives the whole list to the parameters that clients send with every call', async () => {
    const { paths } = await createListScene();
    expect(await paths('?sort=&filter=&name=&expand=&groups=1')).toEqual(await paths());
  });

  it.each([
    ['?name=UBUNTU', ['a/ubuntu.ova', 'b/ubuntu.ova', 'images/Ubuntu_64-bit-vmx10.ova']],
    ['?name=ubuntu&name=vmx', ['images/Ubuntu_64-bit-vmx10.ova']],
    ['?name=%25', ['a%b.ova']],
    ['?name=a_b', ['a_b.ova']],
    ['?name=d%2Be', ['c d+e.ovf']],
    ['?name=c+d', ['c d+e.ovf']],
    ['?name=a%CC%88rger', ['Ärger.OVA']],
    ['?name=none', []],
    ['?filter=name,like,%25ubuntu%25', ['a/ubuntu.ova', 'b/ubuntu.ova', 'images/Ubuntu_64-bit-vmx10.ova']],
    ['?filter=name,eq,ubuntu.ova;path,like,A/%25', ['a/ubuntu.ova']],
    ['?filter=name,eq,ubuntu.ova&filter=path,ne,a/ubuntu.ova&name=', ['b/ubuntu.ova']],
    ['?filter=path,in,a%25b.ova,a_b.ova|none', ['a%b.ova', 'a_b.ova']],
    ['?filter=size,gt,100;size,le,500&name=.ova', ['a%b.ova', 'a_b.ova', 'a/ubuntu.ova']],
    ['?filter=created_on,lt,2026-11-24T12:00:00Z', []],
    ['?filter=created_on,le,2026-11-24T13:00:00+01:00;name,eq,Zebra.ova', ['Zebra.ova']],
  ])('filters by %s', async (query, expected) => {
    const { paths } = await createListScene();
    expect(new Set(await paths(query))).toEqual(new Set(expected));
  });

  it('answers a user without a space with nothing and says so', async () => {
    const { ask, tokenFor } = await createListScene();
    const { data, meta } = await bodyOf(await ask(await tokenFor('nobody'), '/v2/image'));
    expect(data).toEqual([]);
    expect(meta).toMatchObject({ count: 0, user: 'nobody', index: { state: 'none', synced_on: null } });
    expect(meta.pages).toMatchObject({ page: 1, pages: 1, total: 0, next_url: null });
  });

  it('says that a space was never crawled', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const { meta } = await bodyOf(await scene.ask(await scene.tokenFor('jm'), '/v2/image'));
    expect(meta.index).toEqual({ state: 'pending', synced_on: null });
  });

  it('makes links of the request\u2019s own host where no public URL is configured', async () => {
    const { ask, token } = await createListScene({ publicUrl: null });
    const { _links } = await bodyOf(await ask(token, 'http://api.local:8080/v2/image?name=a%20b'));
    expect(_links).toEqual({
      api: 'http://api.local:8080/v2/',
      self: 'http://api.local:8080/v2/image?name=a%20b',
    });
  });

  it.each([
    ['?sort=color', 'sort', '"color"'],
    ['?name=%E4', 'name', '"%E4"'],
    ['?filter=colour,eq,a', 'filter', '"colour,eq,a"'],
    ['?filter=size,gt,big', 'filter', '"big"'],
  ])('refuses %s and names parameter and value', async (query, parameter, value) => {
    const { ask, token } = await createListScene();
    const response = await ask(token, `/v2/image${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const body = await bodyOf(response);
    expect(body.errors).toMatchObject([{ parameter }]);
    expect(body.message).toContain(value);
    expect(body.detail).toBe(body.message);
  });

  it('never fails at a query: 200, or 400 that names a parameter', async () => {
    const { ask, token } = await createListScene();
    const part = fc.oneof(
      fc.constantFrom(
        'name=',
        'sort=',
        'filter=',
        '&',
        ';',
        ',',
        '%',
        '+',
        'name',
        'size',
        'desc',
        '%E4',
        '%00',
        '%F0',
        'in,',
        'like,%25',
        'eq,1',
        '%5C',
        'page=',
        'per_page=',
        'cursor=',
        '7',
      ),
      fc.string({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 10 }), async (parts) => {
        const response = await ask(token, `/v2/image?${parts.join('').replaceAll('#', '')}`);
        expect([200, 400]).toContain(response.status);
        if (response.status === 400) expect((await bodyOf(response)).errors.length).toBeGreaterThan(0);
      }),
    );
  });

  it('filters and orders like the plain definitions do', async () => {
    const scene = await createListScene();
    const found = await scene.index.catalogue.images('jm', {
      nameContains: [],
      sort: [{ field: 'id', direction: 'asc' }],
    });
    const images = found?.images ?? [];
    const term = fc.record({
      field: fc.constantFrom(...SORT_FIELDS),
      direction: fc.constantFrom('asc' as const, 'desc' as const),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(term, { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom('u', 'A', '.ov', '%', '_', 'ä', ' ', '+', 'zz'), { maxLength: 2 }),
        async (sort, names) => {
          const text = sort.map(({ field, direction }) => `${field},${direction}`).join(';');
          const form = new URLSearchParams({ sort: text });
          for (const name of names) form.append('name', name);
          const expected = images
            .filter((image) => matchesImage({ nameContains: names }, image))
            .sort(compareImages(sort));
          expect(await scene.paths(`?${form}`)).toEqual(expected.map(({ path }) => path));
        },
      ),
    );
  });
});

describe('GET /v2/image/{id}', () => {
  it('shows one image', async () => {
    const { ask, token, list } = await createListScene();
    const [first] = (await list()).data;
    const response = await ask(token, `/v2/image/${first?.['id']}`);
    expect(response.status).toBe(200);
    const { _links, data, meta } = await bodyOf(response);
    expect(data).toEqual({ ...first, ...NOT_READ });
    expect(_links.self).toBe(`${PUBLIC_URL}/v2/image/${first?.['id']}`);
    expect(meta.user).toBe('jm');
  });

  it('answers somebody else\u2019s image exactly as an unknown one', async () => {
    const { ask, token, index } = await createListScene();
    const theirs = await index.catalogue.images('lab', { nameContains: [], sort: [] });
    const id = theirs?.images[0]?.id ?? 0;
    expect(id).toBeGreaterThan(0);
    const answers = [id, 999].map(async (each) => {
      const response = await ask(token, `/v2/image/${each}`, { headers: { 'x-request-id': 'same' } });
      return { status: response.status, text: (await response.text()).replaceAll(`${each}`, 'ID') };
    });
    const [other, unknown] = await Promise.all(answers);
    expect(other?.status).toBe(404);
    expect(other).toEqual(unknown);
  });

  it.each(['abc', '0', '-1', '1.0', '1e3', '01', '%31x', '99999999999999999999', '%00', '%'])(
    'answers 404 to %s, which is no id',
    async (id) => {
      const { ask, token } = await createListScene();
      expect((await ask(token, `/v2/image/${id}`)).status).toBe(404);
    },
  );
});
