import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene, failingCatalogue, PUBLIC_URL } from '../api-scene.js';

/** jm's own space, and two that everybody sees; the same path is in both. */
async function createPublicScene(first: readonly string[] = ['templates', 'courses']) {
  const config = { users: first };
  const scene = createApiScene({ publicUsers: () => config.users });
  for (const user of ['jm', 'templates', 'courses']) await scene.addSpace(user);
  await scene.sync('jm', ['mine.ova']);
  await scene.sync('templates', ['ubuntu.ova', 'debian.ova']);
  await scene.sync('courses', ['ubuntu.ova', 'week-1.ova']);
  const token = await scene.tokenFor('jm');
  const list = async (query = '') => bodyOf(await scene.ask(token, `/v2/image${query}`));
  const shown = async (query = '') => (await list(query)).data.map(({ user, path }) => `${user}/${path}`);
  return { ...scene, config, token, list, shown };
}

/** What an image by its id has that wasn't read. */
const NOT_READ = { reasons: [], notes: [], ovf: null };

describe('with a public catalogue /v2/image', () => {
  it('lists the images of the public spaces, whoever asks, and the own ones stay where they are', async () => {
    const { shown, ask, token, tokenFor } = await createPublicScene();
    const all = ['templates/debian.ova', 'templates/ubuntu.ova', 'courses/ubuntu.ova', 'courses/week-1.ova'];
    expect(await shown()).toEqual(all);
    const stranger = await bodyOf(await ask(await tokenFor('nobody'), '/v2/image'));
    expect([stranger.data.length, stranger.meta.user]).toEqual([4, 'nobody']);
    const own = await bodyOf(await ask(token, '/v2/user/image/vm'));
    expect(own.data.map(({ path }) => path)).toEqual(['mine.ova']);
  });

  it.each(['changes', 'events'])('says where the %s of the own images are', async (what) => {
    const { ask, token } = await createPublicScene();
    const response = await ask(token, `/v2/image/${what}`);
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      404,
      `there is nothing at /v2/image/${what}; your own images have it at /v2/user/image/vm/${what}`,
    ]);
  });

  it('filters, orders and searches them', async () => {
    const { shown } = await createPublicScene();
    expect(await shown('?name=UBUNTU')).toEqual(['templates/ubuntu.ova', 'courses/ubuntu.ova']);
    expect(await shown('?filter=name,like,%25-1%25')).toEqual(['courses/week-1.ova']);
    expect((await shown('?sort=name,desc'))[0]).toBe('courses/week-1.ova');
  });

  it('pages them without missing or repeating one, though paths are the same', async () => {
    const { ask, token } = await createPublicScene();
    const seen: unknown[] = [];
    let url: string | null = '/v2/image?per_page=1';
    for (let pages = 0; url !== null && pages < 10; pages++) {
      const { data, meta } = await bodyOf(await ask(token, url.replace(PUBLIC_URL, '')));
      seen.push(...data.map(({ id }) => id));
      url = meta.pages['next_url'] as string | null;
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(4);
  });

  it('shows one of them, and an own one, by id, and nobody else\u2019s', async () => {
    const { ask, token, list, config, tokenFor } = await createPublicScene();
    const [image] = (await list('?name=week')).data;
    expect((await bodyOf(await ask(token, `/v2/image/${image?.['id']}`))).data).toEqual({ ...image, ...NOT_READ });
    const [own] = (await bodyOf(await ask(token, '/v2/user/image/vm'))).data;
    expect((await bodyOf(await ask(token, `/v2/image/${own?.['id']}`))).data).toMatchObject({ user: 'jm', ...own });
    expect((await ask(await tokenFor('kim'), `/v2/image/${own?.['id']}`)).status).toBe(404);
    config.users = [];
    expect((await ask(token, `/v2/image/${image?.['id']}`)).status).toBe(404);
    for (const id of ['x', '0', '99']) expect((await ask(token, `/v2/image/${id}`)).status).toBe(404);
  });

  it('is another list, with another ETag, after a change in any of the spaces', async () => {
    const { ask, token, sync, shown, index } = await createPublicScene();
    const first = await ask(token, '/v2/image');
    const ifNoneMatch = { headers: { 'if-none-match': first.headers.get('etag') ?? '' } };
    expect((await ask(token, '/v2/image', ifNoneMatch)).status).toBe(304);
    await sync('courses', ['week-2.ova']);
    const second = await ask(token, '/v2/image', ifNoneMatch);
    expect(second.status).toBe(200);
    expect(await shown('?name=week')).toEqual(['courses/week-1.ova', 'courses/week-2.ova']);
    await index.spaces.configure([{ user: 'templates', url: 'http://storage.example.org/templates/' }], 'rules', 0);
    expect(await shown()).toEqual(['templates/debian.ova', 'templates/ubuntu.ova']);
  });

  it('follows the configuration', async () => {
    const { shown, config } = await createPublicScene();
    await shown();
    config.users = ['courses'];
    expect(await shown()).toEqual(['courses/ubuntu.ova', 'courses/week-1.ova']);
    config.users = [];
    expect(await shown()).toEqual([]);
    config.users = ['gone', 'templates'];
    expect(await shown()).toEqual(['templates/debian.ova', 'templates/ubuntu.ova']);
  });

  it('says how it stands with the gravest of the spaces', async () => {
    const { list, sync, addSpace, config } = await createPublicScene();
    expect((await list()).meta.index.state).toBe('fresh');
    await sync('courses', [], { status: 'ERROR', errors: ['no route'] });
    expect((await list()).meta.index).toMatchObject({ state: 'failing', synced_on: expect.any(String) });
    await addSpace('new');
    config.users = ['templates', 'new'];
    expect((await list()).meta.index).toEqual({ state: 'pending', synced_on: null });
    config.users = [];
    expect((await list()).meta.index).toEqual({ state: 'none', synced_on: null });
  });

  it('is described as what it is', async () => {
    const { app, list } = await createPublicScene();
    const options = (await (await app.request('/v2/image', { method: 'OPTIONS' })).json()) as {
      description: string;
      attributes: object;
    };
    expect(options.description).toContain('public spaces');
    expect(Object.keys(options.attributes)).toEqual(Object.keys((await list('?include=ovf')).data[0] ?? {}));
  });

  it('needs a token, and refuses what it can\u2019t do as any list does', async () => {
    const { app, ask, token } = await createPublicScene();
    expect((await app.request('/v2/image')).status).toBe(401);
    expect((await ask(token, '/v2/image?sort=age')).status).toBe(400);
    const scene = await createPublicScene();
    const tooMany = new OvadexError('usage', 'name: too many to look through');
    const { search } = failingCatalogue(tooMany);
    const narrow = createApiScene({
      publicUsers: () => ['courses'],
      catalogue: { ...scene.index.catalogue, search },
      verify: scene.authority.verify,
    });
    const refused = await narrow.ask(scene.token, '/v2/image');
    expect([refused.status, (await bodyOf(refused)).detail]).toEqual([400, 'name: too many to look through']);
  });
});
