import { expect, it, onTestFinished } from 'vitest';
import { VERSION } from '../../src/platform/version.js';
import { createApiScene } from '../http/api-scene.js';
import { IDLE_LINKS } from '../support/idle-links.js';
import { installOvadex } from '../support/process/ovadex.js';

/** Schemas say of themselves what the document tells, by what one package does to another; built, files run in another order. */
it('the built program describes its API as the sources do', async () => {
  const ovadex = await installOvadex();
  onTestFinished(() => ovadex.remove());
  ovadex.configure({
    spaces: [],
    link: { origins: [{ url: 'https://cloud.example.org/remote.php/dav/files/{user}/' }] },
  });
  const { url, stop } = await ovadex.serve();
  onTestFinished(stop);
  const built: unknown = await (await fetch(`${url}openapi.json`)).json();
  const { app } = await createApiScene({ links: IDLE_LINKS, publicUrl: null, version: VERSION });
  expect(built).toEqual(await (await app.request('/openapi.json')).json());
});
