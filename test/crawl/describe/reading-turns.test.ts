import { expect, test } from 'vitest';
import { createDescriber, type DescriberDeps } from '../../../src/crawl/describe/describer.js';
import { TURN_LEASE_MS } from '../../../src/crawl/describe/reading-turns.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { ImageToRead } from '../../../src/domain/ports/description-store.js';
import type { ReadingTurns } from '../../../src/domain/ports/storage-places.js';
import { createCleanup } from '../../support/cleanup.js';
import { createMemoryTurns } from '../../support/memory-turns.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { described } from '../../support/readings.js';
import { createVirtualTime } from '../../support/virtual-time.js';

const KIB = 1_024;
const MINUTE = 60_000;
const BYTES_OF_ONE = 32 * KIB;
/** By the limits below. */
const MS_OF_ONE = 31.25;

/** Crawlers that know the same spaces, one on each storage `https://SPACE.example/` where nothing else is said. */
function scene(counts: readonly number[], hostOf: (space: number) => string = (space) => `${space}.example`) {
  const time = createVirtualTime();
  const queue = new Map<number, ImageToRead[]>(
    counts.map((count, index) => [
      index + 1,
      Array.from({ length: count }, (_, at) => ({
        id: (index + 1) * 100_000 + at,
        path: `s${index + 1}-${at}.ova` as ResourcePath,
        sizeBytes: 1,
        etag: null,
        modifiedAt: 1,
      })),
    ]),
  );
  const shared = createMemoryTurns(time.clock);
  const reads: { readonly owner: string; readonly name: string; readonly at: number }[] = [];
  const down = new Set<string>();
  const spaceOf = (id: number) => ({
    id,
    settings: {
      ...{ user: `u${id}`, url: `https://${hostOf(id)}/${id}/` },
      ...{ auth: { type: 'none' } as const, watchDirectory: null },
    },
  });
  const spaces = counts.map((_, at) => spaceOf(at + 1));
  const cleanup = createCleanup();
  const start = (owner: string, turns: ReadingTurns | null = shared) => {
    const deps: DescriberDeps = {
      descriptions: {
        toRead: async (spaceId, limit) => (queue.get(spaceId) ?? []).slice(0, limit),
        spacesToRead: async (ids) => new Set(ids.filter((id) => (queue.get(id) ?? []).length > 0)),
        async store(spaceId, image) {
          const images = queue.get(spaceId) ?? [];
          const at = images.findIndex(({ id }) => id === image.id);
          if (at !== -1) images.splice(at, 1);
          return at !== -1;
        },
      },
      async readImage(name, _sizeBytes, source) {
        reads.push({ owner, name, at: time.clock() });
        await source.read(0, BYTES_OF_ONE);
        return { kind: 'read', reading: described() };
      },
      open: () => ({
        read: (_path, _listed, signal) => ({
          async read() {
            // One that hangs is over with its process.
            await time.sleep(down.has(owner) ? 10 * TURN_LEASE_MS : 5, signal);
            return { kind: 'bytes', bytes: new Uint8Array(0), totalBytes: null };
          },
          cost: () => ({ requests: 1, bytes: BYTES_OF_ONE }),
          close: async () => undefined,
        }),
        close: async () => undefined,
      }),
      ...{ spaces: () => spaces, find: (id) => spaces[id - 1] ?? null, mustWait: async () => false },
      limits: { bytesPerSecond: 1_024 * KIB, requestsAtOnce: 2 },
      ...{ turns, owner, steadyClock: time.clock, sleep: time.sleep, logger: quietLogger },
    };
    const describer = createDescriber(deps);
    cleanup.add(describer.stop);
    return describer;
  };
  const left = () => [...queue.values()].reduce((sum, { length }) => sum + length, 0);
  return { time, shared, reads, down, start, left, end: cleanup.run };
}

test('two crawlers read each image once, and together no faster than one may', async () => {
  const its = scene([400, 400], () => 'dav.example');
  its.start('a');
  its.start('b');
  await its.time.until(() => its.left() === 0);
  expect(new Set(its.reads.map(({ name }) => name)).size).toBe(800);
  expect(its.reads).toHaveLength(800);
  expect(its.time.clock()).toBeGreaterThanOrEqual(799 * MS_OF_ONE);
  await its.end();
});

test('two crawlers read of different storages side by side', async () => {
  const its = scene([400, 400]);
  // What its own schedule would do by and by, as if it had begun with the second.
  await its.shared.take('https://1.example', 'a', TURN_LEASE_MS);
  await its.shared.take('https://2.example', 'b', TURN_LEASE_MS);
  its.start('a');
  its.start('b');
  await its.time.until(() => its.left() === 0);
  expect(new Set(its.reads.map(({ owner, name }) => `${owner} ${name.slice(0, 2)}`))).toEqual(
    new Set(['a s1', 'b s2']),
  );
  await its.end();
});

test('a crawler that hangs is replaced within its lease, and costs no image more than it had in hand', async () => {
  const its = scene([1_000]);
  its.start('a');
  await its.time.until(() => its.reads.length >= 100);
  its.start('b');
  its.down.add('a');
  const stoppedAt = its.time.clock();
  await its.time.until(() => its.reads.some(({ owner }) => owner === 'b'));
  expect(its.time.clock() - stoppedAt).toBeLessThanOrEqual(1.5 * TURN_LEASE_MS);
  await its.time.until(() => its.left() === 0);
  expect(its.reads.length).toBeLessThanOrEqual(1_000 + 2);
  await its.end();
});

test('a crawler that stops lets the next one go on soon, with what it has left', async () => {
  const its = scene([1_000]);
  const first = its.start('a');
  await its.time.until(() => its.reads.length >= 100);
  its.start('b');
  await its.time.pass(1_000);
  await first.stop();
  const stoppedAt = its.time.clock();
  await its.time.until(() => its.left() === 0);
  const [next] = its.reads.filter(({ owner }) => owner === 'b');
  expect((next?.at ?? 0) - stoppedAt).toBeLessThanOrEqual(TURN_LEASE_MS / 2);
  expect(its.reads.length).toBeLessThanOrEqual(1_000 + 2);
  await its.end();
});

test('while nobody can be asked whose turn it is, nothing is read', async () => {
  const its = scene([5]);
  const away = new Set(['the database']);
  const take: ReadingTurns['take'] = async (...asked) => {
    if (away.size > 0) throw new Error('the database is away');
    return await its.shared.take(...asked);
  };
  its.start('a', { take, giveBack: its.shared.giveBack });
  await its.time.pass(MINUTE);
  expect(its.reads).toEqual([]);
  away.clear();
  await its.time.pass(2 * MINUTE);
  expect(its.left()).toBe(0);
  await its.end();
});
