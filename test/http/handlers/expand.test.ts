import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene } from '../api-scene.js';

/** jm's own space and a public one, in a personal catalogue. */
async function createScene(usersOfExpanded: readonly string[] = ['templates']) {
  const scene = createApiScene({ usersOfExpanded: () => usersOfExpanded });
  for (const user of ['jm', 'templates', 'lab']) await scene.addSpace(user);
  await scene.sync('jm', ['mine.ova']);
  await scene.sync('templates', ['ubuntu.ova']);
  await scene.sync('lab', ['theirs.ova']);
  const token = await scene.tokenFor('jm');
  const get = async (path: string) => bodyOf(await scene.ask(token, path));
  const paths = async (path: string) => (await get(path)).data.map((image) => image['path']);
  return { ...scene, token, get, paths };
}

/** What an image by its id has that wasn't read. */
const NOT_READ = { reasons: [], notes: [], ovf: null };

describe('/v2/image of a personal catalogue', () => {
  it.each([
    '',
    '?',
    '?sort=name',
    '?expand=',
    '?expand',
    '?expand=0',
    '?expand=False',
    '?name=expand&name=',
    '?unexpanded=1',
  ])('has the own images without expand: "%s"', async (query) => {
    const { paths } = await createScene();
    expect(await paths(`/v2/image${query}`)).toEqual(query.includes('name=expand') ? [] : ['mine.ova']);
  });

  it.each([
    '?expand=1',
    '?expand=True&sort=&filter=&name=',
    '?summary=1&expand=1&per_page=250',
    '?%65xpand=1',
    '?expand[]=1',
  ])('has the public ones with it: "%s"', async (query) => {
    const { paths } = await createScene();
    expect(await paths(`/v2/image${query}`)).toEqual(['ubuntu.ova']);
  });

  it('has no image twice for clients that join it with the own ones', async () => {
    for (const users of [['templates'], [], ['nobody']]) {
      const { get } = await createScene(users);
      const joined = [...(await get('/v2/image?expand=1')).data, ...(await get('/v2/user/image/vm?expand=1')).data];
      const ids = joined.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(joined.map(({ path }) => path)).toEqual(
        users[0] === 'templates' ? ['ubuntu.ova', 'mine.ova'] : ['mine.ova'],
      );
    }
  });

  it('filters, orders and pages what is public', async () => {
    const { get, paths } = await createScene(['templates', 'lab']);
    expect(await paths('/v2/image?expand=1&sort=name,desc')).toEqual(['ubuntu.ova', 'theirs.ova']);
    expect(await paths('/v2/image?expand=1&name=UBU')).toEqual(['ubuntu.ova']);
    const { meta } = await get('/v2/image?expand=1&per_page=1');
    expect(await paths(String(meta.pages['next_url']))).toEqual(['ubuntu.ova']);
  });

  it('shows by id what either list names, and nothing else', async () => {
    const { get, ask, token, tokenFor } = await createScene();
    const [shared] = (await get('/v2/image?expand=1')).data;
    const [own] = (await get('/v2/image')).data;
    expect((await get(`/v2/image/${shared?.['id']}`)).data).toEqual({ ...shared, ...NOT_READ });
    expect((await get(`/v2/image/${own?.['id']}`)).data).toEqual({ ...own, ...NOT_READ });
    const [foreign] = (await bodyOf(await ask(await tokenFor('lab'), '/v2/image'))).data;
    expect((await ask(token, `/v2/image/${foreign?.['id']}`)).status).toBe(404);
  });

  it('refuses it twice', async () => {
    const { ask, token } = await createScene();
    expect((await ask(token, '/v2/image?expand=1&expand=0')).status).toBe(400);
  });

  it('says so in its description', async () => {
    const { app } = await createScene();
    const described = (await (await app.request('/v2/image', { method: 'OPTIONS' })).json()) as {
      parameters: Record<string, { description: string } | undefined>;
    };
    expect(described.parameters['expand']?.description).toContain('public');
  });
});
