import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene, NOW } from '../../http/api-scene.js';
import { createConsoleScene, textOf } from '../../support/console.js';
import { IDLE_LINKS } from '../../support/idle-links.js';

async function scene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const api = createApiScene(overrides);
  await api.addSpace('jm');
  await api.addSpace('kim');
  const pages = createConsoleScene({ api: (request, env) => api.app.fetch(request, env), clock: () => api.time.now });
  const browser = await pages.signIn(await api.tokenFor('jm'));
  return { api, pages, ...browser };
}

describe('the list of the own images', () => {
  it('shows name, exact path to copy, state and size, and leads to each image', async () => {
    const { api, get } = await scene();
    await api.sync('jm', ['lab/a.ova', 'b.ova']);
    const page = await get('/images');
    expect(page.status).toBe(200);
    expect(page.html).toContain('data-copy="&quot;lab/a.ova&quot;"');
    expect(page.html).toMatch(/href="\/console\/images\/\d+"/);
    expect(textOf(page)).toContain('2 images');
    expect(textOf(page)).toContain('Your storage was last seen whole');
  });

  it('shows nothing of anybody else', async () => {
    const { api, get } = await scene();
    await api.sync('jm', ['mine.ova']);
    await api.sync('kim', ['theirs.ova']);
    for (const path of ['/images', '/images?name=theirs', '/space', '/why?q=theirs.ova']) {
      expect((await get(path)).html).not.toContain('theirs.ova</bdi></a>');
    }
    const theirs = await api.ask(await api.tokenFor('kim'), '/v2/user/image/vm');
    const page = await get(`/images/${(await bodyOf(theirs)).data[0]?.['id']}`);
    expect(page.status).toBe(404);
    expect(page.html).not.toContain('theirs.ova');
  });

  it('takes names for text, whatever they contain', async () => {
    const { api, get } = await scene();
    const evil = '"><img src=x onerror=alert(1)>&\u202e.ova';
    await api.sync('jm', [evil, `<script>alert(2)</script>/${evil}`]);
    for (const path of [
      '/images',
      `/images?name=${encodeURIComponent('"><img')}`,
      `/why?q=${encodeURIComponent(evil)}`,
    ]) {
      const { html, status } = await get(path);
      expect(status).toBe(200);
      expect(html).not.toMatch(/<img|<script>/);
      // What somebody has typed in stays in its field as it is.
      expect(html.replace(/<input[^>]*>/g, '')).not.toContain('\u202e');
    }
    const id = /images\/(\d+)"/.exec((await get('/images')).html)?.[1];
    const { html } = await get(`/images/${id}`);
    expect(html).not.toMatch(/<img|<script>/);
    expect(html).toContain('&lt;img');
  });

  it.each([
    ['without a space', {}, 'Ask an administrator'],
    ['with a storage that may be connected', { links: IDLE_LINKS }, 'Connect my storage'],
  ])('says what to do next %s', async (_, overrides, told) => {
    const { api, pages } = await scene(overrides);
    const { get } = await pages.signIn(await api.tokenFor('new'));
    expect(textOf(await get('/images'))).toContain(told);
  });

  it.each([
    ['/images', 'No images yet'],
    ['/images?name=x', 'No image matches'],
    ['/images?family=linux', 'No image matches'],
  ])('says at %s why it is empty', async (path, told) => {
    const { api, get } = await scene();
    await api.sync('jm', []);
    expect(textOf(await get(path))).toContain(told);
  });

  it('leads from a name that nothing matches to the question why', async () => {
    const { api, get } = await scene();
    await api.sync('jm', []);
    expect((await get('/images?name=a%26b')).html).toContain('/console/why?q=a%26b');
  });

  it('filters, sorts and pages as the API does', async () => {
    const { api, get } = await scene();
    await api.sync(
      'jm',
      Array.from({ length: 120 }, (_, at) => `${at + 1_000}.ova`),
    );
    const first = await get('/images?sort=name,desc');
    expect(textOf(first)).toContain('page 1 of 3');
    expect(first.html.indexOf('1119.ova')).toBeLessThan(first.html.indexOf('1118.ova'));
    const [, next = ''] = /rel="next" href="([^"]+)"/.exec(first.html) ?? [];
    expect(textOf(await get(`/images${next.replaceAll('&amp;', '&')}`))).toContain('page 2 of 3');
    expect(textOf(await get('/images?name=1000'))).toContain('1 image');
    expect((await get('/images?sort=nonsense')).status).toBe(400);
  });
});

