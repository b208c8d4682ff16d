import { describe, expect, it } from 'vitest';
import { createApiScene } from '../http/api-scene.js';
import { createConsoleScene } from '../support/console.js';

const NEXT = /name="next" value="([^"]*)"/;

async function scene() {
  const api = createApiScene();
  await api.addSpace('jm');
  const pages = createConsoleScene({ api: (request, env) => api.app.fetch(request, env), clock: () => api.time.now });
  const signIn = async () => await pages.signIn(await api.tokenFor('jm'));
  return { api, pages, signIn };
}

describe('a sign-in', () => {
  it('ends the session that the browser had', async () => {
    const { api, pages, signIn } = await scene();
    const { cookie, get } = await signIn();
    const sent = { token: await api.tokenFor('jm') };
    expect((await pages.sendForm('/sign-in', sent, { cookie })).status).toBe(303);
    expect((await get('/images')).status).toBe(401);
  });

  it('is no fault of the server if its form breaks off', async () => {
    const { pages } = await scene();
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('aborted')) });
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '70',
      'sec-fetch-site': 'same-origin',
    };
    const sent = { method: 'POST', headers, body, duplex: 'half' } as const;
    expect((await pages.ask('/sign-in', sent)).status).toBe(403);
  });

  it('is refused with more fields than a page has', async () => {
    const { api, pages } = await scene();
    const others = Object.fromEntries(Array.from({ length: 5_000 }, (_, number) => [`f${number}`, '']));
    const response = await pages.sendForm('/sign-in', { token: await api.tokenFor('jm'), ...others });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('That form has more than 1,000 fields.');
  });

  it('says what is wrong with a form that is too long, or whose length is not told', async () => {
    const { pages } = await scene();
    const long = await pages.sendForm('/sign-in', { token: 'x'.repeat(70_000) });
    expect([long.status, await long.text()]).toEqual([413, expect.stringContaining('longer than 64 KiB')]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
    const unmeasured = await pages.ask('/sign-in', { method: 'POST', headers, body: 'token=x' });
    expect([unmeasured.status, await unmeasured.text()]).toEqual([411, expect.stringContaining('Content-Length')]);
  });

  it('tells another site nothing but that it is one, however wrong the form is', async () => {
    const { pages } = await scene();
    const sent = await pages.sendForm('/sign-in', { token: 'x'.repeat(70_000) }, { 'sec-fetch-site': 'cross-site' });
    expect([sent.status, await sent.text()]).toEqual([403, expect.stringContaining('came from another site')]);
  });
});

describe('the page to which a sign-in leads back', () => {
  it.each([
    '/admin/spaces/%E6%97%A5%E6%9C%AC',
    '/admin/spaces/100%25',
    '/admin/spaces/a%3Fb%20c',
    '/images?name=%E6%97%A5',
  ])('is the one that was asked for: %s', async (path) => {
    const { pages, signIn } = await scene();
    const [, next = ''] = NEXT.exec(await (await pages.ask(path)).text()) ?? [];
    const { get } = await signIn();
    const { status, location } = await get(`/signed-in?${new URLSearchParams({ next })}`);
    expect([status, location]).toEqual([303, path]);
  });

  it.each([
    '/images\r\nx: y',
    '/images/\u0001',
    '/images?name=\u65e5',
    '//example.org',
    '/\\example.org',
    'https://example.org/',
    '/sign-out',
  ])('is the first one for what is no page: %j', async (next) => {
    const { signIn } = await scene();
    const { get } = await signIn();
    const { status, location } = await get(`/signed-in?${new URLSearchParams({ next })}`);
    expect([status, location]).toEqual([303, '']);
  });
});
