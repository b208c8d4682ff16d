import { describe, expect, it } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { searchUseOf } from '../../../src/domain/model/search.js';
import type { MemorySearchFault } from '../../support/memory-search.js';
import { createSyncScene, type SceneSync, type SyncScene } from '../../support/sync-scene.js';

const TREE = ['a/b/c/x.ova', 'a/b/c/w.ova', 'a/b/d/y.ova', 'a/e/z.ova', 'f/w.ova'];
const incremental = { mode: 'incremental' } as const;

async function newScene(fault: MemorySearchFault = {}, ...more: readonly string[]): Promise<SyncScene> {
  const scene = await createSyncScene(...TREE, ...more);
  scene.storage.useMarkers('subtree');
  scene.storage.offerSearch(fault);
  scene.storage.expectSearch(true);
  return scene;
}

/** A space whose search has matched, and whose markers prove subtrees if `isLearned`. */
async function knownScene(isLearned: boolean): Promise<SyncScene> {
  const scene = await newScene();
  await scene.sync(incremental);
  if (isLearned) {
    scene.storage.put('a/b/c/lesson.ova');
    await scene.sync();
    await scene.sync();
  }
  return scene;
}

/** What a sync asked the storage, and what it ended with. */
async function askedBy(scene: SyncScene, options: SceneSync = incremental) {
  const { storage } = scene;
  storage.listed.length = 0;
  storage.probed.length = 0;
  const before = storage.searches;
  const outcome = await scene.sync(options);
  expect(outcome).toMatchObject({ status: 'PROCESSED', warnings: [] });
  const { listed, probed } = storage;
  const searches = storage.searches - before;
  expect(outcome?.counts.requests).toBe(listed.length + probed.length + searches);
  return { listed: [...listed], probed: [...probed], searches };
}
const useOf = async (scene: SyncScene) => searchUseOf((await scene.space()).search);
const agrees = async (scene: SyncScene) => expect(await scene.shown()).toEqual(scene.storage.images());

describe('the first sync of a space', () => {
  it('shows what a search finds at once, and lists everything all the same', async () => {
    const scene = await newScene();
    const seen: (readonly string[])[] = [];
    scene.storage.onList = async (collection) => void (collection === '' || seen.push(await scene.shown()));
    const { listed, searches } = await askedBy(scene);
    expect(seen[0]).toEqual(scene.storage.images());
    expect([listed.length, searches]).toEqual([7, 2]);
    expect(await useOf(scene)).toBe('on');
    await agrees(scene);
  });

  it('claims nothing of the whole before it has listed that', async () => {
    const scene = await newScene();
    const interruption = new AbortController();
    scene.storage.onList = (collection) => (collection === '' ? undefined : interruption.abort());
    expect(await scene.sync({ ...incremental, signal: interruption.signal })).toBeNull();
    expect(await scene.shown()).toEqual(scene.storage.images());
    expect(await scene.space()).toMatchObject({ lastSyncAt: null, lastSuccessAt: null, images: 5 });
  });

  it('removes what a search showed and no listing has', async () => {
    const scene = await newScene({ phantoms: ['gone/x.ova', 'a/ghost.ova'] });
    await scene.sync(incremental);
    await agrees(scene);
    expect(await useOf(scene)).toBe('off');
  });

  it('does without where there is no search, it fails, or it is turned off', async () => {
    const plain = await createSyncScene(...TREE);
    plain.storage.useMarkers('subtree');
    expect((await askedBy(plain)).searches).toBe(0);
    const failing = await newScene({ failure: 'status' });
    await askedBy(failing);
    await agrees(failing);
    expect((await failing.space()).search).toMatchObject({ search: 'none', searchTrouble: 'scripted: status' });
    const off = await newScene();
    expect((await askedBy(off, { ...incremental, isSearchAllowed: false })).searches).toBe(0);
  });
});

