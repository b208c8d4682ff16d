import { afterEach, describe, expect, test } from 'vitest';
import { createDescriber, type Describer, type DescriberDeps } from '../../../src/crawl/describe/describer.js';
import { isByHabit } from '../../../src/domain/description/date-habit.js';
import type { ReadAttempt } from '../../../src/domain/description/reading.js';
import type { ListingFailure } from '../../../src/domain/model/listing.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { SpaceSettings } from '../../../src/domain/model/space.js';
import type { ImageToRead } from '../../../src/domain/ports/description-store.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { described } from '../../support/readings.js';
import { sizeOf } from '../../support/thorough.js';
import { createVirtualTime } from '../../support/virtual-time.js';

const KIB = 1_024;
const MINUTE = 60_000;

/** Spaces 1, 2, ... with so many images each, on one storage where nothing else is said. */
function scene(counts: readonly number[], overrides: Partial<DescriberDeps> = {}, urls: readonly string[] = []) {
  const time = createVirtualTime();
  const queue = new Map(counts.map((count, at) => [at + 1, imagesOf(at + 1, count)]));
  const stored: number[] = [];
  const asked: string[] = [];
  const attempts = new Map<string, ReadAttempt>();
  const opened: string[] = [];
  const searched: number[] = [];
  let inFlight = 0;
  let most = 0;
  let bytesOfOne = 32 * KIB;
  const waiting = new Set<number>();
  const unstorable = new Set<string>();
  const spaceOf = (id: number) => {
    const url = urls[id - 1] ?? `https://dav.example/${id}/`;
    const settings: SpaceSettings = { user: `u${id}`, url, auth: { type: 'none' }, watchDirectory: null };
    return { id, settings };
  };
  const deps: DescriberDeps = {
    descriptions: {
      toRead: async (spaceId, limit) => {
        searched.push(spaceId);
        return (queue.get(spaceId) ?? []).slice(0, limit);
      },
      spacesToRead: async (ids) => new Set(ids.filter((id) => (queue.get(id) ?? []).length > 0)),
      async store(spaceId, image) {
        const images = queue.get(spaceId) ?? [];
        const at = images.findIndex(({ id }) => id === image.id);
        if (unstorable.has(image.path)) throw new Error('more than the index takes');
        if (at === -1) return false;
        images.splice(at, 1);
        stored.push(image.id);
        return true;
      },
    },
    readImage: async (name, _sizeBytes, source) => {
      asked.push(name);
      inFlight++;
      most = Math.max(most, inFlight);
      await source.read(0, bytesOfOne);
      inFlight--;
      return attempts.get(name) ?? { kind: 'read', reading: described() };
    },
    open: (settings) => {
      opened.push(settings.user);
      return {
        read: (_path, _listed, signal) => ({
          async read() {
            await time.sleep(20, signal);
            return { kind: 'bytes', bytes: new Uint8Array(0), totalBytes: null };
          },
          cost: () => ({ requests: 1, bytes: bytesOfOne }),
          close: async () => undefined,
        }),
        close: async () => undefined,
      };
    },
    spaces: () => counts.map((_, at) => spaceOf(at + 1)),
    find: (id) => (id <= counts.length ? spaceOf(id) : null),
    mustWait: async ({ id }) => waiting.has(id),
    limits: { bytesPerSecond: 1_024 * KIB, requestsAtOnce: 1 },
    turns: null,
    owner: 'a',
    steadyClock: time.clock,
    sleep: time.sleep,
    logger: quietLogger,
    ...overrides,
  };
  describer = createDescriber(deps);
  return {
    time,
    queue,
    stored,
    asked,
    opened,
    searched,
    waiting,
    most: () => most,
    left: () => [...queue.values()].reduce((sum, { length }) => sum + length, 0),
    fail: (name: string, failure: ListingFailure) => attempts.set(name, { kind: 'failed', failure, detail: 'no' }),
    refuse: (path: string) => unstorable.add(path),
    change: (name: string) => attempts.set(name, { kind: 'changed', detail: 'other size' }),
    heal: () => attempts.clear(),
    cost: (bytes: number) => {
      bytesOfOne = bytes;
    },
  };
}

function imagesOf(space: number, count: number): ImageToRead[] {
  return Array.from({ length: count }, (_, at) => ({
    id: space * 100_000 + at,
    path: `s${space}-${at}.ova` as ResourcePath,
    sizeBytes: 1,
    etag: null,
    modifiedAt: 1,
  }));
}

let describer: Describer | null = null;
afterEach(async () => {
  await describer?.stop();
  describer = null;
});

