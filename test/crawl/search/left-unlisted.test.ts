import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../src/domain/model/space.js';
import { createSyncScene, type SyncScene } from '../../support/sync-scene.js';

const incremental = { mode: 'incremental' } as const;

/** A space whose search has matched, and whose markers prove subtrees if `isLearned`. */
async function searchedScene(isLearned: boolean): Promise<SyncScene> {
  const scene = await createSyncScene('a/x.ova', 'a/b/y.ova', 'f/w.ova');
  scene.storage.useMarkers('subtree');
  scene.storage.offerSearch();
  scene.storage.expectSearch(true);
  await scene.sync();
  if (isLearned) {
    scene.storage.put('f/lesson.ova');
    await scene.sync();
    await scene.sync();
  }
  return scene;
}

async function stateNow(scene: SyncScene) {
  const space = await scene.space();
  return stateOf(space, space.lastSyncAt ?? 0, Number.MAX_SAFE_INTEGER);
}

/** The next look lists what could not be listed, and only then is the space fresh. */
async function expectListedBeforeFresh(scene: SyncScene, collection: string) {
  scene.storage.listed.length = 0;
  await scene.sync(incremental);
  expect(scene.storage.listed).toContain(collection);
  expect(await stateNow(scene)).toBe('stale');
  scene.storage.fail(collection, null);
  scene.storage.listed.length = 0;
  await scene.sync(incremental);
  expect(scene.storage.listed).toContain(collection);
  expect(await stateNow(scene)).toBe('fresh');
  await scene.sync();
  await scene.sync(incremental);
  expect((await scene.space()).search.search).toBe('seen');
}

describe.each([false, true])('a folder that could not be listed (markers prove subtrees: %s)', (isLearned) => {
  it('is not forgotten because a hint elsewhere was good', async () => {
    const scene = await searchedScene(isLearned);
    scene.storage.fail('a', 'forbidden');
    await scene.sync({ targets: ['a'] });
    await scene.sync({ targets: ['f'] });
    expect(await stateNow(scene)).toBe('stale');
    await expectListedBeforeFresh(scene, 'a');
  });

  it('is not forgotten because the credentials were refused for a while', async () => {
    const scene = await searchedScene(isLearned);
    scene.storage.fail('a', 'forbidden');
    await scene.sync({ targets: ['a'] });
    scene.storage.fail('', 'unauthorized');
    await scene.sync();
    expect(await stateNow(scene)).toBe('suspended');
    scene.storage.fail('', null);
    await scene.ports.spaces.resume((await scene.space()).id);
    await expectListedBeforeFresh(scene, 'a');
  });

  it('is not forgotten because the credentials were refused in the same sync', async () => {
    const scene = await searchedScene(isLearned);
    scene.storage.fail('f', 'forbidden');
    scene.storage.fail('a/b', 'unauthorized');
    scene.storage.onList = (collection) => void (collection === 'f' && scene.storage.fail('', 'unauthorized'));
    expect(await scene.sync()).toMatchObject({ isUnauthorized: true, counts: { failures: 1 } });
    scene.storage.onList = () => undefined;
    scene.storage.fail('', null);
    scene.storage.fail('a/b', null);
    await scene.ports.spaces.resume((await scene.space()).id);
    await expectListedBeforeFresh(scene, 'f');
  });

  it('is not forgotten because the space was left out of the configuration for a while', async () => {
    const scene = await searchedScene(isLearned);
    scene.storage.fail('a', 'forbidden');
    await scene.sync({ targets: ['a'] });
    await scene.ports.spaces.configure([], 'rules', 2_000_000_000_000);
    await scene.ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'rules', 2_000_000_000_000);
    await expectListedBeforeFresh(scene, 'a');
  });

  it('is none where the credentials were refused and nothing else was wrong: the search goes on', async () => {
    const scene = await searchedScene(isLearned);
    scene.storage.fail('', 'unauthorized');
    await scene.sync();
    scene.storage.fail('', null);
    await scene.ports.spaces.resume((await scene.space()).id);
    scene.storage.listed.length = 0;
    scene.storage.put('f/new.ova');
    await scene.sync(incremental);
    expect(scene.storage.listed).not.toContain('a');
    expect(await stateNow(scene)).toBe('fresh');
  });
});

it.each([
  [503, 'is listed with status 503'],
  [404, 'without a folder that was itself listed a moment ago'],
])('a folder is told of as it is shown, though something below it was listed before: %i', async (status, message) => {
  const scene = await searchedScene(false);
  scene.storage.put('a/b/new.ova');
  const list = scene.storage.list.bind(scene.storage);
  scene.storage.list = async (path, signal) => {
    const listing = await list(path, signal);
    if (path !== '') return listing;
    const collections = listing.collections.filter((each) => each.path !== 'a');
    return { ...listing, collections, guarded: [{ path: 'a' as typeof path, status }] };
  };
  expect(await scene.sync(incremental)).toMatchObject({ warnings: [expect.stringContaining(message)] });
});
