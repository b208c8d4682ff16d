import { describe, expect, it } from 'vitest';
import { meantBy } from '../../../src/console/screens/why.js';
import { TEXTS } from '../../../src/console/texts/texts.js';
import { createApiScene } from '../../http/api-scene.js';
import { createConsoleScene, textOf } from '../../support/console.js';

async function scene() {
  const api = createApiScene();
  await api.addSpace('jm');
  const pages = createConsoleScene({ api: (request, env) => api.app.fetch(request, env), clock: () => api.time.now });
  return { api, ...(await pages.signIn(await api.tokenFor('jm'))) };
}
const askWhy = (asked: string) => `/why?q=${encodeURIComponent(asked)}`;

describe('the question why an image is not there', () => {
  it.each([
    ['a.ova', 'In your list'],
    ['lab/gone.ova', 'What to do: Check how it is spelled'],
    ['notes.txt', 'rename it so that it ends in .ova or .ovf'],
    ['new.ova', 'Look again now'],
    ['x/.git/a.ova', 'Not in your list'],
    ['/', 'names no image'],
  ])('is answered in words for %j', async (asked, told) => {
    const { api, get } = await scene();
    await api.sync('jm', ['a.ova', 'lab/b.ova']);
    const page = await get(askWhy(asked));
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain(told);
    // Nobody who looks at a page sends requests by hand.
    expect(textOf(page)).not.toMatch(/PATCH|POST|\/v2\//);
  });

  it('names other places of the same name', async () => {
    const { api, get } = await scene();
    await api.sync('jm', ['lab/b.ova']);
    const page = await get(askWhy('other/b.ova'));
    expect(textOf(page)).toContain('lab/b.ova');
  });

  it('is only a form as long as nothing was asked', async () => {
    const { get } = await scene();
    expect((await get('/why')).html).not.toContain('<article');
    expect((await get('/why?q=+')).html).not.toContain('<article');
  });

  it('takes for a path whatever has folders', () => {
    expect(meantBy('a.ova')).toEqual({ name: 'a.ova' });
    expect(meantBy('/lab/a.ova')).toEqual({ path: '/lab/a.ova' });
  });

  it('has advice for every reason that the API gives', () => {
    const reasons =
      'listed held excluded no-image too-deep suspended failing never-synced folder-closed gone folder-unknown folder-unlisted not-there not-seen';
    expect(new Set(Object.keys(TEXTS.why.actions))).toEqual(new Set(reasons.split(' ')));
  });
});