describe('while markers are still to be learned, an incremental sync', () => {
  it('asks one question of a space in which nothing has changed', async () => {
    const scene = await knownScene(false);
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [], searches: 1 });
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [], searches: 1 });
  });

  it('asks for the root as well where the search may not come first', async () => {
    const scene = await knownScene(false);
    scene.storage.expectSearch(false);
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [''], searches: 1 });
  });

  it('shows a new image, and then lists the folders above it, so that their markers are seen to move', async () => {
    const scene = await knownScene(false);
    await scene.sync(incremental);
    scene.storage.put('a/b/c/new.ova');
    let shownAtRoot: readonly string[] = [];
    scene.storage.onList = async (collection) => {
      if (collection === '') shownAtRoot = await scene.shown();
    };
    // The second search confirms the root's marker as it stands after that.
    expect(await askedBy(scene)).toEqual({ listed: ['a/b/c', '', 'a', 'a/b'], probed: [], searches: 2 });
    expect(shownAtRoot).toEqual(scene.storage.images());
    await agrees(scene);
    expect((await scene.space()).evidence).toMatchObject({ subtree: 'seen' });
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [''], searches: 0 });
  });

  it('learns nothing from a folder that came with its image: names above it have changed, too', async () => {
    const scene = await knownScene(false);
    scene.storage.put('new/x.ova');
    scene.storage.put('a/b/new/y.ova');
    await askedBy(scene);
    await agrees(scene);
    expect((await scene.space()).evidence).toMatchObject({ subtree: 'none', mismatches: 0 });
  });

  it('believes no folder above that shows nothing of what was just listed in it', async () => {
    const scene = await knownScene(false);
    scene.storage.put('a/b/c/new.ova');
    scene.storage.blank('a', true);
    const outcome = await scene.sync(incremental);
    expect(outcome).toMatchObject({
      warnings: [expect.stringContaining('/a: it is listed without')],
      heldRemovals: null,
    });
    await agrees(scene);
    expect((await scene.space()).trouble).toMatchObject({ kind: 'incomplete' });
    scene.storage.blank('a', false);
    await scene.sync(incremental);
    await agrees(scene);
    expect((await scene.space()).trouble).toBeNull();
  });

  it('is not taken in by markers that only show the names in them', async () => {
    const scene = await knownScene(false);
    await scene.sync(incremental);
    scene.storage.stopPropagation();
    scene.storage.put('a/b/c/new.ova');
    await askedBy(scene);
    await agrees(scene);
    expect((await scene.space()).evidence).toMatchObject({ subtree: 'refuted' });
  });

  it('finds what is gone, moved, renamed or altered', async () => {
    const scene = await knownScene(false);
    scene.storage.remove('a/b/c/x.ova');
    await askedBy(scene);
    await agrees(scene);
    scene.storage.remove('a/b');
    scene.storage.put('g/h/moved.ova');
    await askedBy(scene);
    await agrees(scene);
    scene.storage.put('f/w.ova', 77);
    await askedBy(scene);
    await agrees(scene);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, trouble: null });
  });
});

