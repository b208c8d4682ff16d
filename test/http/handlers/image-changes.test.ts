import { describe, expect, it } from 'vitest';
import { begin, commit, end, image, listing } from '../../contract/index-under-test.js';
import { createApiScene, NOW, PUBLIC_URL } from '../api-scene.js';

const TARGET = '/v2/image/changes';

interface Told {
  readonly _links: { readonly self: string };
  readonly data: readonly { readonly id: number; readonly path: string; readonly ovf?: unknown }[];
  readonly deleted: readonly { readonly id: number; readonly path: string; readonly deleted_on: string }[];
  readonly meta: {
    readonly count: number;
    readonly has_more: boolean;
    readonly next_since: string;
    readonly next_url: string;
    readonly ignored?: readonly string[];
    readonly index: { readonly state: string };
  };
}

async function changesScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const scene = createApiScene(overrides);
  await scene.addSpace('jm');
  const token = await scene.tokenFor('jm');
  const index = { ...scene.index, clock: scene.time, close: async () => undefined };
  return {
    ...scene,
    token,
    index,
    /** The list becomes these. */
    async becomes(...images: Parameters<typeof listing>[1][number][]) {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', images));
      await end(index, lease);
    },
    get: (query = '', init: RequestInit = {}) => scene.ask(token, TARGET + query, init),
  };
}

const told = async (response: Response | Promise<Response>) => (await (await response).json()) as Told;
const pathsOf = (items: readonly { readonly path: string }[]) => items.map(({ path }) => path);

describe('GET /v2/image/changes', () => {
  it('lists all images, and from next_since on what has changed and what is gone', async () => {
    const { get, becomes, time } = await changesScene();
    await becomes('x.ova', 'y.ova');
    const first = await told(get());
    expect(pathsOf(first.data)).toEqual(['x.ova', 'y.ova']);
    expect(first.deleted).toEqual([]);
    expect(first.meta).toMatchObject({ count: 2, has_more: false, user: 'jm', index: { state: 'fresh' } });
    time.now += 1_000;
    await becomes(image('y.ova', { sizeBytes: 7 }), 'z.ova');
    const next = await told(get(`?since=${first.meta.next_since}`));
    expect(next.data).toMatchObject([
      { path: 'y.ova', size: 7, state: 'uploading' },
      { path: 'z.ova', size: 100 },
    ]);
    expect(next.deleted).toEqual([{ id: 1, path: 'x.ova', deleted_on: new Date(NOW + 1_000).toISOString() }]);
  });

  it('leads on by next_url, with every parameter, until nothing is left', async () => {
    const { get, becomes, ask, token } = await changesScene();
    await becomes('a.ova', 'b.ova', 'c.ova');
    const first = await told(get('?limit=2&include=ovf&since='));
    expect([pathsOf(first.data), first.meta.has_more]).toEqual([['a.ova', 'b.ova'], true]);
    expect(first.data[0]).toHaveProperty('ovf', null);
    const url = new URL(first.meta.next_url);
    expect(url.origin + url.pathname).toBe(PUBLIC_URL + TARGET);
    expect(Object.fromEntries(url.searchParams)).toEqual({ limit: '2', include: 'ovf', since: first.meta.next_since });
    const next = await told(ask(token, url.pathname + url.search));
    expect([pathsOf(next.data), next.meta.has_more]).toEqual([['c.ova'], false]);
  });

  it('takes a limit that is too large for the largest', async () => {
    const { get, becomes } = await changesScene();
    await becomes(...Array.from({ length: 501 }, (_, i) => `${i}.ova`));
    for (const query of ['', '?limit=9999999999999999999999']) {
      const { data, meta } = await told(get(query));
      expect([data.length, meta.has_more]).toEqual([500, true]);
    }
  });

  it.each([
    ['?since=yesterday', /^since: "yesterday" is no point that an answer has named; allowed is meta.next_since/],
    ['?limit=0', /^limit: "0" is not a valid limit; allowed are integers from 1 to 500/],
    ['?limit=2&limit=3', /^limit: given 2 times/],
    ['?include=disks', /^include: "disks" can't be included/],
  ])('refuses %s and says what is allowed', async (query, detail) => {
    const { get } = await changesScene();
    const response = await get(query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it('says what it ignores, filters above all, which a client would take for met', async () => {
    const { get } = await changesScene();
    const response = await get('?name=ubuntu&per_page=3&expand=1');
    expect(response.headers.get('x-ignored-parameters')).toBe('name, per_page, expand');
    expect((await told(response)).meta.ignored).toEqual(['name', 'per_page', 'expand']);
    expect((await get('?name=ubuntu', { headers: { prefer: 'handling=strict' } })).status).toBe(400);
  });

  it('answers 410 and what to do where nobody can go on', async () => {
    const { get, becomes, index } = await changesScene();
    await becomes('x.ova');
    const { meta } = await told(get());
    await index.runs.begin(NOW);
    const response = await get(`?since=${meta.next_since}`);
    expect(response.status).toBe(410);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({
      title: 'Gone',
      detail: `since: "${meta.next_since}" is of an index that was replaced or restored since, or has lost its last changes; drop what you have, and begin anew without since`,
      errors: [{ parameter: 'since' }],
    });
  });

  it('has an ETag while nothing changes, and answers 304 to it', async () => {
    const { get, becomes } = await changesScene();
    await becomes('x.ova');
    const { meta } = await told(get());
    const query = `?since=${meta.next_since}`;
    const first = await get(query);
    const etag = first.headers.get('etag') ?? '';
    const conditional = (tag: string) => get(query, { headers: { 'if-none-match': tag } });
    const unchanged = await conditional(etag);
    expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([304, etag]);
    expect(unchanged.headers.get('x-synced-on')).toBe(new Date(NOW).toISOString());
    expect((await get('', { headers: { 'if-none-match': etag } })).status).toBe(200);
    await becomes('x.ova', 'y.ova');
    expect((await conditional(etag)).status).toBe(200);
  });

  it("tells nobody of another's images", async () => {
    const { becomes, ask, tokenFor, addSpace } = await changesScene();
    await addSpace('lab');
    await becomes('x.ova');
    expect((await told(ask(await tokenFor('lab'), TARGET))).data).toEqual([]);
    const nobody = await told(ask(await tokenFor('nobody'), TARGET));
    expect([nobody.data, nobody.meta.index.state]).toEqual([[], 'none']);
  });

  it('is there under the other name of the list, too, and only there if that is a public one', async () => {
    const { ask, token, becomes } = await changesScene({ publicUsers: () => ['lab'] });
    await becomes('x.ova');
    expect(pathsOf((await told(ask(token, '/v2/user/image/vm/changes'))).data)).toEqual(['x.ova']);
    expect((await ask(token, TARGET)).status).toBe(404);
  });

  it('describes itself without a token, and answers HEAD like GET', async () => {
    const { app, get } = await changesScene();
    const options = await app.request(TARGET, { method: 'OPTIONS' });
    expect(await options.json()).toMatchObject({
      methods: ['GET', 'HEAD', 'OPTIONS'],
      parameters: { since: { in: 'query', required: false }, limit: { type: 'integer' }, include: {} },
      attributes: { path: { type: 'string' } },
    });
    const head = await get('', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});
