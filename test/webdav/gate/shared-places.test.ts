import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoragePlaces } from '../../../src/domain/ports/storage-places.js';
import { createGate } from '../../../src/webdav/gate/gate.js';
import { createSharedPlaces } from '../../../src/webdav/gate/shared-places.js';
import { createMemoryPlaces } from '../../support/memory-places.js';
import { runsOf } from '../../support/thorough.js';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.js';

const DAV = 'https://dav.example.org';
const LEASE_MS = 15_000;
const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/** What the storage sees: all requests of all hosts. */
function createStorage(time: VirtualTime) {
  const byHost = new Map<string, number>();
  const now = { inFlight: 0, most: 0, requests: 0 };
  return {
    now,
    of: (host: string) => byHost.get(host) ?? 0,
    /** Takes a request; it is answered after so long, whether or not anybody is there to hear it. */
    async answer(host: string, ms: number): Promise<void> {
      now.inFlight++;
      now.requests++;
      byHost.set(host, (byHost.get(host) ?? 0) + 1);
      now.most = Math.max(now.most, now.inFlight);
      await time.sleep(ms, NEVER);
      now.inFlight--;
    },
  };
}

interface HostOptions {
  /** How long the database takes, there and back; it may lose an answer. */
  readonly delayMs?: () => number;
  readonly isLost?: () => boolean;
  readonly kind?: 'crawl' | 'log-in';
}

function createHost(name: string, time: VirtualTime, db: StoragePlaces, options: HostOptions = {}) {
  const { delayMs = () => 0, isLost = () => false, kind = 'crawl' } = options;
  let thawed: Promise<void> = Promise.resolve();
  let isDead = false;
  /** Nothing goes on in a process that stands still. */
  const run = async <T>(work: Promise<T>): Promise<T> => {
    const done = await work;
    await thawed;
    if (isDead) await new Promise<never>(() => undefined);
    return done;
  };
  const sleep: VirtualTime['sleep'] = (ms, signal) => run(time.sleep(ms, signal));
  const far = async <T>(ask: () => Promise<T>): Promise<T> => {
    await time.sleep(delayMs(), NEVER);
    const answer = await ask();
    await time.sleep(delayMs(), NEVER);
    if (isLost()) throw new Error('the answer is lost');
    return answer;
  };
  const port: StoragePlaces = {
    renew: (...of) => run(far(() => db.renew(...of))),
    pause: (...of) => run(far(() => db.pause(...of))),
    pauses: (...of) => run(far(() => db.pauses(...of))),
  };
  const steadyClock = time.clock;
  const places = createSharedPlaces({ port, kind, owner: name, steadyClock, wall: time.clock, sleep });
  const makeGate = (limit: number) =>
    createGate({ limit, places: places.of(DAV, limit), steadyClock, sleep, random: () => 1 });
  return {
    places,
    makeGate,
    /** Stands still until the returned function is called. */
    freeze() {
      let thaw = () => {};
      thawed = new Promise((resolve) => {
        thaw = resolve;
      });
      return thaw;
    },
    die() {
      isDead = true;
    },
    /** Asks for so many requests at once, over and over, until the signal is aborted. */
    async crawl(
      storage: ReturnType<typeof createStorage>,
      { limit, atOnce, ms, signal }: { limit: number; atOnce: number; ms: () => number; signal: AbortSignal },
    ): Promise<void> {
      const gate = makeGate(limit);
      setMaxListeners(0, signal);
      const one = async () => {
        while (!signal.aborted) {
          const entry = await gate.enter(signal).catch(() => null);
          if (entry === null || 'refusal' in entry) return;
          await thawed;
          if (isDead) return;
          await run(storage.answer(name, ms()));
          entry.leave('let through');
        }
      };
      await Promise.all(Array.from({ length: atOnce }, one));
    },
  };
}

