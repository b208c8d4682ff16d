import { setMaxListeners } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHosts } from '../../../src/crawl/spaces/hosts.js';
import { listenToOthers } from '../../../src/crawl/spaces/other-crawlers.js';
import { failedListing, type ListingFailure } from '../../../src/domain/model/listing.js';
import { ROOT } from '../../../src/domain/model/path.js';
import type { SpaceSettings } from '../../../src/domain/model/space.js';
import type { Sleep } from '../../../src/domain/ports/clock.js';
import type { RemoteStore } from '../../../src/domain/ports/remote-store.js';
import type { StorageOutages } from '../../../src/domain/ports/storage-places.js';
import { createCleanup } from '../../support/cleanup.js';
import { passFakeTime, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { createMemoryOutages } from '../../support/memory-outages.js';
import { createMemoryStorage } from '../../support/memory-store.js';

const START = Date.UTC(2026, 4, 1, 12);
const SECOND = 1_000;
const MINUTE = 60_000;
/** As long as a crawler waits for an answer. */
const PATIENCE_MS = 30 * SECOND;
/** How long the word of a crawler that is no more counts. */
const LAPSE_MS = 15 * SECOND;
const DAV = 'https://dav.example.org';
const NEVER = new AbortController().signal;
/** The same each time that it is asked for, as what is crawled is until it changes. */
const NO_DISCOVERIES: readonly [] = [];
setMaxListeners(0, NEVER);
const afterTest = createCleanup();

const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    signal.addEventListener('abort', giveUp, { once: true });
  });

interface Line {
  readonly msg: string;
}

function makeScene() {
  const disk = createMemoryStorage();
  disk.put('x.ova');
  const shared = createMemoryOutages(Date.now);
  const failing = new Map<string, ListingFailure>();
  const isAway = new Set<string>();

  /** A crawler with twenty spaces at the storage, which fails for all or for this one alone. */
  const crawler = (name: string, more: { isInMaintenance?: () => boolean } = {}) => {
    let requests = 0;
    const ask = async () => {
      requests++;
      const failure = failing.get(name) ?? failing.get('all');
      if (failure === 'timeout') await sleep(PATIENCE_MS, NEVER);
      return failure;
    };
    const open = (): RemoteStore => ({
      async list(collection, signal) {
        const failure = await ask();
        return failure === undefined
          ? await disk.list(collection, signal)
          : failedListing(collection, failure, 'PROPFIND /: it failed', 1);
      },
      async probe(collection, signal) {
        const failure = await ask();
        const probe = await disk.probe(collection, signal);
        return failure === undefined ? probe : { ...probe, presence: 'unknown', failure, detail: 'it failed' };
      },
      search: (signal) => disk.search(signal),
      close: async () => undefined,
    });
    const port = Object.fromEntries(
      (['tell', 'renew', 'contradict', 'end', 'withdraw', 'told'] as const).map((method) => [
        method,
        async (...args: never[]) => {
          if (isAway.has(name)) throw new Error('the database is away');
          return await (shared[method] as (...of: never[]) => Promise<unknown>)(...args);
        },
      ]),
    ) as unknown as StorageOutages;
    const storage = { open, childUrl: (url: string, child: string) => `${url}${child}/` };
    const spaces: SpaceSettings[] = Array.from({ length: 20 }, (_, n) => ({
      ...{ user: `user${n}`, url: `${DAV}/user${n}/`, auth: { type: 'none' }, watchDirectory: null },
    }));
    const lines: string[] = [];
    const back: number[] = [];
    const hosts = createHosts({
      places: () => spaces,
      discoveries: () => NO_DISCOVERIES,
      probing: storage,
      isInMaintenance: async () => more.isInMaintenance?.() ?? null,
      onBack: () => back.push(Date.now() - START),
      listenToOthers: (deps) => listenToOthers({ port, owner: name }, deps),
      clock: Date.now,
      sleep,
      logger: pino({ level: 'info' }, { write: (line: string) => void lines.push((JSON.parse(line) as Line).msg) }),
    });
    afterTest.add(() => within(PATIENCE_MS, hosts.stop()));
    const heard = hosts.listen(storage);
    /** Lists the roots of so many spaces at once; returns why each could not be listed. */
    const list = (count = spaces.length) =>
      Promise.all(
        spaces.slice(0, count).map(async (space) => {
          const { verdict } = await heard.open(space).list(ROOT, NEVER);
          return verdict.complete ? null : verdict.detail;
        }),
      );
    return {
      list,
      lines,
      back,
      isDown: () => hosts.isDown(spaces[0] as SpaceSettings),
      counts: () => hosts.counts(),
      leavesToOthers: () => hosts.originsLeft().length > 0 && hosts.isLeftToOthers(spaces[0] as SpaceSettings),
      since: () => hosts.outages().map(({ since }) => since - START),
      stop: hosts.stop,
      /** Returns how many requests were sent since the last time that it was asked. */
      sent() {
        const sent = requests;
        requests = 0;
        return sent;
      },
    };
  };
  return { crawler, failing, isAway, shared, pass: passFakeTime };
}