describe('where markers prove subtrees, an incremental sync', () => {
  it('still asks one question of an unchanged space', async () => {
    const scene = await knownScene(true);
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [''], searches: 0 });
  });

  it('finds an image deep down in three requests, and then asks one question again', async () => {
    const scene = await knownScene(true);
    scene.storage.put('a/b/c/new.ova');
    expect(await askedBy(scene)).toEqual({ listed: ['a/b/c'], probed: [''], searches: 1 });
    await agrees(scene);
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [''], searches: 0 });
    scene.storage.put('brand/new/y.ova');
    expect(await askedBy(scene)).toEqual({ listed: ['brand/new'], probed: [''], searches: 1 });
    await agrees(scene);
  });

  it('lists the root if that has changed and no image has, and goes to what is new there', async () => {
    const scene = await knownScene(true);
    scene.storage.put('a/b/notes.txt');
    expect(await askedBy(scene)).toEqual({ listed: [''], probed: [''], searches: 1 });
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [''], searches: 0 });
    scene.storage.put('disk/n/x.ova');
    scene.storage.mount('disk');
    scene.storage.offerSearch({ forget: ['disk/n/x.ova', 'disk/n/y.ova'] });
    expect(await askedBy(scene)).toEqual({ listed: ['', 'disk', 'disk/n'], probed: [''], searches: 1 });
    await agrees(scene);
    scene.storage.put('disk/n/y.ova');
    expect((await askedBy(scene)).listed).toEqual(['disk', 'disk/n']);
    await agrees(scene);
  });

  it('does not list the root that a hint has changed twice', async () => {
    const scene = await knownScene(true);
    scene.storage.put('f/new.ova');
    expect(await askedBy(scene, { targets: ['f'] })).toMatchObject({ listed: ['f'] });
    expect(await askedBy(scene)).toEqual({ listed: [''], probed: [''], searches: 1 });
    expect(await askedBy(scene)).toEqual({ listed: [], probed: [''], searches: 0 });
    await agrees(scene);
  });

  it('has a listing prove that an image is gone', async () => {
    const scene = await knownScene(true);
    scene.storage.remove('a/b/c/x.ova');
    expect(await askedBy(scene)).toEqual({ listed: ['a/b/c'], probed: [''], searches: 1 });
    await agrees(scene);
  });

  it('has the storage prove that a folder is gone', async () => {
    const scene = await knownScene(true);
    scene.storage.remove('a/b');
    const { listed, probed } = await askedBy(scene);
    expect([listed, probed]).toEqual([
      ['a/b', 'a'],
      ['', 'a/b'],
    ]);
    await agrees(scene);
  });

  it('keeps an image that the search merely does not show, and searches no more', async () => {
    const scene = await knownScene(true);
    scene.storage.offerSearch({ forget: ['a/b/c/x.ova'] });
    scene.storage.put('f/new.ova');
    const { listed, searches } = await askedBy(scene);
    expect([listed.toSorted(), searches]).toEqual([['a/b/c', 'f'], 2]);
    await agrees(scene);
    expect((await scene.space()).search).toMatchObject({
      search: 'refuted',
      searchMisses: 1,
      searchTrouble: expect.stringContaining('/a/b/c/x.ova'),
    });
    scene.storage.put('f/newer.ova');
    expect(await askedBy(scene)).toEqual({ listed: ['', 'f'], probed: [], searches: 0 });
    await agrees(scene);
  });

  it('does not blame it for an image that came back meanwhile', async () => {
    const scene = await knownScene(true);
    scene.storage.offerSearch({ forget: ['a/b/c/x.ova'] });
    scene.storage.put('f/new.ova');
    scene.storage.onList = () => scene.storage.offerSearch();
    await scene.sync(incremental);
    expect(await useOf(scene)).toBe('on');
    await agrees(scene);
  });

  it('keeps everything if the answer is cut short, empty or stale', async () => {
    const scene = await knownScene(true);
    for (const fault of [{ cutAt: 2 }, { cutAt: 0 }, { phantoms: ['f/ghost.ova', 'no/such/ghost.ova'] }]) {
      scene.storage.offerSearch(fault);
      scene.storage.put(`f/${Object.keys(fault).join()}${fault.cutAt ?? ''}.ova`);
      await scene.sync(incremental);
      const shown = await scene.shown();
      const there = scene.storage.images();
      expect(shown.filter((path) => !there.includes(path))).toEqual([]);
      expect(there.filter((path) => !shown.includes(path) && !path.startsWith('f/'))).toEqual([]);
    }
    scene.storage.offerSearch();
    await scene.sync();
    await agrees(scene);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, trouble: null });
  });

  it('walks as ever if the search fails, or contradicts itself', async () => {
    for (const fault of [{ failure: 'status' }, { doubt: 'it lies elsewhere' }] as const) {
      const scene = await knownScene(true);
      scene.storage.offerSearch(fault);
      scene.storage.put('a/b/c/new.ova');
      expect(await askedBy(scene)).toEqual({ listed: ['', 'a', 'a/b', 'a/b/c'], probed: [''], searches: 1 });
      await agrees(scene);
      expect(await useOf(scene)).toBe('doubt' in fault ? 'off' : 'none');
    }
  });

  it('lists what is below mounts besides', async () => {
    const scene = await newScene();
    scene.storage.put('m/n/x.ova');
    scene.storage.mount('m');
    await scene.sync(incremental);
    scene.storage.put('a/b/c/lesson.ova');
    await scene.sync();
    await scene.sync();
    scene.storage.put('m/n/hidden.ova');
    scene.storage.put('f/new.ova');
    const { listed } = await askedBy(scene);
    expect(listed.toSorted()).toEqual(['f', 'm', 'm/n']);
    await agrees(scene);
  });

  it('leaves nothing out if it is interrupted', async () => {
    const scene = await knownScene(true);
    scene.storage.put('a/new.ova');
    scene.storage.put('f/new.ova');
    const interruption = new AbortController();
    scene.storage.onList = (collection) => (collection === 'f' ? interruption.abort() : undefined);
    expect(await scene.sync({ ...incremental, signal: interruption.signal })).toBeNull();
    scene.storage.onList = () => undefined;
    scene.storage.put('a/b/d/while-away.ova');
    await scene.sync(incremental);
    await agrees(scene);
  });
});