describe('downloads of the list', () => {
  it.each([
    ['csv', 'text/csv', 'name,path'],
    ['ndjson', 'application/x-ndjson', '"name":"b.ova"'],
  ])('sends what the filters leave as %s', async (kind, type, contained) => {
    const { api, open } = await scene();
    await api.sync('jm', ['a.ova', 'b.ova']);
    const response = await open(`/images.${kind}?name=b.`);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="images.${kind}"`);
    const text = await response.text();
    expect(text).toContain(contained);
    expect(text).toContain('b.ova');
    expect(text).not.toContain('a.ova');
  });

  it('tells on a page what the API refuses', async () => {
    const { open } = await scene();
    const response = await open('/images.csv?sort=nonsense');
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  it('are for whoever has signed in', async () => {
    const { pages } = await scene();
    expect((await pages.ask('/images.csv')).status).toBe(401);
  });
});

describe('looking again now', () => {
  it('asks for a sync and shows how far it is', async () => {
    const { api, get, post } = await scene();
    await api.sync('jm', ['a.ova']);
    const asked = await post('/images/look');
    expect(asked).toMatchObject({ status: 303, location: expect.stringMatching(/^\/images\?sync=\d+$/) });
    const page = await get(asked.location ?? '');
    expect(page.html).toContain('data-live="sync:');
    expect(page.html).toContain('<noscript>');
    expect(textOf(page)).toContain('as soon as it is its turn');
  });

  it('keeps what the list is narrowed by', async () => {
    const { get, post } = await scene();
    expect((await get('/images?name=a%22b&state=ok')).html).toContain('name="name" value="a&quot;b"');
    const { location } = await post('/images/look', { name: 'a"b', state: 'ok', other: 'x' });
    expect(location).toMatch(/^\/images\?name=a%22b&state=ok&sync=\d+$/);
  });

  it('tells what the API refuses, and keeps the list', async () => {
    const api = createApiScene();
    const pages = createConsoleScene({ api: (request, env) => api.app.fetch(request, env), clock: () => NOW });
    const { get, post } = await pages.signIn(await api.tokenFor('new'));
    expect((await post('/images/look')).location).toBe('/images');
    expect(textOf(await get('/images'))).toContain('That did not work.');
  });

  it('does nothing for a form of another site, session or kind', async () => {
    const { api, post, pages } = await scene();
    const other = await pages.signIn(await api.tokenFor('kim'));
    const forged = [
      [{}, { 'sec-fetch-site': 'cross-site' }],
      [{ form: await other.formToken() }, {}],
      [{ form: '' }, {}],
      [{}, { 'content-type': 'text/plain' }],
    ] as const;
    for (const [fields, headers] of forged) expect((await post('/images/look', fields, headers)).status).toBe(403);
    expect((await post('/images/look', { more: 'x'.repeat(70_000) })).status).toBe(413);
    const syncs = await api.ask(await api.tokenFor('jm'), '/v2/request/image_sync');
    expect((await bodyOf(syncs)).data).toEqual([]);
  });

  it("does not show another user's sync", async () => {
    const { api, get } = await scene();
    const id = await api.sync('kim', ['a.ova']);
    expect(textOf(await get(`/images?sync=${id}`))).not.toContain('Your storage has been looked at');
  });
});