describe('what images are', () => {
  test('is read from the start, without being asked, as long as anything is left', async () => {
    const its = scene([3, 2]);
    await its.time.until(() => its.left() === 0);
    expect(its.stored).toHaveLength(5);
  });

  test('is read of many images at the configured rate, and no faster', async () => {
    const images = sizeOf(10_000, 2_000);
    const its = scene([images]);
    await its.time.until(() => its.left() === 0);
    const seconds = its.time.clock() / 1_000;
    const atLeast = ((images - 1) * 32) / 1_024;
    expect(seconds).toBeGreaterThanOrEqual(atLeast);
    expect(seconds).toBeLessThan(atLeast * 1.02);
    expect(its.most()).toBe(1);
    // Each search goes through the whole space: once a minute, once a thousand images, and to find no more.
    expect(its.searched.length).toBeLessThanOrEqual(Math.floor(seconds / 60) + images / 1_000 + 1);
  }, 60_000);

  test('costs a slow storage no more than one request at a time', async () => {
    const its = scene([100], { limits: { bytesPerSecond: 1e12, requestsAtOnce: 1 } });
    await its.time.until(() => its.left() === 0);
    expect(its.time.clock()).toBe(2_000);
    expect(its.most()).toBe(1);
  });

  test('is read by as many requests at once as may be, each image once', async () => {
    const its = scene([50, 50], { limits: { bytesPerSecond: 1e12, requestsAtOnce: 4 } });
    await its.time.until(() => its.left() === 0);
    expect(its.most()).toBe(4);
    expect(new Set(its.asked).size).toBe(its.asked.length);
  });

  test('is read once each by those who ask for the next image in the same moment', async () => {
    const its = scene([50], { limits: { bytesPerSecond: Number.POSITIVE_INFINITY, requestsAtOnce: 4 } });
    await its.time.until(() => its.left() === 0);
    expect(its.asked).toHaveLength(50);
  });

  test('is paid for by what was read, not by what is usual', async () => {
    const its = scene([5]);
    its.cost(1_024 * KIB);
    await its.time.until(() => its.left() === 0);
    expect(its.time.clock()).toBeGreaterThanOrEqual(4_000);
  });

  test('is read space by space in turn, some images each', async () => {
    const its = scene([30, 30, 30]);
    await its.time.until(() => its.left() === 0);
    expect(its.opened.slice(0, 9)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3].map((id) => `u${id}`));
  });

  test('is read of several storages side by side, each at its own rate', async () => {
    const its = scene([100, 100], {}, ['https://a.example/', 'https://b.example/']);
    await its.time.until(() => its.left() === 0);
    expect(its.time.clock()).toBeLessThan(3_300);
  });
});

describe('reading waits', () => {
  test('while a space has to, and goes on when that is over', async () => {
    const its = scene([5, 5]);
    its.waiting.add(1);
    await its.time.pass(5 * MINUTE);
    expect(its.asked.every((name) => name.startsWith('s2-'))).toBe(true);
    expect(its.left()).toBe(5);
    its.waiting.clear();
    describer?.look(1);
    await its.time.pass(1_000);
    expect(its.left()).toBe(0);
  });

  test('for what appears later, until somebody says so or a minute has passed', async () => {
    const its = scene([0, 0]);
    await its.time.pass(1_000);
    its.queue.set(1, imagesOf(1, 1));
    its.queue.set(2, imagesOf(2, 1));
    describer?.look(1);
    await its.time.pass(1_000);
    expect(its.stored).toEqual([100_000]);
    await its.time.pass(MINUTE);
    expect(its.stored).toEqual([100_000, 200_000]);
  });

  test('for what is read before it, but not if a sync has just found it', async () => {
    const its = scene([500]);
    await its.time.pass(1_000);
    const newest: ImageToRead = { ...(imagesOf(2, 1)[0] as ImageToRead), path: 'new.ova' as ResourcePath };
    its.queue.get(1)?.unshift(newest);
    describer?.look(1);
    await its.time.pass(100);
    expect(its.stored).toContain(newest.id);
  });

  test.each(['unreachable', 'timeout', 'busy', 'maintenance'] as const)(
    'of a whole storage that is in trouble (%s), longer each time',
    async (failure) => {
      const its = scene([50, 50]);
      for (let at = 0; at < 50; at++) for (const space of [1, 2]) its.fail(`s${space}-${at}.ova`, failure);
      await its.time.pass(10 * MINUTE);
      expect(its.asked.length).toBeLessThanOrEqual(4);
      its.heal();
      await its.time.pass(60 * MINUTE);
      expect(its.left()).toBe(0);
    },
  );

  test('of one space whose credentials were refused, with one request in an hour', async () => {
    const its = scene([50, 50]);
    for (let at = 0; at < 50; at++) its.fail(`s1-${at}.ova`, 'unauthorized');
    for (let minute = 0; minute < 59; minute++) {
      await its.time.pass(MINUTE);
      describer?.look(1);
    }
    expect(its.asked.filter((name) => name.startsWith('s1-'))).toHaveLength(1);
    expect(its.left()).toBe(50);
  });

  test.each(['forbidden', 'not-found', 'malformed', 'status'] as const)(
    'of one image (%s) while those behind it are read',
    async (failure) => {
      const its = scene([5]);
      its.fail('s1-0.ova', failure);
      its.fail('s1-1.ova', failure);
      await its.time.pass(9 * MINUTE);
      expect(its.left()).toBe(2);
      expect(its.asked).toHaveLength(5);
      its.heal();
      await its.time.pass(3 * MINUTE);
      expect(its.left()).toBe(0);
    },
  );

  test('of an image that is another one by now, until it is listed anew', async () => {
    const its = scene([2]);
    its.change('s1-0.ova');
    await its.time.pass(5 * MINUTE);
    expect(its.asked.filter((name) => name === 's1-0.ova')).toHaveLength(1);
    its.heal();
    const [image] = its.queue.get(1) ?? [];
    if (image !== undefined) its.queue.set(1, [{ ...image, sizeBytes: 2 }]);
    describer?.look(1);
    await its.time.pass(1_000);
    expect(its.left()).toBe(0);
  });
});