describe('a full sync', () => {
  it('lists everything, and is compared with a search', async () => {
    const scene = await knownScene(true);
    const { listed, searches } = await askedBy(scene, { mode: 'full' });
    expect([listed.length, searches]).toEqual([7, 1]);
    expect(await useOf(scene)).toBe('on');
  });

  it('ends the use of a search that misses something, until it has matched for a week', async () => {
    const scene = await knownScene(true);
    scene.storage.offerSearch({ forget: ['a/b/c/x.ova'] });
    expect((await askedBy(scene, { mode: 'full' })).listed).toHaveLength(8);
    expect((await scene.space()).search).toMatchObject({
      search: 'refuted',
      searchMisses: 1,
      searchTrouble: expect.stringContaining('/a/b/c/x.ova'),
    });
    scene.storage.put('f/new.ova');
    expect((await askedBy(scene)).searches).toBe(0);
    await agrees(scene);
    scene.storage.offerSearch();
    const uses: string[] = [];
    for (let night = 0; night < 7; night++) {
      await scene.sync();
      uses.push(await useOf(scene));
    }
    expect(uses).toEqual([...Array<string>(6).fill('off'), 'on']);
  });

  it('tells of a folder that a search knows and that is neither listed by its parent nor by itself', async () => {
    const scene = await knownScene(true);
    scene.storage.offerSearch({ phantoms: ['f/unseen/x.ova'] });
    scene.storage.fail('f/unseen', 'not-multistatus');
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ counts: { failures: 1 }, warnings: ['/f/unseen: scripted: not-multistatus'] });
    expect((await scene.space()).trouble).toMatchObject({ kind: 'incomplete' });
  });

  it('blames no search for what changed meanwhile', async () => {
    const scene = await knownScene(true);
    // The search was asked a moment later than the listings.
    scene.storage.offerSearch({ phantoms: ['f/later.ova'] });
    let listings = 0;
    scene.storage.onList = () => {
      listings += 1;
      if (listings === 8) scene.storage.put('f/later.ova');
    };
    await scene.sync();
    expect(await useOf(scene)).toBe('on');
    // The listing that clears the search is as good as any other.
    await agrees(scene);
    const { id } = await scene.space();
    expect(await scene.ports.index.known(id, 'f' as ResourcePath)).toMatchObject({ isSettled: false });
  });
});
