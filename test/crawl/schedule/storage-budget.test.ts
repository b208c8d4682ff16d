import { describe, expect, it } from 'vitest';
import { createStorageTimes, lookBudget } from '../../../src/crawl/schedule/storage-budget.js';
import { ROOT } from '../../../src/domain/model/path.js';
import type { SpaceSettings } from '../../../src/domain/model/space.js';
import { createMemoryStorage } from '../../support/memory-store.js';

const NEVER = new AbortController().signal;
const CLOUD = 'https://cloud.test';
const settingsOf = (user: string, origin = CLOUD): SpaceSettings => ({
  user,
  url: `${origin}/${user}/`,
  auth: { type: 'none' },
  watchDirectory: null,
});

/** A storage whose answers take as long as they are told to. */
function createScene() {
  let now = 0;
  let seconds = 0;
  const memory = createMemoryStorage();
  memory.onList = () => {
    now += seconds * 1_000;
  };
  const times = createStorageTimes(() => now);
  const storage = times.listen({ open: () => memory, childUrl: (url, name) => `${url}${name}/` });
  const list = async (took: number, count = 1, origin = CLOUD) => {
    seconds = took;
    for (let n = 0; n < count; n++) await storage.open(settingsOf('jm', origin)).list(ROOT, NEVER);
  };
  return { memory, storage, times, list };
}

describe('how long listings of a storage take', () => {
  it('is what a usual server takes before anything is known', () => {
    expect(createScene().times.secondsOf(CLOUD)).toBe(0.05);
  });

  it('approaches what they take by now, two thirds of the way in a hundred', async () => {
    const { times, list } = createScene();
    await list(1.05);
    expect(times.secondsOf(CLOUD)).toBeCloseTo(0.06, 6);
    await list(1.05, 99);
    expect(times.secondsOf(CLOUD)).toBeCloseTo(0.05 + (1 - 0.99 ** 100), 6);
    await list(0.01, 1_000);
    expect(times.secondsOf(CLOUD)).toBeCloseTo(0.01, 3);
  });

  it('is known of each origin by itself, whatever the spaces', async () => {
    const { times, list } = createScene();
    await list(9, 10, 'https://slow.test');
    expect(times.secondsOf('https://slow.test')).toBeGreaterThan(0.5);
    expect(times.secondsOf(CLOUD)).toBe(0.05);
  });

  it('is a millisecond at least, as with a clock that stands still', async () => {
    const { times, list } = createScene();
    await list(0, 2_000);
    expect(times.secondsOf(CLOUD)).toBeCloseTo(0.001, 6);
  });

  it('takes in a failure only if that came late', async () => {
    const { memory, times, list } = createScene();
    memory.fail('', 'busy');
    await list(0.001, 100);
    expect(times.secondsOf(CLOUD)).toBe(0.05);
    await list(10);
    expect(times.secondsOf(CLOUD)).toBeGreaterThan(0.1);
  });

  it('leaves everything else of the storage as it is', async () => {
    const { memory, storage } = createScene();
    memory.useMarkers('subtree');
    memory.offerSearch();
    memory.put('x.ova');
    const store = storage.open(settingsOf('jm'));
    expect(await store.probe(ROOT, NEVER)).toMatchObject({ presence: 'present' });
    expect(await store.search(NEVER)).toMatchObject({ kind: 'found', images: [{ path: 'x.ova' }] });
    expect(storage.childUrl('https://cloud.test/', 'jm')).toBe('https://cloud.test/jm/');
  });
});

describe('what looks may take of a storage', () => {
  it('is half a request in flight, so less of one that slows down', async () => {
    const { times, list } = createScene();
    const budget = lookBudget('auto', times, () => []);
    expect(budget.requestsPerSecond(CLOUD)).toBeCloseTo(10, 6);
    await list(0.5, 2_000);
    expect(budget.requestsPerSecond(CLOUD)).toBeCloseTo(1, 3);
    expect(budget.decides).toBe('dear');
  });

  it('is what the configuration says, whatever the storage takes', async () => {
    const { times, list } = createScene();
    await list(10, 100);
    const budget = lookBudget(3, times, () => []);
    expect(budget.requestsPerSecond(CLOUD)).toBe(3);
    expect(budget.decides).toBe('all');
  });

  it('knows the origin of each user’s space, also after a reload', () => {
    const { times } = createScene();
    let settings: readonly SpaceSettings[] = [settingsOf('jm'), settingsOf('lab', 'https://other.test:8443')];
    const budget = lookBudget('auto', times, () => settings);
    expect(['jm', 'lab', 'gone'].map(budget.originOf)).toEqual([CLOUD, 'https://other.test:8443', undefined]);
    settings = [settingsOf('jm', 'https://new.test')];
    expect(['jm', 'lab'].map(budget.originOf)).toEqual(['https://new.test', undefined]);
  });
});
