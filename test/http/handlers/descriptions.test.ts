import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/description/reading.js';
import { broken, described } from '../../support/readings.js';
import { bodyOf, createApiScene, PUBLIC_URL } from '../api-scene.js';

const SHORT = {
  product: 'Ubuntu Server',
  version: '24.04',
  os: 'ubuntu64Guest',
  family: 'linux',
  cpus: 2,
  memory_mib: 2_048,
  disk_count: 1,
  capacity_bytes: 8_589_934_592,
};

/** A space with an image that was read, one that is broken, and one that waits. */
async function createReadScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const scene = createApiScene(overrides);
  const { index, ask, tokenFor } = scene;
  await scene.addSpace('jm');
  await scene.sync('jm', ['a.ova', 'b.ova', 'c.ova']);
  const { id: space = 0 } = (await index.catalogue.space('jm')) ?? {};
  const read = async (path: string, reading: Reading) => {
    const image = (await index.descriptions.toRead(space, 100)).find((each) => each.path === path);
    if (image === undefined) throw new Error(`${path} doesn't wait for being read`);
    await index.descriptions.store(space, image, reading, { requests: 1, bytes: 32_768 });
  };
  await read('a.ova', described());
  await read('b.ova', broken('not-an-ova: zip'));
  const token = await tokenFor('jm', ['admin']);
  const get = async (target: string) => bodyOf(await ask(token, target));
  const idOf = async (path: string) => (await get(`/v2/image?filter=path,eq,${path}`)).data[0]?.['id'] as number;
  return { ...scene, token, get, read, idOf };
}

