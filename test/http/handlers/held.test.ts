import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { begin, commit, end, listing } from '../../contract/index-under-test.js';
import { bodyOf, createApiScene } from '../api-scene.js';

const TARGET = '/v2/admin/space/jm/held';

/** A space of three images of which two are missed. */
async function heldScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const scene = createApiScene(overrides);
  await scene.addSpace('jm');
  await scene.sync('jm', ['a.ova', 'b.ova', 'c.ova']);
  const index = { ...scene.index, clock: scene.time, close: async () => undefined };
  const { lease } = await begin(index, 'jm');
  await commit(index, lease, listing('', ['c.ova']), { removals: 'hold' });
  await end(index, lease, { heldRemovals: 2, heldReasons: ['2 of 3 images are gone'] });
  const token = await scene.tokenFor('root', ['admin']);
  const get = (query = '') => scene.ask(token, TARGET + query);
  return { ...scene, token, get };
}

describe('GET /v2/admin/space/{user}/held', () => {
  it('lists what would go, and says why it is held', async () => {
    const { get } = await heldScene();
    const response = await get();
    expect(response.status).toBe(200);
    const { data, meta } = await bodyOf(response);
    const missed = { missed_since: '2026-11-24T12:00:00.000Z' };
    expect(data).toEqual([
      { path: 'a.ova', name: 'a.ova', id: 1, size: null, ...missed },
      { path: 'b.ova', name: 'b.ova', id: 2, size: 100, ...missed },
    ]);
    expect(meta).toMatchObject({
      count: 2,
      pages: { total: 2 },
      held: { removals: 2, refused: false, reasons: ['2 of 3 images are gone'] },
    });
  });

  it('is filtered, ordered and paged like images', async () => {
    const { get } = await heldScene();
    const paths = async (query: string) => {
      const { data } = await bodyOf(await get(query));
      return (data as unknown as { path: string }[]).map(({ path }) => path);
    };
    expect(await paths('?sort=path,desc')).toEqual(['b.ova', 'a.ova']);
    expect(await paths('?name=B')).toEqual(['b.ova']);
    expect(await paths('?filter=size,ge,1')).toEqual(['b.ova']);
    const first = await get('?per_page=1');
    expect(first.headers.get('link')).toContain('rel="next"');
    const { next_url: next } = (await bodyOf(first)).meta['pages'] as unknown as { next_url: string };
    expect(await paths(new URL(next).search)).toEqual(['b.ova']);
    expect((await get('?sort=colour')).status).toBe(400);
  });

  it('says how to ask for less where there is too much', async () => {
    const tooMany = new OvadexError('usage', '70000 held images are not answered at once; allowed are pages');
    const scene = createApiScene();
    const catalogue = { ...scene.index.catalogue, held: () => Promise.reject(tooMany) };
    const { get } = await heldScene({ catalogue });
    expect((await bodyOf(await get())).errors).toMatchObject([{ parameter: 'per_page' }]);
  });

  it('is empty where nothing is held, and 404 where there is no space', async () => {
    const { ask, token, addSpace } = await heldScene();
    await addSpace('lab');
    const { data, meta } = await bodyOf(await ask(token, '/v2/admin/space/lab/held'));
    expect(data).toEqual([]);
    expect(meta).toMatchObject({ held: { removals: 0, refused: false, reasons: [] } });
    expect((await ask(token, '/v2/admin/space/nobody/held')).status).toBe(404);
  });

  it('describes itself', async () => {
    const { app } = await heldScene();
    const { attributes, parameters } = (await (await app.request(TARGET, { method: 'OPTIONS' })).json()) as {
      attributes: object;
      parameters: object;
    };
    expect(Object.keys(attributes)).toEqual(['path', 'name', 'id', 'size', 'missed_since']);
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(['user', 'name', 'filter', 'sort', 'page']));
  });
});