test('an image that the index does not take keeps no other from being read, and is tried ever less often', async () => {
  const its = scene([3, 2]);
  its.refuse('s1-0.ova');
  await its.time.until(() => its.left() === 1);
  expect(its.stored).toHaveLength(4);
  await its.time.pass(24 * 60 * MINUTE);
  const tries = its.asked.filter((name) => name === 's1-0.ova').length;
  expect(tries).toBeGreaterThan(2);
  expect(tries).toBeLessThan(12);
});

describe('images that are dated otherwise than they are listed', () => {
  /** A storage whose answers have another date, by what `shownAt` says. */
  function datedScene(count: number, shownAt: (listedAt: number, path: string) => number) {
    const reads: string[] = [];
    const its = scene([count], {
      readImage: async (name, _sizeBytes, source) => {
        reads.push(name);
        const answer = await source.read(0, 1);
        return answer.kind === 'bytes' ? { kind: 'read', reading: described() } : { kind: 'changed', detail: 'date' };
      },
      open: () => ({
        read(path, { modifiedAt }, _signal, habits = []) {
          const listedAt = modifiedAt ?? 0;
          const other = { listedAt, shownAt: shownAt(listedAt, path), etag: null, isOfAnswer: false };
          const isOther = other.shownAt !== listedAt;
          const isExpected = !isOther || habits.some((habit) => isByHabit(other, habit));
          return {
            read: async () =>
              isExpected
                ? { kind: 'bytes', bytes: new Uint8Array(1), totalBytes: 1 }
                : { kind: 'changed', detail: 'date' },
            cost: () => ({ requests: 1, bytes: 1 }),
            otherDate: () => (isOther ? other : null),
            close: async () => undefined,
          };
        },
        close: async () => undefined,
      }),
    });
    return { ...its, reads };
  }

  test('are read after a sync that lists them as before, all others of the storage at once', async () => {
    const its = datedScene(20, (listedAt) => listedAt + 7_200_000);
    await its.time.pass(9 * MINUTE);
    expect([its.reads.length, its.left()]).toEqual([20, 20]);
    await its.time.pass(5 * MINUTE);
    expect(its.left()).toBe(20); // no sync has ended
    describer?.look(1);
    await its.time.pass(30 * MINUTE);
    expect(its.left()).toBe(0);
    const before = its.reads.length;
    expect(before).toBeLessThanOrEqual(3 * 20);
    its.queue.set(1, imagesOf(2, 20));
    describer?.look(1);
    await its.time.pass(MINUTE);
    expect([its.reads.length, its.left()]).toEqual([before + 20, 0]);
  });

  test('are read each on its own where no two are dated alike', async () => {
    const its = datedScene(3, (_listedAt, path) => 1_000_000 * path.length + path.charCodeAt(3) * 60_000);
    await its.time.pass(MINUTE);
    describer?.look(1);
    await its.time.pass(15 * MINUTE);
    expect(its.left()).toBe(0);
    expect(its.reads).toHaveLength(6);
  });

  test('are not described while each look shows another date, and are asked for ever less often', async () => {
    let ticks = 0;
    const its = datedScene(1, () => ++ticks * 3_600_000);
    for (let hour = 0; hour < 7 * 24; hour++) {
      describer?.look(1);
      await its.time.pass(60 * MINUTE);
    }
    expect(its.left()).toBe(1);
    expect(its.reads.length).toBeLessThan(16);
  });

  test('are dated as listed again once the storage has lost the habit', async () => {
    let shift = 7_200_000;
    const its = datedScene(1, (listedAt) => listedAt + shift);
    await its.time.pass(MINUTE);
    describer?.look(1);
    await its.time.pass(15 * MINUTE);
    expect(its.left()).toBe(0);
    shift = 0;
    its.queue.set(1, imagesOf(2, 1));
    describer?.look(1);
    await its.time.pass(MINUTE);
    shift = 7_200_000;
    its.queue.set(1, imagesOf(3, 1));
    describer?.look(1);
    await its.time.pass(MINUTE);
    expect(its.left()).toBe(1);
  });
});

test('ends at once when it is stopped, in the middle of a reading', async () => {
  const its = scene([5]);
  await its.time.until(() => its.asked.length === 2);
  await describer?.stop();
  expect(its.stored).toHaveLength(1);
});