describe('what an image is', () => {
  it('is in lists its state, and with include=ovf the short form', async () => {
    const { get } = await createReadScene();
    const plain = (await get('/v2/image')).data;
    expect(plain.map(({ state }) => state)).toEqual(['ok', 'broken', 'unknown']);
    expect(plain.every((image) => !('ovf' in image))).toBe(true);
    const [a, b, c] = (await get('/v2/image?include=ovf')).data;
    expect(a).toEqual({ ...plain[0], ovf: SHORT });
    expect([b?.['ovf'], c?.['ovf']]).toEqual([null, null]);
  });

  it.each(['/v2/image?include=', '/v2/image?include=,'])(
    'is not in a list that asks for nothing: %s',
    async (target) => {
      const { get } = await createReadScene();
      expect((await get(target)).data[0]).not.toHaveProperty('ovf');
    },
  );

  it.each([
    ['include=disks', 'include: "disks" can\'t be included; allowed is ovf'],
    ['include=ovf,disks', 'include: "disks" can\'t be included; allowed is ovf'],
    ['include=ovf&include=ovf', 'include: given 2 times; allowed is once'],
  ])('is refused where it is not understood: %s', async (query, detail) => {
    const { ask, token } = await createReadScene();
    for (const path of ['/v2/image', '/v2/user/image/vm', '/v2/admin/image']) {
      const response = await ask(token, `${path}?${query}`);
      expect(response.status).toBe(400);
      expect((await bodyOf(response)).errors).toEqual([{ parameter: 'include', detail }]);
    }
  });

  it('stays in the pages that follow, under an ETag of its own', async () => {
    const { ask, token, get } = await createReadScene();
    const first = await get('/v2/image?include=ovf&per_page=1&sort=memory_mib,desc');
    expect(first.data[0]).toMatchObject({ path: 'a.ova', ovf: SHORT });
    const next = `${first.meta.pages['next_url'] as string}`;
    expect(new URL(next).searchParams.get('include')).toBe('ovf');
    const second = await get(next.slice(PUBLIC_URL.length));
    expect(second.data[0]).toMatchObject({ path: 'c.ova', ovf: null });
    const [with_, without] = await Promise.all(['?include=ovf', ''].map((query) => ask(token, `/v2/image${query}`)));
    expect(with_?.headers.get('etag')).not.toBe(without?.headers.get('etag'));
    const again = { headers: { 'if-none-match': with_?.headers.get('etag') ?? '' } };
    expect((await ask(token, '/v2/image?include=ovf', again)).status).toBe(304);
    const head = await ask(token, '/v2/image?include=ovf', { method: 'HEAD' });
    expect(head.headers.get('etag')).toBe(with_?.headers.get('etag'));
    expect(head.headers.get('content-length')).toBe(with_?.headers.get('content-length'));
  });

  it('makes another list once it is read', async () => {
    const { ask, token, read } = await createReadScene();
    const etag = (await ask(token, '/v2/image')).headers.get('etag') ?? '';
    const again = () => ask(token, '/v2/image', { headers: { 'if-none-match': etag } });
    expect((await again()).status).toBe(304);
    await read('c.ova', described());
    const response = await again();
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data.map(({ state }) => state)).toEqual(['ok', 'broken', 'ok']);
  });

  it('is what lists are filtered and ordered by', async () => {
    const { get } = await createReadScene();
    const paths = async (query: string) => (await get(`/v2/image?${query}`)).data.map(({ path }) => path);
    expect(await paths('filter=family,eq,linux;memory_mib,le,4096;state,eq,ok')).toEqual(['a.ova']);
    expect(await paths('filter=state,in,broken|unknown&sort=name,desc')).toEqual(['c.ova', 'b.ova']);
    expect(await paths('sort=capacity_bytes,desc;name,desc')).toEqual(['a.ova', 'c.ova', 'b.ova']);
  });

  it('is in tables a column for each value', async () => {
    const { ask, token } = await createReadScene();
    const table = async (query: string) => {
      const response = await ask(token, `/v2/image?${query}`, { headers: { accept: 'text/csv' } });
      return (await response.text()).split('\r\n').map((line) => line.split(','));
    };
    const [head = [], a = [], b = []] = await table('include=ovf');
    expect(head.slice(-9)).toEqual(['state', ...Object.keys(SHORT)]);
    expect(a.slice(-9)).toEqual(['ok', ...Object.values(SHORT).map((value) => `${value}`)]);
    expect(b.slice(-9)).toEqual(['broken', ...Object.keys(SHORT).map(() => '')]);
    expect([head.length, a.length, b.length]).toEqual([17, 17, 17]);
    expect((await table(''))[0]?.at(-1)).toBe('state');
    const lines = await ask(token, '/v2/image?include=ovf', { headers: { accept: 'application/x-ndjson' } });
    expect(JSON.parse((await lines.text()).split('\n')[0] ?? '')).toMatchObject({ path: 'a.ova', ovf: SHORT });
  });

  it('is all of it by id, with the reasons for its state', async () => {
    const { get, idOf } = await createReadScene();
    const a = (await get(`/v2/image/${await idOf('a.ova')}`)).data;
    expect(a).toMatchObject({ path: 'a.ova', state: 'ok', reasons: [], notes: [] });
    expect(a['ovf']).toMatchObject({
      vendor: 'Canonical',
      os: { id: 94, vmw_os_type: 'ubuntu64Guest', family: 'linux' },
      disks: { count: 1, capacity_bytes: 8_589_934_592 },
    });
    const b = (await get(`/v2/image/${await idOf('b.ova')}`)).data;
    expect(b).toMatchObject({ state: 'broken', reasons: ['not-an-ova: zip'], ovf: null });
    const c = (await get(`/v2/image/${await idOf('c.ova')}`)).data;
    expect(c).toMatchObject({ state: 'unknown', reasons: [], notes: [], ovf: null });
  });

  it('is found among the images of all spaces', async () => {
    const { get } = await createReadScene();
    const found = (await get('/v2/admin/image?filter=state,eq,ok&include=ovf')).data;
    expect(found).toMatchObject([{ user: 'jm', path: 'a.ova', state: 'ok', ovf: SHORT }]);
    expect((await get('/v2/admin/image')).data[0]).not.toHaveProperty('ovf');
  });

  it('is shown of public images, too', async () => {
    const users = ['jm'];
    const { get, idOf } = await createReadScene({ publicUsers: () => users });
    expect((await get('/v2/image?include=ovf')).data[0]).toMatchObject({ user: 'jm', state: 'ok', ovf: SHORT });
    expect((await get('/v2/image')).data[0]).not.toHaveProperty('ovf');
    expect((await get(`/v2/image/${await idOf('a.ova')}`)).data).toMatchObject({
      user: 'jm',
      state: 'ok',
      ovf: { vendor: 'Canonical' },
    });
  });

  it('keeps capacities beyond 2^53 to the digit', async () => {
    const { get, read } = await createReadScene();
    await read('c.ova', described({ disks: { count: 2, capacityBytes: '9007199254740993' } }));
    const [c] = (await get('/v2/image?include=ovf&filter=capacity_bytes,gt,8589934592')).data;
    expect(c).toMatchObject({ path: 'c.ova', ovf: { capacity_bytes: '9007199254740993' } });
  });
});
