import { expect, it } from 'vitest';
import { createApiScene } from '../http/api-scene.js';
import { createConsoleScene } from '../support/console.js';

it.each([
  ['', 303],
  ['/sign-in', 303],
  ['/images', 200],
  ['/images.csv', 200],
  ['/nothing', 404],
  ['/live', 204],
  ['/live?topic=sync:1', 200],
  ['/live?topic=sync:1', 401],
])(
  'whatever is sent at %j is kept by nobody, loaded by no other site, and what it says it is: %d',
  async (path, status) => {
    const api = createApiScene();
    await api.addSpace('jm');
    const pages = createConsoleScene({ api: (request, env) => api.app.fetch(request, env), clock: () => api.time.now });
    const { open } = await pages.signIn(await api.tokenFor('jm'));
    const response = await (status === 401 ? pages.ask(path) : open(path));
    pages.stop();
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
  },
);
