import { afterEach, describe, expect, it, vi } from 'vitest';
import { createWaits, type Waits } from '../../../src/http/lists/waits.js';
import { begin, commit, end, listing } from '../../contract/index-under-test.js';
import { pathsOfEvents, readEvents } from '../../support/events.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { noteAuthorization } from '../../support/secrets.js';
import { createApiScene, NOW } from '../api-scene.js';

const TARGET = '/v2/image/events';

let waits: Waits | undefined;
afterEach(() => waits?.end());

type Scene = Awaited<ReturnType<typeof eventsScene>>;

async function eventsScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const time = { now: NOW };
  const steady = { now: 0 };
  const given = createMemoryIndex(() => time.now);
  const made = createWaits({ ...given, perUser: 20, steadyClock: () => steady.now });
  waits = made;
  const scene = createApiScene({ waits: made, ...overrides }, given);
  await scene.addSpace('jm');
  const token = await scene.tokenFor('jm');
  const index = { ...given, clock: time, close: async () => undefined };
  const ask = (query = '', headers: Record<string, string> = {}, init: RequestInit = {}) =>
    scene.ask(token, TARGET + query, { ...init, headers });
  return {
    ...scene,
    ...{ waits: made, steady, token, index, ask },
    request: (path: string, bearer: string) => scene.ask(bearer, path),
    /** The list becomes these. */
    async becomes(...images: string[]) {
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', images));
      await end(index, lease);
    },
    follow: async (query = '', headers: Record<string, string> = {}) => readEvents(await ask(query, headers)),
    /** Resolves once so many wait. */
    waiting: (count: number) => expect.poll(() => made.count(), { timeout: 10_000, interval: 5 }).toBe(count),
  };
}

