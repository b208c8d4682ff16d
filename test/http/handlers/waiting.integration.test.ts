import { afterEach, describe, expect, it } from 'vitest';
import type { HttpDeps } from '../../../src/http/app.js';
import { createTraffic } from '../../../src/http/gate/traffic.js';
import { createWaits, type Waits } from '../../../src/http/lists/waits.js';
import { type HttpServer, listen } from '../../../src/http/server/server.js';
import { begin, commit, end, listing } from '../../contract/index-under-test.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { createApiScene, NOW } from '../api-scene.js';

let waits: Waits | undefined;
let server: HttpServer | undefined;
afterEach(async () => {
  waits?.end();
  await server?.close(1_000);
});

/** Whoever waits is a connection, so the API listens. */
async function waitingScene(overrides: Partial<HttpDeps> = {}) {
  const time = { now: NOW };
  const traffic = createTraffic();
  const given = createMemoryIndex(() => time.now);
  // As of a file: the same as long as nobody writes, so that lists are kept.
  let writes = 0;
  const changes = { current: () => writes };
  const made = createWaits({ catalogue: given.catalogue, changes, perUser: 20 });
  waits = made;
  let onSpace = async () => undefined as unknown;
  const catalogue = {
    ...given.catalogue,
    space: async (user: string) => {
      await onSpace();
      return await given.catalogue.space(user);
    },
  };
  const scene = createApiScene({ waits: made, changes, traffic, catalogue, ...overrides }, given);
  await scene.addSpace('jm');
  const token = await scene.tokenFor('jm');
  const listening = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
  server = listening;
  const index = { ...given, clock: time, close: async () => undefined };
  const becomes = async (...images: string[]) => {
    const { lease } = await begin(index, 'jm');
    await commit(index, lease, listing('', images));
    await end(index, lease);
    writes++;
  };
  await becomes('x.ova');
  return {
    waits: made,
    becomes,
    revoke: async () => {
      for (const { id } of await given.tokens.list()) await given.tokens.revoke(id, time.now);
      writes++;
    },
    ask: (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
      fetch(listening.url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...headers } }),
    traffic: () => traffic.read(),
    /** Does this before the next reading of a space alone. */
    beforeSpace(act: () => Promise<unknown>) {
      onSpace = async () => {
        onSpace = async () => undefined;
        await act();
      };
    },
    /** Resolves once so many wait. */
    waiting: (count: number) => expect.poll(() => made.count(), { timeout: 10_000, interval: 5 }).toBe(count),
  };
}

const pathsOf = async (response: Response) =>
  ((await response.json()) as { data: readonly { path: string }[] }).data.map(({ path }) => path);

describe.each(['/v2/image', '/v2/image/changes'])('GET %s with Prefer: wait', (path) => {
  const tagOf = async ({ ask }: Awaited<ReturnType<typeof waitingScene>>) =>
    (await ask(path)).headers.get('etag') ?? '';

  it('is answered once the list is another one', async () => {
    const scene = await waitingScene();
    const asked = scene.ask(path, { prefer: 'wait=60', 'if-none-match': await tagOf(scene) });
    await scene.waiting(1);
    await scene.becomes('x.ova', 'y.ova');
    const response = await asked;
    expect([response.status, response.headers.get('preference-applied')]).toEqual([200, 'wait=60']);
    expect(await pathsOf(response)).toContain('y.ova');
  });

  it('is refused, and told nothing, if its token was revoked meanwhile', async () => {
    const scene = await waitingScene();
    const asked = scene.ask(path, { prefer: 'wait=60', 'if-none-match': await tagOf(scene) });
    await scene.waiting(1);
    await scene.revoke();
    await scene.becomes('x.ova', 'y.ova');
    const response = await asked;
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('invalid_token');
    expect(await response.text()).not.toContain('y.ova');
  });

  it('is answered by 304 after the wait, and at a stop', async () => {
    const scene = await waitingScene();
    const headers = { prefer: 'wait=1', 'if-none-match': await tagOf(scene) };
    const response = await scene.ask(path, headers);
    expect([response.status, response.headers.get('preference-applied')]).toEqual([304, 'wait=1']);
    const asked = scene.ask(path, { ...headers, prefer: 'wait=60' });
    await scene.waiting(1);
    scene.waits.end();
    const cut = await asked;
    expect([cut.status, cut.headers.get('preference-applied')]).toEqual([304, null]);
    const late = await scene.ask(path, headers);
    expect([late.status, late.headers.get('preference-applied')]).toEqual([304, null]);
  });

  it('is answered at once if the client has another list, or asks by HEAD', async () => {
    const scene = await waitingScene();
    const tag = await tagOf(scene);
    await scene.becomes('x.ova', 'y.ova');
    const response = await scene.ask(path, { prefer: 'wait=60', 'if-none-match': tag });
    expect([response.status, response.headers.get('preference-applied')]).toEqual([200, null]);
    const now = await tagOf(scene);
    const head = await scene.ask(path, { prefer: 'wait=60', 'if-none-match': now }, { method: 'HEAD' });
    expect(head.status).toBe(304);
  });
});

describe('GET /v2/image/changes with Prefer: wait', () => {
  it('is answered once there is something since that point, without an ETag, too', async () => {
    const { ask, becomes, waiting } = await waitingScene();
    const { meta } = (await (await ask('/v2/image/changes')).json()) as { meta: { next_since: string } };
    const asked = ask(`/v2/image/changes?since=${meta.next_since}`, { prefer: 'wait=60' });
    await waiting(1);
    await becomes('y.ova');
    const told = (await (await asked).json()) as { data: object[]; deleted: object[] };
    expect(told).toMatchObject({ data: [{ path: 'y.ova' }], deleted: [{ path: 'x.ova' }] });
  });
});

describe('a request that waits', () => {
  it('is one request, in metrics as in what a user may make', async () => {
    const scene = await waitingScene({ requestLimit: { requests: 3, windowMs: 60_000 } });
    const first = await scene.ask('/v2/image');
    const headers = { prefer: 'wait=60', 'if-none-match': first.headers.get('etag') ?? '' };
    const asked = scene.ask('/v2/image', headers);
    await scene.waiting(1);
    await scene.becomes('y.ova');
    const response = await asked;
    expect([response.status, response.headers.get('ratelimit')]).toEqual([200, '"user";r=1;t=60']);
    expect((await scene.ask('/v2/image')).headers.get('ratelimit')).toContain('r=0');
    const [counted] = scene.traffic().filter(({ route }) => route === '/v2/image');
    expect(counted?.byStatus).toEqual(new Map([[200, 3]]));
  });

  it('is told of a commit that comes while it is looked at', async () => {
    const scene = await waitingScene();
    await scene.ask('/v2/image');
    const tag = (await scene.ask('/v2/image')).headers.get('etag') ?? '';
    scene.beforeSpace(() => scene.becomes('y.ova'));
    const response = await scene.ask('/v2/image', { prefer: 'wait=60', 'if-none-match': tag });
    expect(await pathsOf(response)).toContain('y.ova');
  });

  it('leaves nothing behind when its client goes', async () => {
    const scene = await waitingScene();
    const tag = (await scene.ask('/v2/image')).headers.get('etag') ?? '';
    const leaving = new AbortController();
    const headers = { prefer: 'wait=60', 'if-none-match': tag };
    const asked = scene.ask('/v2/image', headers, { signal: leaving.signal });
    await scene.waiting(1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await scene.waiting(0);
    expect(scene.waits.counts()).toEqual({ clients: 0, streams: 0 });
  });
});