/** Does what takes time, and lets it pass. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const [done] = await Promise.all([work, passFakeTime(ms)]);
  return done;
}

describe('an outage that one crawler meets', { timeout: 60_000 }, () => {
  beforeEach(() => {
    useFakeTime(START);
  });
  afterEach(async () => {
    await afterTest.run();
    useRealTime();
  });

  it.each<[ListingFailure, RegExp]>([
    ['maintenance', /^https:\/\/dav\.example\.org has been in maintenance mode since 2026-05-01T12:00:01.000Z/],
    ['busy', /^https:\/\/dav\.example\.org has refused every request since 2026-05-01T12:00:01.000Z/],
  ])('by its own word (%s) is known to another within a second, without a request', async (failure, words) => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    await pass(SECOND);
    failing.set('all', failure);
    await a.list();
    expect(a.isDown()).toBe(true);
    await pass(SECOND);
    expect(b.isDown()).toBe(true);
    const told = await within(0, b.list());
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toMatch(words);
    expect(b.sent()).toBe(0);
    expect(b.lines).toHaveLength(1);
  });

  it('that gives no answer costs another one request instead of a time limit for each space', async () => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    await pass(SECOND);
    failing.set('all', 'timeout');
    await within(PATIENCE_MS, a.list(5));
    await pass(SECOND);
    expect(b.sent()).toBe(1);
    const listed = b.list();
    expect(b.isDown()).toBe(false);
    const told = await within(PATIENCE_MS, listed);
    expect(told).toHaveLength(20);
    expect(new Set(told).size).toBe(1);
    expect(b.since()).toEqual(a.since());
    expect(b.sent()).toBe(0);
    expect(b.isDown()).toBe(true);
  });

  it('as it alone can’t reach the storage stops no other, which asks once', async () => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('a', 'unreachable');
    await within(0, a.list());
    await pass(SECOND);
    expect(b.isDown()).toBe(false);
    expect(b.sent()).toBe(1);
    await pass(10 * MINUTE);
    expect(a.isDown()).toBe(true);
    expect(b.sent()).toBe(0);
    expect(await within(0, b.list())).toEqual(Array.from({ length: 20 }, () => null));
    expect(b.sent()).toBe(20);
    expect(b.lines).toEqual([]);
  });

  it('as it alone can’t reach the storage has it leave the spaces there to others, as long as there are such', async () => {
    const { crawler, failing, isAway, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('a', 'unreachable');
    await within(0, a.list());
    expect(a.leavesToOthers()).toBe(false);
    expect(a.counts()).toEqual({ everywhere: 1, onlyHere: 0 });
    await pass(2 * SECOND);
    expect([a, b].map(({ leavesToOthers }) => leavesToOthers())).toEqual([true, false]);
    expect(a.counts()).toEqual({ everywhere: 0, onlyHere: 1 });
    expect(b.counts()).toEqual({ everywhere: 0, onlyHere: 0 });
    await pass(2 * MINUTE);
    expect(a.leavesToOthers()).toBe(true);
    expect(a.lines.filter((line) => line.includes('other crawlers are answered'))).toHaveLength(1);
    // b is no more.
    isAway.add('b');
    await pass(LAPSE_MS + SECOND);
    expect(a.leavesToOthers()).toBe(false);
    expect(a.counts()).toEqual({ everywhere: 1, onlyHere: 0 });
    isAway.clear();
    await pass(2 * SECOND);
    expect(a.leavesToOthers()).toBe(true);
    failing.clear();
    await pass(MINUTE);
    expect(a.leavesToOthers()).toBe(false);
    expect(a.isDown()).toBe(false);
    expect(a.counts()).toEqual({ everywhere: 0, onlyHere: 0 });
  });

  it('and another meets, too, is left to nobody', async () => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('all', 'unreachable');
    await within(0, a.list());
    for (let second = 0; second < 20; second++) {
      await pass(SECOND);
      expect([a, b].map(({ leavesToOthers }) => leavesToOthers())).toEqual([false, false]);
    }
    expect(b.isDown()).toBe(true);
  });

  it('by an answer that it alone gets keeps another for as long as its own first probe takes, once', async () => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('a', 'busy');
    await within(0, a.list());
    await pass(SECOND);
    expect(b.isDown()).toBe(true);
    await pass(5 * SECOND);
    expect(b.isDown()).toBe(false);
    expect(b.sent()).toBe(1);
    for (let second = 0; second < 200; second++) {
      await pass(SECOND);
      expect(b.isDown()).toBe(false);
    }
    expect(b.sent()).toBe(0);
    expect(a.isDown()).toBe(true);
    expect(a.leavesToOthers()).toBe(true);
  });

  it.each<ListingFailure>(['unreachable', 'maintenance'])(
    'is over for all within a second after one has been answered (%s)',
    async (failure) => {
      const { crawler, failing, pass } = makeScene();
      failing.set('all', failure);
      const a = crawler('a');
      await within(0, a.list());
      // Whoever comes later asks at other times.
      await pass(23 * SECOND);
      const b = crawler('b');
      await pass(23 * SECOND);
      const c = crawler('c');
      await within(SECOND, Promise.all([b.list(), c.list()]));
      await pass(4 * MINUTE);
      failing.clear();
      for (let tenths = 0; [a, b, c].every(({ isDown }) => isDown()); tenths++) {
        expect(tenths).toBeLessThan(610);
        await pass(100);
      }
      expect([a, b, c].filter(({ isDown }) => isDown())).toHaveLength(2);
      await pass(SECOND);
      expect([a, b, c].map(({ isDown }) => isDown())).toEqual([false, false, false]);
      for (const { back, lines } of [a, b, c]) {
        expect(back).toHaveLength(1);
        expect(lines.filter((line) => line.includes('answers again after'))).toHaveLength(1);
      }
    },
  );

  it('is told by the same words at all, also if it is met by two at once', async () => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('all', 'unreachable');
    await within(0, a.list());
    await pass(200);
    await within(0, b.list());
    await pass(SECOND);
    expect(a.since()).toEqual([0]);
    expect(b.since()).toEqual([0]);
  });

  it('is believed no longer than its word lasts once it has died', async () => {
    const { crawler, failing, isAway, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('all', 'maintenance');
    await within(0, a.list());
    await pass(MINUTE / 2);
    expect(b.isDown()).toBe(true);
    // Nothing that a knows gets out any more.
    isAway.add('a');
    failing.clear();
    failing.set('a', 'maintenance');
    await pass(LAPSE_MS - 5 * SECOND);
    expect(b.isDown()).toBe(true);
    await pass(6 * SECOND);
    expect(b.isDown()).toBe(false);
    expect(b.sent()).toBe(1);
  });

  it('goes on at another that has died, if the storage says so itself', async () => {
    const { crawler, failing, isAway, shared, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('all', 'maintenance');
    await within(0, a.list());
    await pass(MINUTE / 2);
    isAway.add('a');
    await pass(LAPSE_MS + SECOND);
    expect(b.isDown()).toBe(true);
    expect(b.since()).toEqual([0]);
    expect((await shared.told()).map(({ owner, since }) => [owner, since - START])).toEqual([['b', 0]]);
  });

  it('is looked into by the others at once if it is stopped', async () => {
    const { crawler, failing, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('all', 'maintenance');
    await within(0, a.list());
    await pass(SECOND);
    expect(b.isDown()).toBe(true);
    failing.clear();
    await within(SECOND, a.stop());
    expect(b.isDown()).toBe(false);
  });

  it('is what it was while the database is away, until that word lapses', async () => {
    const { crawler, failing, isAway, pass } = makeScene();
    const [a, b] = [crawler('a'), crawler('b')];
    failing.set('all', 'maintenance');
    await within(0, a.list());
    await pass(SECOND);
    isAway.add('a').add('b');
    await pass(5 * SECOND);
    expect(b.isDown()).toBe(true);
    expect(b.lines.filter((line) => line.startsWith('could not share'))).toHaveLength(1);
    await pass(LAPSE_MS);
    expect(b.isDown()).toBe(true);
    expect(b.sent()).toBe(1);
    isAway.clear();
    await pass(SECOND);
    expect(b.lines.filter((line) => line.startsWith('sharing'))).toHaveLength(1);
  });

  it('is known to one that starts later, before it asks anything', async () => {
    const { crawler, failing, pass } = makeScene();
    const a = crawler('a');
    failing.set('all', 'maintenance');
    await within(0, a.list());
    await pass(10 * MINUTE);
    const late = crawler('late');
    const told = await within(0, late.list());
    expect(told[0]).toContain('in maintenance mode since 2026-05-01T12:00:00.000Z');
    expect(late.sent()).toBe(0);
  });

  it('is asked for by no more than one request of each crawler in a minute', async () => {
    const { crawler, failing, pass } = makeScene();
    const all = ['a', 'b', 'c'].map((name) => crawler(name));
    failing.set('all', 'unreachable');
    await within(0, (all[0] as (typeof all)[number]).list());
    await pass(2 * MINUTE);
    for (const { sent } of all) sent();
    await pass(4 * MINUTE);
    for (const { sent, isDown } of all) {
      expect(sent()).toBeLessThanOrEqual(4);
      expect(isDown()).toBe(true);
    }
  });
});