describe('GET /v2/image/events', () => {
  it('tells all images, then what changes; only the last of those told together has an id', async () => {
    const { ask, becomes } = await eventsScene();
    await becomes('x.ova', 'y.ova');
    const response = await ask();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const events = readEvents(response);
    expect((await events.next())?.text).toBe('retry: 2000');
    const first = await events.take(2);
    expect(first).toMatchObject([
      { event: 'image.changed', data: { path: 'x.ova', state: 'unknown' }, id: null },
      { event: 'image.changed', data: { path: 'y.ova' }, id: expect.stringMatching(/^[\da-f]{12}-/) },
    ]);
    await becomes('y.ova', 'z.ova');
    const next = await events.take(2);
    expect(next).toMatchObject([
      { event: 'image.changed', data: { path: 'z.ova' }, id: null },
      { event: 'image.deleted', data: { id: 1, path: 'x.ova', deleted_on: new Date(NOW).toISOString() } },
    ]);
    await events.leave();
  });

  it('goes on from Last-Event-ID, which is newer than the since that a browser repeats', async () => {
    const { follow, becomes } = await eventsScene();
    await becomes('x.ova');
    const before = await follow();
    const [{ id: old = '' } = {}] = await before.take(1);
    await becomes('x.ova', 'y.ova');
    const [{ id: since = '' } = {}] = await before.take(1);
    await before.leave();
    await becomes('y.ova', 'z.ova');
    const events = await follow(`?since=${old}`, { 'last-event-id': since ?? '' });
    expect(pathsOfEvents(await events.take(2))).toEqual(['z.ova', '-x.ova']);
    await events.leave();
    const others = await follow(`?since=${old}`, { 'last-event-id': '' });
    expect(pathsOfEvents(await others.take(3))).toEqual(['y.ova', 'z.ova', '-x.ova']);
    await others.leave();
  });

  it('goes on from next_since of changes, and adds what each image is', async () => {
    const { follow, becomes, request, token } = await eventsScene();
    const answer = await request('/v2/image/changes', token);
    const { meta } = (await answer.json()) as { meta: { next_since: string } };
    const events = await follow(`?include=ovf&since=${meta.next_since}`);
    await becomes('x.ova');
    expect(await events.take(1)).toMatchObject([{ data: { path: 'x.ova', ovf: null } }]);
    await events.leave();
  });

  it('tells a reader of an empty list its id alone', async () => {
    const { follow, becomes } = await eventsScene();
    const events = await follow();
    await events.next();
    const { event, id } = (await events.next()) ?? {};
    expect([event, id]).toEqual([null, expect.any(String)]);
    await events.leave();
    await becomes('x.ova');
    const again = await follow('', { 'last-event-id': id ?? '' });
    expect(pathsOfEvents(await again.take(1))).toEqual(['x.ova']);
    await again.leave();
  });

  it('tells a long list in pieces, each with an id, and no more than is taken', async () => {
    const { follow, becomes, index } = await eventsScene();
    const read = vi.spyOn(index.catalogue, 'changes');
    await becomes(...Array.from({ length: 350 }, (_, i) => `${i}.ova`));
    const events = await follow();
    const all = await events.take(350);
    expect(new Set(pathsOfEvents(all)).size).toBe(350);
    expect(all.flatMap(({ id }, at) => (id === null ? [] : [at]))).toEqual([99, 199, 299, 349]);
    await events.leave();
    expect(read).toHaveBeenCalledTimes(4);
  });

  it('gathers nothing for a client that takes nothing', async () => {
    const { ask, becomes, index } = await eventsScene();
    const read = vi.spyOn(index.catalogue, 'changes');
    await becomes(...Array.from({ length: 2_000 }, (_, i) => `${i}.ova`));
    const response = await ask();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(read.mock.calls.length).toBeLessThan(4);
    const events = readEvents(response);
    expect(new Set(pathsOfEvents(await events.take(2_000))).size).toBe(2_000);
    await events.leave();
  });

  it('ends after `gone`, and refuses the last id from then on', async () => {
    const { follow, becomes, index, ask } = await eventsScene();
    await becomes('x.ova');
    const events = await follow();
    const [{ id = '' } = {}] = await events.take(1);
    await index.runs.begin(NOW);
    await becomes('x.ova', 'y.ova');
    expect(await events.rest()).toMatchObject([{ event: 'gone', data: { reason: 'other-history' }, id: null }]);
    const response = await ask('', { 'last-event-id': id ?? '' });
    expect([response.status, response.headers.get('content-type')]).toEqual([410, 'application/problem+json']);
    expect(await response.json()).toMatchObject({
      detail: `Last-Event-ID: "${id}" is of an index that was replaced or restored since, or has lost its last changes; drop what you have, and begin anew without Last-Event-ID`,
      errors: [{ parameter: 'Last-Event-ID' }],
    });
    expect((await ask(`?since=${id}`)).status).toBe(410);
  });

  it.each([
    ['?since=yesterday', {}, /^since: "yesterday" is no point that an answer has named; allowed is meta.next_since/],
    ['', { 'last-event-id': 'x' }, /^Last-Event-ID: "x" is no point .* allowed is the id of an earlier event, or/],
    ['?limit=3', { prefer: 'handling=strict' }, /^limit: there is no such parameter; allowed are since, include$/],
  ])('refuses %s %o and says what is allowed', async (query, headers, detail) => {
    const { ask } = await eventsScene();
    const response = await ask(query, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it('sends a comment every 15 seconds while nothing changes', async () => {
    const { follow, becomes, waiting, steady } = await eventsScene();
    await becomes('x.ova');
    const events = await follow();
    await events.take(1);
    await waiting(1);
    for (let beat = 0; beat < 6; beat++) {
      steady.now += 15_000;
      expect((await events.next())?.text).toBe(': ');
      await waiting(1);
    }
    await events.leave();
  });

  it.each([
    ['is revoked', async ({ index }: Scene, id: number) => void (await index.tokens.revoke(id, NOW))],
    ['has expired', async ({ time }: Scene) => void Object.assign(time, { now: NOW + 60_000 })],
  ])('ends within a minute once the token %s, though nothing changes', async (_what, invalidate) => {
    const scene = await eventsScene();
    await scene.becomes('x.ova');
    const { token, record } = await scene.authority.issue({ user: 'jm', scopes: [], expiresAt: NOW + 30_000 });
    noteAuthorization(`Bearer ${token}`);
    const events = readEvents(await scene.request(TARGET, token));
    await events.take(1);
    await scene.waiting(1);
    await invalidate(scene, record.id);
    scene.steady.now += 60_000;
    expect((await events.rest()).filter(({ text }) => text !== ': ')).toEqual([]);
    expect(scene.waits.count()).toBe(0);
  });

  it('tells nothing more to a token that is revoked', async () => {
    const { authority, index, request, becomes, waiting } = await eventsScene();
    const { token, record } = await authority.issue({ user: 'jm', scopes: [], expiresAt: null });
    noteAuthorization(`Bearer ${token}`);
    const events = readEvents(await request(TARGET, token));
    await waiting(1);
    await index.tokens.revoke(record.id, NOW);
    await becomes('x.ova');
    expect((await events.rest()).filter(({ event }) => event !== null)).toEqual([]);
  });

  it("tells nobody of another's images", async () => {
    const { becomes, request, tokenFor, addSpace, waiting } = await eventsScene();
    await addSpace('lab');
    const events = readEvents(await request(TARGET, await tokenFor('lab')));
    await waiting(1);
    await becomes('x.ova');
    waits?.end();
    expect((await events.rest()).filter(({ event }) => event !== null)).toEqual([]);
  });

  it('ends where the index can no longer be read, and says so in the log', async () => {
    const { follow, becomes, waiting, index, logLines, waits: made } = await eventsScene();
    const events = await follow();
    await waiting(1);
    vi.spyOn(index.catalogue, 'changes').mockRejectedValue(new Error('the disk is gone'));
    await becomes('x.ova');
    expect((await events.rest()).filter(({ event }) => event !== null)).toEqual([]);
    expect(logLines.filter((line) => line.includes('a stream of events has ended early'))).toHaveLength(1);
    expect(made.count()).toBe(0);
  });

  it('ends at a stop, and holds no place after that', async () => {
    const { follow, becomes, waits: made } = await eventsScene();
    await becomes('x.ova');
    const events = await follow();
    await events.take(1);
    made.end();
    expect(await events.rest()).toEqual([]);
    const late = await follow();
    expect((await late.rest()).map(({ text }) => text.split('\n')[0])).toEqual([
      'retry: 15000',
      'event: image.changed',
    ]);
  });

  it('tells one of too many of a user what there is, and ends', async () => {
    const { follow, becomes, waiting } = await eventsScene();
    await becomes('x.ova');
    const open = await Promise.all(Array.from({ length: 20 }, () => follow()));
    await waiting(20);
    const more = await follow();
    expect(pathsOfEvents((await more.rest()).filter(({ event }) => event !== null))).toEqual(['x.ova']);
    await Promise.all(open.map(({ leave }) => leave()));
    await waiting(0);
    const again = await follow();
    await waiting(1);
    await again.leave();
  });

  it('is there under the other name of the list, too, and only there if that is a public one', async () => {
    const { becomes, ask, request, token } = await eventsScene({ publicUsers: () => ['lab'] });
    await becomes('x.ova');
    const events = readEvents(await request('/v2/user/image/vm/events', token));
    expect(pathsOfEvents(await events.take(1))).toEqual(['x.ova']);
    await events.leave();
    expect((await ask()).status).toBe(404);
  });

  it('describes itself without a token, and answers HEAD like GET', async () => {
    const { app, ask, waits: made } = await eventsScene();
    const options = await app.request(TARGET, { method: 'OPTIONS' });
    expect(await options.json()).toMatchObject({
      methods: ['GET', 'HEAD', 'OPTIONS'],
      parameters: { since: { in: 'query', required: false }, include: {} },
    });
    const head = await ask('', {}, { method: 'HEAD' });
    expect([head.status, await head.text(), made.count()]).toEqual([200, '', 0]);
  });
});
