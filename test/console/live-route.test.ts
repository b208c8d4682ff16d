import { describe, expect, it } from 'vitest';
import { createApiScene } from '../http/api-scene.js';
import { createConsoleScene } from '../support/console.js';

async function scene() {
  const api = createApiScene();
  await api.addSpace('jm');
  const pages = createConsoleScene({ api: (request, env) => api.app.fetch(request, env), clock: () => api.time.now });
  return { api, pages, ...(await pages.signIn(await api.tokenFor('jm'))) };
}

describe('the stream of a page', () => {
  it('tells of an own sync, and ends with it', async () => {
    const { api, open } = await scene();
    const id = await api.sync('jm', ['a.ova']);
    const response = await open(`/live?topic=sync:${id}`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.text();
    expect(text).toContain(`"topic":"sync:${id}"`);
    expect(text).toContain('Your storage has been looked at.');
    expect(text).toContain('event: over');
  });

  it("tells nothing of another user's sync", async () => {
    const { api, pages, open } = await scene();
    await api.addSpace('kim');
    const id = await api.sync('kim', ['secret.ova']);
    const response = await open(`/live?topic=sync:${id}`);
    const reading = response.text();
    pages.stop();
    expect(await reading).not.toContain('data:');
  });

  it('is refused to whoever has not signed in, and is none without a topic', async () => {
    const { pages, open } = await scene();
    expect((await pages.ask('/live?topic=sync:1')).status).toBe(401);
    expect((await open('/live')).status).toBe(204);
    expect((await open('/live?topic=nothing')).status).toBe(204);
  });

  it('ends at once at a stop', async () => {
    const { api, pages, open } = await scene();
    const space = await api.index.catalogue.space('jm');
    const waiting = { mode: 'full', trigger: 'request', requestedBy: 'jm', targets: [] } as const;
    const { id } = await api.index.syncs.request({ spaceId: space?.id ?? 0, ...waiting });
    const reading = (await open(`/live?topic=sync:${id}`)).text();
    pages.stop();
    expect(await reading).not.toContain('event: over');
    expect((await open(`/live?topic=sync:${id}`)).status).toBe(503);
  });
});