test('a host alone has all places, two have half of them each, and one that ends leaves them to the other', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const storage = createStorage(time);
  const [a, b] = ['a', 'b'].map((name) => createHost(name, time, db, { delayMs: () => 2 }));
  const ending = new AbortController();
  const [endA, endB] = [new AbortController(), new AbortController()];
  const crawl = (host: typeof a, end: AbortController) =>
    void host?.crawl(storage, {
      limit: 8,
      atOnce: 20,
      ms: () => 20,
      signal: AbortSignal.any([ending.signal, end.signal]),
    });
  crawl(a, endA);
  await time.pass(1_000);
  expect(storage.now.inFlight).toBe(8);
  crawl(b, endB);
  await time.pass(10_000);
  const [before, beforeB] = [storage.of('a'), storage.of('b')];
  await time.pass(10_000);
  expect((storage.of('b') - beforeB) / (storage.of('a') - before)).toBeCloseTo(1, 1);
  endA.abort();
  await time.pass(10_000);
  expect(storage.now.inFlight).toBe(8);
  expect(storage.now.most).toBe(8);
  ending.abort();
  await Promise.all([a?.places.stop(), b?.places.stop(), time.pass(1_000)]);
  expect(await db.renew(`crawl ${DAV}`, { owner: 'c', limit: 8, wants: 8, atMost: 0, leaseMs: 1 })).toMatchObject({
    places: 8,
  });
});

test('hosts take turns at a storage that takes a single request at a time', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const storage = createStorage(time);
  const ending = new AbortController();
  const names = ['a', 'b', 'c'];
  for (const name of names) {
    void createHost(name, time, db).crawl(storage, { limit: 1, atOnce: 3, ms: () => 50, signal: ending.signal });
  }
  await time.pass(120_000);
  expect(storage.now.most).toBe(1);
  const shares = names.map((name) => storage.of(name) / storage.now.requests);
  for (const share of shares) expect(share).toBeGreaterThan(0.2);
  ending.abort();
});

test('the places of a host that was killed are the other’s within a lease, those of one that stands still, too', async () => {
  for (const trouble of ['die', 'freeze'] as const) {
    const time = createVirtualTime();
    const db = createMemoryPlaces(time.clock);
    const storage = createStorage(time);
    const ending = new AbortController();
    const crawled = { limit: 4, atOnce: 9, ms: () => 100, signal: ending.signal };
    const [a, b] = ['a', 'b'].map((name) => createHost(name, time, db));
    void a?.crawl(storage, crawled);
    await time.pass(1_000);
    void b?.crawl(storage, crawled);
    await time.pass(100);
    const thaw = a?.[trouble]();
    await time.pass(LEASE_MS + 1_000);
    expect(storage.now.inFlight, trouble).toBe(4);
    // Whoever goes on after that has no place until it has asked for one.
    thaw?.();
    await time.pass(20_000);
    expect(storage.now.most, trouble).toBe(4);
    ending.abort();
  }
});

test('nothing is begun while the database doesn’t answer, once the lease may be over', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const storage = createStorage(time);
  const ending = new AbortController();
  let isAway = false;
  const host = createHost('a', time, db, { isLost: () => isAway });
  void host.crawl(storage, { limit: 2, atOnce: 4, ms: () => 100, signal: ending.signal });
  await time.pass(5_000);
  isAway = true;
  await time.pass(LEASE_MS);
  const { requests } = storage.now;
  await time.pass(60_000);
  expect(storage.now.requests).toBe(requests);
  isAway = false;
  await time.pass(2_000);
  expect(storage.now.requests).toBeGreaterThan(requests);
  ending.abort();
});

test('a place for log-ins is free for another host at once', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const [a, b] = ['a', 'b'].map((name) => createHost(name, time, db, { kind: 'log-in' }).makeGate(1));
  const [first] = await Promise.all([a?.enter(NEVER), time.pass(10)]);
  if (first === undefined || 'refusal' in first) throw new Error('refused');
  let isIn = false;
  void b?.enter(NEVER).then(() => {
    isIn = true;
  });
  await time.pass(3_000);
  expect(isIn).toBe(false);
  first.leave('let through');
  await time.pass(700);
  expect(isIn).toBe(true);
});

