import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Listing } from '../../src/domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import { type ScriptedAnswer, type ScriptedRequest, startScriptedServer } from '../support/servers/scripted-server.js';
import { someOf } from '../support/thorough.js';
import { createTestWebdav, NEVER, openAt } from './open-store.js';

/** A host that answers at once and whose time passes only while nothing else is to be done, and a space there. */
async function createScene(answer: (request: ScriptedRequest, now: number) => ScriptedAnswer | null) {
  let now = 0;
  let answered = 0;
  const server = await startScriptedServer((request) => answer(request, now));
  const webdav = createTestWebdav({
    requestsPerHost: 16,
    clock: () => now,
    steadyClock: () => now,
    onRequest: () => void answered++,
    sleep: async (ms, signal) => {
      const wakeAt = now + ms;
      // A request that is on its way to the server is not among those that it has had.
      for (let idle = 0, seen = -1; idle < 2; seen = server.requests.length) {
        await setTimeout(1);
        idle = answered < server.requests.length || seen !== server.requests.length ? 0 : idle + 1;
      }
      signal.throwIfAborted();
      now = Math.max(now, wakeAt);
    },
  });
  const store = openAt(server.url, { webdav });
  /** All of them, eight at a time. */
  const list = async (count: number): Promise<Listing[]> => {
    const waiting = Array.from({ length: count }, (_, n) => `c${n}` as ResourcePath).values();
    const listings: Listing[] = [];
    const work = async () => {
      for (const collection of waiting) listings.push(await store.list(collection, NEVER));
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return listings;
  };
  return { server, store, list, elapsedMs: () => now };
}

const failures = (listings: readonly Listing[]) =>
  listings.flatMap(({ verdict }) => (verdict.complete ? [] : [verdict.failure]));

/** nginx' limit_req without a queue: so many a second, and so many more at once. */
function createBucket(perSecond: number, burst: number) {
  let excess = 0;
  let lastAt = 0;
  return (now: number): boolean => {
    const left = Math.max(0, excess - ((now - lastAt) * perSecond) / 1_000);
    if (left > burst) return false;
    excess = left + 1;
    lastAt = now;
    return true;
  };
}

describe('a host that takes only so many requests a second', () => {
  test.for(
    someOf(
      [
        [40, 2, 370, 429],
        [40, 2, 370, 503],
        [20, 10, 400, 503],
        [20, 20, 370, 429],
        [60, 0, 800, 503],
        [5, 1, 150, 429],
        [0.5, 1, 40, 509],
      ] as const,
      1,
    ),
  )('%d, %i more at once, lists all of %i with little in vain (%i)', async ([rate, burst, count, status]) => {
    const isLetThrough = createBucket(rate, burst);
    const { server, list, elapsedMs } = await createScene((_request, now) => (isLetThrough(now) ? null : { status }));
    expect(failures(await list(count))).toEqual([]);
    // Those that are on their way when it first refuses come on top.
    expect(server.requests.length).toBeLessThan(count * 1.3 + 16);
    expect(elapsedMs() / 1_000).toBeLessThan(((count - burst) / rate) * (burst === 0 ? 2 : 1.5) + 2);
  });
});

describe('a host whose quota is used up', () => {
  test.for(
    someOf(
      [
        ['503', { status: 503 }],
        ['429', { status: 429 }],
        ['509', { status: 509 }],
        ['503 and Retry-After', { status: 503, headers: { 'Retry-After': '5' } }],
      ] as const,
      1,
    ),
  )('with %s is asked a few times more, then no listing waits for it', async ([, refusal]) => {
    const { server, list, store } = await createScene(() => (server.requests.length <= 40 ? null : refusal));
    const listings = await list(150);
    expect(failures(listings)).toEqual(Array.from({ length: 110 }, () => 'busy'));
    // Those that were on their way, ten that found out, and one more each time that somebody asks.
    expect(server.requests.length).toBeLessThanOrEqual(40 + 8 + 10 + 110 / 8 + 1);
    const { verdict } = await store.list(ROOT, NEVER);
    expect(verdict).toMatchObject({
      failure: 'busy',
      detail: expect.stringContaining('requests in a row and is left'),
    });
  });

  test('lists on as soon as it lets go', async () => {
    let used = 0;
    let windowAt = 0;
    const { list, server } = await createScene((_request, now) => {
      if (now - windowAt >= 60_000) [used, windowAt] = [0, now];
      return ++used > 40 ? { status: 429 } : null;
    });
    expect(failures(await list(150))).toEqual([]);
    expect(server.requests.length).toBeLessThan(150 * 1.5);
  });
});

test('a host that refuses from the first is asked five times, however many wait for it', async () => {
  const { list, server, elapsedMs } = await createScene(() => ({ status: 503 }));
  expect(failures(await list(8))).toEqual(Array.from({ length: 8 }, () => 'busy'));
  expect(server.requests.length).toBeLessThanOrEqual(8 + 4);
  expect(elapsedMs()).toBeLessThan(5_000);
});

describe('a folder that alone is refused', () => {
  const answersNo = ({ target }: ScriptedRequest) => target.startsWith('/c7/');

  test.for(someOf([503, 509, 429], 1))(
    'with %i is given up by itself; the others are listed meanwhile',
    async (status) => {
      const { list, server, elapsedMs } = await createScene((request) => (answersNo(request) ? { status } : null));
      expect(failures(await list(200))).toEqual(['status']);
      expect(server.requests.filter(answersNo).length).toBeLessThanOrEqual(status === 429 ? 17 : 9);
      expect(elapsedMs()).toBeLessThan(status === 429 ? 11_000 : 5_000);
    },
  );

  test('is told from a host that refuses everything by asking for the root, where nobody else asks', async () => {
    const { store, server } = await createScene((request) => (answersNo(request) ? { status: 503 } : null));
    expect(failures([await store.list('c7' as ResourcePath, NEVER)])).toEqual(['status']);
    expect(server.requests.some(({ target }) => target === '/')).toBe(true);
  });
});

test('a folder that alone is refused keeps nobody waiting while another one takes long', async () => {
  let listed = 0;
  let finish: (answer: null) => void = () => undefined;
  const enough = new Promise<null>((resolve) => {
    finish = resolve;
  });
  const server = await startScriptedServer(({ target }) => {
    if (target === '/slow/') return enough;
    if (target === '/no/') return { status: 503 };
    if (++listed === 30) finish(null);
    return null;
  });
  const store = openAt(server.url, { webdav: createTestWebdav({ requestsPerHost: 16 }) });
  const list = (name: string) => store.list(name as ResourcePath, NEVER);
  const [slow, no] = [list('slow'), list('no')];
  const others = Array.from({ length: 40 }, (_, n) => list(`c${n}`));
  expect(failures(await Promise.all([slow, ...others]))).toEqual([]);
  expect(failures([await no])).toEqual(['status']);
  // Once: it was answered within its time.
  expect(server.requests.filter(({ target }) => target === '/slow/')).toHaveLength(1);
});

test('what was refused goes first behind the pause', async () => {
  let isBusy = true;
  const { list, server } = await createScene(({ target }) => {
    if (target !== '/c0/' || !isBusy) return null;
    isBusy = false;
    return { status: 503 };
  });
  await list(60);
  const targets = server.requests.map(({ target }) => target);
  expect(targets.lastIndexOf('/c0/')).toBeLessThan(16);
});