test('a pause that a storage asks one host for is kept by all within a second, also by one that comes to it later', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const storage = createStorage(time);
  const ending = new AbortController();
  const busy = createHost('a', time, db).makeGate(4);
  const crawled = { limit: 4, atOnce: 6, ms: () => 20, signal: ending.signal };
  const entry = await Promise.all([busy.enter(NEVER), time.pass(10)]).then(([each]) => each);
  if ('refusal' in entry) throw new Error('refused');
  void createHost('b', time, db).crawl(storage, crawled);
  await time.pass(2_000);
  expect(storage.of('b')).toBeGreaterThan(0);
  entry.leave({ askedMs: 30_000, detail: 'answered 429', ownRefusals: 0 });
  await time.pass(1_000);
  const { requests } = storage.now;
  void createHost('c', time, db).crawl(storage, crawled);
  await time.pass(28_000);
  expect(storage.now.requests).toBe(requests);
  await time.pass(5_000);
  expect(storage.of('b')).toBeGreaterThan(requests);
  expect(storage.of('c')).toBeGreaterThan(0);
  ending.abort();
});

test('a host that waits for a place that others have says so, and not while it waits for an answer or a pause', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const [a, b] = [createHost('a', time, db).makeGate(1), createHost('b', time, db).makeGate(1)];
  const entry = await Promise.all([a.enter(NEVER), time.pass(10)]).then(([each]) => each);
  if ('refusal' in entry) throw new Error('refused');
  const entering = b.enter(NEVER);
  void a.enter(NEVER);
  await time.pass(20_000);
  expect([a.lacksPlaces, b.lacksPlaces]).toEqual([false, true]);
  entry.leave({ askedMs: 60_000, detail: 'answered 429', ownRefusals: 0 });
  await time.pass(30_000);
  expect(b.lacksPlaces).toBe(false);
  await Promise.all([entering, time.pass(60_000)]);
  expect(b.lacksPlaces).toBe(false);
});

test('a pause of less than a second is told, too', async () => {
  const time = createVirtualTime();
  const db = createMemoryPlaces(time.clock);
  const storage = createStorage(time);
  const ending = new AbortController();
  const busy = createHost('a', time, db).makeGate(4);
  const entry = await Promise.all([busy.enter(NEVER), time.pass(10)]).then(([each]) => each);
  if ('refusal' in entry) throw new Error('refused');
  entry.leave({ askedMs: 900, detail: 'answered 429', ownRefusals: 0 });
  void createHost('b', time, db).crawl(storage, { limit: 4, atOnce: 6, ms: () => 20, signal: ending.signal });
  await time.pass(890);
  expect(storage.of('b')).toBe(0);
  await time.pass(1_000);
  expect(storage.of('b')).toBeGreaterThan(0);
  ending.abort();
});

test('all hosts together never have more requests under way than a storage takes, whatever becomes of them', async () => {
  const event = fc.record({
    host: fc.nat(2),
    what: fc.constantFrom('crawl', 'idle', 'freeze', 'thaw', 'die', 'lose', 'find'),
    passMs: fc.constantFrom(50, 700, 4_500, 16_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(event, { maxLength: 14 }),
      fc.nat(400),
      async (limit, events, delay) => {
        const time = createVirtualTime();
        const db = createMemoryPlaces(time.clock);
        const storage = createStorage(time);
        let turn = 0;
        const lost = new Set<number>();
        const hosts = ['a', 'b', 'c'].map((name, at) => {
          const delayMs = () => (turn++ * 37) % (delay + 1);
          return {
            ...createHost(name, time, db, { delayMs, isLost: () => lost.has(at) }),
            thaw: () => {},
            end: new AbortController(),
          };
        });
        for (const { host: at, what, passMs } of events) {
          const host = hosts[at];
          if (host === undefined) continue;
          if (what === 'crawl') {
            host.end = new AbortController();
            // A request that takes no longer than the last part of a lease has ended before it.
            void host.crawl(storage, {
              limit,
              atOnce: 3,
              ms: () => 10 + ((turn++ * 331) % 1_500),
              signal: host.end.signal,
            });
          } else if (what === 'idle') host.end.abort();
          else if (what === 'freeze') host.thaw = host.freeze();
          else if (what === 'thaw') host.thaw();
          else if (what === 'die') host.die();
          else if (what === 'lose') lost.add(at);
          else lost.delete(at);
          await time.pass(passMs);
        }
        for (const { end, thaw } of hosts) {
          end.abort();
          thaw();
        }
        expect(storage.now.most).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: runsOf(40) },
  );
});
