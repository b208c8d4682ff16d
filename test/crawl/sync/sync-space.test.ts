import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PassingTrouble } from '../../../src/domain/model/errors.js';
import { ROOT } from '../../../src/domain/model/path.js';
import { createSyncScene, type SyncScene } from '../../support/sync-scene.js';

const many = (count: number, folder: string) => Array.from({ length: count }, (_, i) => `${folder}/${i}.ova`);

describe('a sync', () => {
  it('finds every image, and nothing else', async () => {
    const scene = await createSyncScene('x.ova', 'a/b/c/y.OVF', 'a/readme.txt', 'a/._x.ova');
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'PROCESSED', warnings: [], counts: { collections: 4, added: 2 } });
    expect(await scene.shown()).toEqual(['a/b/c/y.OVF', 'x.ova']);
  });

  it('follows additions, removals, moves and overwrites', async () => {
    const scene = await createSyncScene('a/x.ova', 'a/y.ova', 'b/z.ova');
    await scene.sync();
    scene.storage.put('a/new.ova');
    scene.storage.put('a/x.ova', 99);
    scene.storage.remove('a/y.ova');
    scene.storage.remove('b');
    scene.storage.put('c/z.ova');
    const outcome = await scene.sync();
    expect(outcome?.counts).toMatchObject({ added: 2, altered: 1, removed: 2 });
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('changes nothing, the revision neither, when nothing has changed', async () => {
    const scene = await createSyncScene('a/x.ova', 'b/y.ova');
    await scene.sync();
    const { revision } = await scene.space();
    const outcome = await scene.sync();
    expect(outcome?.counts).toMatchObject({ added: 0, altered: 0, removed: 0 });
    expect((await scene.space()).revision).toBe(revision);
  });

  it('gives an image that returns its old id', async () => {
    const scene = await createSyncScene('a/x.ova', 'a/y.ova');
    const idOf = async () => {
      const list = await scene.ports.catalogue.images('jm', { nameContains: ['x'], sort: [] });
      return list?.images[0]?.id;
    };
    await scene.sync();
    const id = await idOf();
    scene.storage.remove('a/x.ova');
    await scene.sync();
    expect(await idOf()).toBeUndefined();
    scene.storage.put('a/x.ova');
    await scene.sync();
    expect(await idOf()).toBe(id);
  });

  it('asks the index nothing about what it has just discovered, unless that may be known by another name', async () => {
    const scene = await createSyncScene('x.ova', 'a/y.ova', 'a/b/z.ova');
    const known = vi.spyOn(scene.ports.index, 'known');
    await scene.sync();
    expect(known.mock.calls.map(([, path]) => path)).toEqual([ROOT]);
    scene.storage.remove('a');
    for (const path of ['A/y.ova', 'A/b/z.ova', 'new/w.ova']) scene.storage.put(path);
    known.mockClear();
    await scene.sync();
    expect(new Set(known.mock.calls.map(([, path]) => path))).toEqual(new Set([ROOT, 'A', 'new']));
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('keeps what is below a collection that could not be listed, and goes on beside it', async () => {
    const scene = await createSyncScene('a/x.ova', 'a/deep/y.ova', 'b/z.ova');
    await scene.sync();
    scene.storage.remove('a/deep');
    scene.storage.remove('b/z.ova');
    scene.storage.put('b/w.ova');
    scene.storage.fail('a', 'forbidden');
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'PROCESSED', counts: { failures: 1 } });
    expect(outcome?.warnings).toEqual(['/a: scripted: forbidden']);
    expect(await scene.shown()).toEqual(['a/deep/y.ova', 'a/x.ova', 'b/w.ova']);
    scene.storage.fail('a', null);
    await scene.sync();
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it.each([
    'unreachable',
    'timeout',
    'forbidden',
    'not-found',
    'redirected',
    'status',
    'not-multistatus',
    'truncated',
  ] as const)('fails and changes nothing when the root is %s', async (failure) => {
    const scene = await createSyncScene('x.ova');
    await scene.sync();
    scene.storage.remove('x.ova');
    scene.storage.fail('', failure);
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'ERROR', errors: [`scripted: ${failure}`], isUnauthorized: false });
    expect(await scene.shown()).toEqual(['x.ova']);
    expect((await scene.space()).trouble).toMatchObject({ kind: 'failed', message: `scripted: ${failure}` });
  });

  it('stops when the credentials are refused in the middle, after few requests', async () => {
    const folders = Array.from({ length: 40 }, (_, i) => `f${i}`);
    const scene = await createSyncScene('x.ova', ...folders.map((folder) => `${folder}/x.ova`));
    scene.storage.onList = (collection) => {
      if (collection === ROOT || scene.storage.listed.length < 10) return;
      for (const refused of ['', ...folders]) scene.storage.fail(refused, 'unauthorized');
    };
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'ERROR', isUnauthorized: true, errors: ['scripted: unauthorized'] });
    // Those in flight, and one question to the root.
    expect(scene.storage.listed.length).toBeLessThanOrEqual(10 + 3);
    expect(scene.storage.probed).toEqual([ROOT]);
    expect((await scene.space()).trouble?.kind).toBe('unauthorized');
  });

  it('leaves a folder as it was that is closed to credentials which the root takes', async () => {
    const scene = await createSyncScene('a/x.ova', 'a/deep/y.ova', 'b/z.ova');
    await scene.sync();
    scene.storage.remove('a/deep/y.ova');
    scene.storage.put('b/w.ova');
    scene.storage.fail('a', 'unauthorized');
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'PROCESSED', isUnauthorized: false, counts: { failures: 1 } });
    expect(outcome?.warnings).toEqual([
      '/a: scripted: unauthorized; the root of the space still accepts the credentials, so only this folder is closed to them',
    ]);
    expect(scene.storage.probed).toEqual([ROOT]);
    expect(await scene.shown()).toEqual(['a/deep/y.ova', 'a/x.ova', 'b/w.ova', 'b/z.ova']);
  });

  it('asks the root seldom where very many folders are closed', async () => {
    const folders = Array.from({ length: 300 }, (_, i) => `f${i}`);
    const scene = await createSyncScene(...folders.map((folder) => `${folder}/x.ova`), 'open/x.ova');
    for (const folder of folders) scene.storage.fail(folder, 'unauthorized');
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'PROCESSED', counts: { collections: 2, failures: 300 } });
    expect(scene.storage.probed.length).toBeLessThan(60);
    expect(await scene.shown()).toEqual(['open/x.ova']);
  });

  it('a hint at a closed folder suspends nobody', async () => {
    const scene = await createSyncScene('a/x.ova');
    await scene.sync();
    scene.storage.fail('a', 'unauthorized');
    expect(await scene.sync({ targets: ['a'] })).toMatchObject({ status: 'PROCESSED', isUnauthorized: false });
  });

  it.each(['timeout', 'status', 'busy'] as const)('suspends nobody where the root says %s then', async (failure) => {
    const scene = await createSyncScene('a/x.ova');
    await scene.sync();
    scene.storage.onList = (collection) => {
      if (collection !== ROOT) scene.storage.fail('', failure);
    };
    scene.storage.fail('a', 'unauthorized');
    expect(await scene.sync()).toMatchObject({ isUnauthorized: false });
    expect(await scene.shown()).toEqual(['a/x.ova']);
  });

  it('gives up when collection after collection gets no answer', async () => {
    const folders = Array.from({ length: 40 }, (_, i) => `f${i}`);
    const scene = await createSyncScene(...folders.map((folder) => `${folder}/x.ova`));
    await scene.sync();
    scene.storage.listed.length = 0;
    for (const folder of folders) scene.storage.fail(folder, 'timeout');
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'ERROR', errors: ['scripted: timeout'] });
    expect(scene.storage.listed.length).toBeLessThan(15);
    expect(await scene.shown()).toHaveLength(40);
  });

  it.each(['unreachable', 'malformed'] as const)(
    'gives up at collections that are %s only where the root is, too',
    async (kind) => {
      const folders = Array.from({ length: 40 }, (_, i) => `f${i}`);
      const scene = await createSyncScene('beside/y.ova', ...folders.map((folder) => `${folder}/x.ova`));
      await scene.sync();
      for (const folder of folders) scene.storage.fail(folder, kind);
      scene.storage.remove('beside/y.ova');
      const outcome = await scene.sync();
      expect(outcome).toMatchObject({ status: 'PROCESSED', counts: { failures: 40, removed: 1 } });
      expect(await scene.shown()).toHaveLength(40);

      scene.storage.listed.length = 0;
      scene.storage.onList = (collection) => {
        if (collection !== '') scene.storage.fail('', kind);
      };
      expect(await scene.sync()).toMatchObject({ status: 'ERROR', errors: [`scripted: ${kind}`] });
      expect(scene.storage.listed.length).toBeLessThan(15);
    },
  );

  it('believes that a vanished collection is gone only if it says so itself', async () => {
    const scene = await createSyncScene('a/x.ova', 'b/y.ova', 'keep.ova');
    await scene.sync();
    scene.storage.remove('a');
    scene.storage.fail('a', 'status');
    const outcome = await scene.sync();
    expect(outcome?.warnings[0]).toContain('/a: not listed by its parent, but not proven to be gone');
    expect(await scene.shown()).toContain('a/x.ova');
    scene.storage.fail('a', null);
    await scene.sync();
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('ends a loop of collections at the depth limit, and says so', async () => {
    const scene = await createSyncScene('l/l/l/l/l/l/x.ova', 'l/y.ova');
    const outcome = await scene.sync({ maxDepth: 3 });
    expect(outcome?.warnings).toEqual(['/l/l/l/l: deeper than 3 collections (crawl.maxDepth); not listed']);
    expect(await scene.shown()).toEqual(['l/y.ova']);
  });

  it('forgets a collection that the configuration excludes from now on without asking the storage', async () => {
    const scene = await createSyncScene('a/x.ova', 'b/y.ova');
    await scene.sync();
    const list = scene.storage.list;
    scene.storage.list = async (path, signal) => {
      const listing = await list(path, signal);
      return { ...listing, collections: listing.collections.filter((child) => child.path !== 'a') };
    };
    await scene.sync({ isExcluded: (path) => path === 'a' });
    expect(await scene.shown()).toEqual(['b/y.ova']);
  });
});

/** The storage as it is listed from now on, with this left out, and a sync with it. */
async function syncWithout(scene: SyncScene, isExcluded: (path: string) => boolean) {
  const list = scene.storage.list;
  scene.storage.list = async (path, signal) => {
    const listing = await list(path, signal);
    const images = listing.images.filter((image) => !isExcluded(image.path));
    return { ...listing, images, collections: listing.collections.filter((child) => !isExcluded(child.path)) };
  };
  const outcome = await scene.sync({ isExcluded });
  scene.storage.list = list;
  return outcome;
}

describe('an exclusion that begins', () => {
  const inBin = Array.from({ length: 60 }, (_, i) => `#recycle/${i}.ova`);
  const locks = Array.from({ length: 60 }, (_, i) => `images/~$${i}.ova`);
  const isExcluded = (path: string) => path.startsWith('#recycle') || path.includes('~$');

  it('takes away at once whatever it names, however much that is', async () => {
    const scene = await createSyncScene('keep.ova', 'images/keep.ova', ...inBin, ...locks);
    await scene.sync();
    expect(await syncWithout(scene, isExcluded)).toMatchObject({ heldRemovals: null, warnings: [] });
    expect(await scene.shown()).toEqual(['images/keep.ova', 'keep.ova']);
  });

  it('lends none of that to what is really gone at the same time', async () => {
    const kept = Array.from({ length: 25 }, (_, i) => `images/${i}.ova`);
    const scene = await createSyncScene('keep.ova', ...kept, ...inBin);
    await scene.sync();
    for (const path of kept.slice(0, 10)) scene.storage.remove(path);
    expect(await syncWithout(scene, isExcluded)).toMatchObject({ heldRemovals: null });
    expect(await scene.shown()).toHaveLength(16);
  });
});

describe('a collection that suddenly shows nothing', () => {
  it('is believed at once when its marker moved', async () => {
    const scene = await createSyncScene('a/x.ova', 'keep.ova');
    await scene.sync();
    scene.storage.remove('a/x.ova');
    await scene.sync();
    expect(await scene.shown()).toEqual(['keep.ova']);
  });

  it('is believed at the second sync when its marker stood still, and the space says so meanwhile', async () => {
    const scene = await createSyncScene('a/x.ova', 'a/y.ova', 'keep.ova');
    await scene.sync();
    scene.storage.blank('a', true);
    const first = await scene.sync();
    expect(first?.warnings).toEqual([
      'held: /a: nothing is left of what it held; that stays until the next sync agrees or an administrator accepts its removal',
    ]);
    expect(await scene.shown()).toHaveLength(3);
    await scene.sync();
    expect(await scene.shown()).toEqual(['keep.ova']);
  });

  it('is forgiven when it shows its members again', async () => {
    const scene = await createSyncScene('a/x.ova', 'keep.ova');
    await scene.sync();
    scene.storage.blank('a', true);
    await scene.sync();
    scene.storage.blank('a', false);
    await scene.sync();
    scene.storage.blank('a', true);
    await scene.sync();
    expect(await scene.shown()).toHaveLength(2);
  });
});

describe('the guard', () => {
  it('removes nothing of a removal too large to believe, adds what is new, and lets it through once a sync agrees', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'b/keep.ova');
    await scene.sync();
    scene.storage.remove('a');
    scene.storage.put('b/new.ova');
    const first = await scene.sync();
    expect(first).toMatchObject({ status: 'PROCESSED', heldRemovals: 30, counts: { added: 1, removed: 0 } });
    expect(first?.warnings[0]).toContain('held: 30 of 31 images');
    expect(await scene.shown()).toHaveLength(32);
    expect((await scene.space()).heldRemovals).toBe(30);

    const second = await scene.sync();
    expect(second).toMatchObject({ heldRemovals: null, counts: { removed: 30 } });
    expect(await scene.shown()).toEqual(['b/keep.ova', 'b/new.ova']);
    expect((await scene.space()).heldRemovals).toBeNull();
  });

  it('starts over when the images were there in between', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'keep.ova');
    await scene.sync();
    for (const path of many(30, 'a')) scene.storage.remove(path);
    scene.storage.mkdir('a/other');
    await scene.sync();
    for (const path of many(30, 'a')) scene.storage.put(path);
    await scene.sync();
    expect((await scene.space()).heldRemovals).toBeNull();
    for (const path of many(30, 'a')) scene.storage.remove(path);
    const outcome = await scene.sync();
    expect(outcome?.heldRemovals).toBe(30);
    expect(await scene.shown()).toHaveLength(31);
  });

  it('lets through at once what an administrator accepts', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'keep.ova');
    await scene.sync();
    scene.storage.remove('a');
    await scene.sync();
    scene.storage.put('a/0.ova'); // a later sync must not need the same removals again
    await scene.ports.spaces.acceptRemovals((await scene.space()).id);
    await scene.sync();
    expect(await scene.shown()).toEqual(['a/0.ova', 'keep.ova']);
  });

  it('keeps what an administrator refused, whatever later syncs find, until the storage shows it again', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'b/x.ova', 'keep.ova');
    await scene.sync();
    scene.storage.remove('a');
    await scene.sync();
    await scene.ports.spaces.refuseRemovals((await scene.space()).id);
    for (let i = 0; i < 3; i++) {
      const outcome = await scene.sync();
      expect(outcome?.heldReasons[0]).toMatch(/^an administrator refused a removal/);
      expect(await scene.shown()).toHaveLength(32);
      expect(await scene.space()).toMatchObject({ heldRemovals: 30, isRemovalRefused: true });
    }
    // A hint is no way around it, though what it finds is little.
    scene.storage.mkdir('a');
    await scene.sync({ targets: ['a'] });
    expect(await scene.shown()).toHaveLength(32);

    for (const path of many(30, 'a')) scene.storage.put(path);
    await scene.sync();
    expect(await scene.space()).toMatchObject({ heldRemovals: null, isRemovalRefused: false });
    scene.storage.remove('b/x.ova');
    await scene.sync();
    expect(await scene.shown()).not.toContain('b/x.ova');
  });

  it('removes what is gone elsewhere while a removal is refused', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'b/x.ova', 'b/y.ova');
    await scene.sync();
    for (const path of many(30, 'a').slice(1)) scene.storage.remove(path);
    await scene.sync();
    await scene.ports.spaces.refuseRemovals((await scene.space()).id);
    scene.storage.remove('b/x.ova');
    await scene.sync();
    expect(await scene.shown()).toHaveLength(31);
    expect(await scene.shown()).not.toContain('b/x.ova');
    expect(await scene.space()).toMatchObject({ heldRemovals: 29, isRemovalRefused: true });
  });

  it('keeps what is refused while a sync that would remove it is under way', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'keep.ova');
    await scene.sync();
    scene.storage.remove('a');
    await scene.sync();
    scene.storage.onList = async () => scene.ports.spaces.refuseRemovals((await scene.space()).id);
    await scene.sync();
    expect(await scene.shown()).toHaveLength(31);
  });

  it('lets through what was refused and is accepted then', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'keep.ova');
    await scene.sync();
    scene.storage.remove('a');
    await scene.sync();
    const { id } = await scene.space();
    await scene.ports.spaces.refuseRemovals(id);
    await scene.sync();
    await scene.ports.spaces.acceptRemovals(id);
    await scene.sync();
    expect(await scene.shown()).toEqual(['keep.ova']);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, isRemovalRefused: false });
  });

  it('never believes an empty root by itself, as an unmounted disk looks the same', async () => {
    const scene = await createSyncScene('x.ova', 'a/y.ova');
    await scene.sync();
    scene.storage.remove('x.ova');
    scene.storage.remove('a');
    for (let i = 0; i < 4; i++) {
      await scene.sync();
      expect(await scene.shown()).toEqual(['a/y.ova', 'x.ova']);
      expect((await scene.space()).heldRemovals).toBe(2);
    }
    await scene.ports.spaces.acceptRemovals((await scene.space()).id);
    await scene.sync();
    expect(await scene.shown()).toEqual([]);
  });
});

describe('an interrupted sync', () => {
  it('ends quietly where it was cancelled just before its storage refused the credentials', async () => {
    const scene = await createSyncScene('a/x.ova', 'b/y.ova');
    scene.storage.fail('b', 'unauthorized');
    scene.storage.onList = async (collection) => {
      if (collection === 'b') await scene.ports.syncs.cancel(1);
    };
    expect(await scene.sync()).toBeNull();
    expect(await scene.ports.syncs.find(1)).toMatchObject({ status: 'CANCELLED' });
  });

  it('goes on where it stopped and lists nothing twice that was committed', async () => {
    const folders = Array.from({ length: 300 }, (_, i) => `f${i}`);
    const scene = await createSyncScene(...folders.map((folder) => `${folder}/x.ova`));
    const abort = new AbortController();
    scene.storage.onList = () => {
      if (scene.storage.listed.length === 250) abort.abort();
    };
    expect(await scene.sync({ signal: abort.signal })).toBeNull();
    expect((await scene.shown()).length).toBeGreaterThan(200);

    scene.storage.onList = () => undefined;
    const outcome = await scene.sync();
    expect(outcome).toMatchObject({ status: 'PROCESSED', counts: { added: 300 } });
    expect(scene.storage.listed.length).toBeLessThan(301 + 10);
    expect(await scene.shown()).toHaveLength(300);
  });

  it('repeats at most what was not committed after a kill', async () => {
    const folders = Array.from({ length: 1_200 }, (_, i) => `f${i}`);
    const scene = await createSyncScene(...folders.map((folder) => `${folder}/x.ova`));
    const { commit } = scene.ports.index;
    let commits = 0;
    scene.ports.index.commit = async (...batch) => {
      if (++commits > 1) throw new Error('killed');
      return commit(...batch);
    };
    await expect(scene.sync()).rejects.toThrow('killed');
    const before = await scene.shown();
    expect(before.length).toBeGreaterThan(1_000);
    scene.ports.index.commit = commit;
    scene.storage.listed.length = 0;
    await scene.sync();
    expect(scene.storage.listed.length).toBeLessThanOrEqual(1_201 - before.length + 1);
    expect(await scene.shown()).toHaveLength(1_200);
  });
});

describe('a sync that fails while the clock has a commit under way', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends only once that commit has ended: the next run may have the very same lease', async () => {
    const scene = await createSyncScene('x.ova', 'a/y.ova');
    const { commit } = scene.ports.index;
    let goOn = () => {};
    scene.ports.index.commit = async (...batch) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      return await commit(...batch);
    };
    const trouble = new PassingTrouble('the connection was lost');
    let fail = () => {};
    scene.storage.onList = (collection) =>
      collection === ROOT ? undefined : new Promise<void>((_, reject) => (fail = () => reject(trouble)));
    let ended: unknown = null;
    const over = scene.sync().catch((error: unknown) => {
      ended = error;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    fail();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ended).toBeNull();
    goOn();
    await over;
    expect(ended).toBe(trouble);
    expect(await scene.shown()).toEqual(['x.ova']);
  });
});

describe('a hint', () => {
  it('lists just the hinted collection and what is new below it', async () => {
    const scene = await createSyncScene('a/x.ova', 'a/old/y.ova', 'b/z.ova');
    await scene.sync();
    scene.storage.listed.length = 0;
    scene.storage.put('a/new/deep/w.ova');
    scene.storage.put('a/v.ova');
    scene.storage.remove('a/x.ova');
    await scene.sync({ targets: ['a'] });
    expect(scene.storage.listed).toEqual(['a', 'a/new', 'a/new/deep']);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('ends where it is resumed and what it had found is gone by then', async () => {
    const scene = await createSyncScene('x/x.ova', 'y/y.ova', 'z/z.ova');
    const abort = new AbortController();
    scene.storage.onList = () => {
      if (scene.storage.listed.length === 2) abort.abort();
    };
    expect(await scene.sync({ targets: [''], signal: abort.signal })).toBeNull();
    scene.storage.onList = () => {
      if (scene.storage.listed.length > 20) throw new Error('it goes round in circles');
    };
    for (const folder of ['x', 'y', 'z']) scene.storage.remove(folder);
    scene.storage.put('keep.ova');
    await scene.sync({ targets: [''] });
    await scene.sync();
    expect(await scene.shown()).toEqual(['keep.ova']);
  });

  it('looks no deeper than any other sync', async () => {
    const scene = await createSyncScene('a/b/x.ova');
    await scene.sync({ maxDepth: 1 });
    scene.storage.listed.length = 0;
    await scene.sync({ targets: ['a/b'], maxDepth: 1 });
    expect(scene.storage.listed).toEqual([]);
    expect(await scene.shown()).toEqual([]);
  });

  it('asks the parent when the hinted collection is gone', async () => {
    const scene = await createSyncScene('a/b/x.ova', 'keep.ova');
    await scene.sync();
    scene.storage.remove('a/b');
    await scene.sync({ targets: ['a/b'] });
    expect(await scene.shown()).toEqual(['keep.ova']);
  });

  it('asks the parent once about a collection that it goes on showing', async () => {
    const scene = await createSyncScene('x.ova', 'keep.ova');
    await scene.sync();
    scene.storage.listed.length = 0;
    // The parent's commit waits, since it removes something, so that the new collection stays unknown.
    scene.storage.remove('x.ova');
    scene.storage.put('new/x.ova');
    scene.storage.fail('new', 'not-found');
    scene.storage.onList = () => {
      if (scene.storage.listed.length > 20) throw new Error('it goes round in circles');
    };
    const outcome = await scene.sync({ targets: ['new'] });
    expect(outcome?.warnings).toEqual(['/new: scripted: not-found']);
    expect(scene.storage.listed).toEqual(['new', '', 'new']);
    expect(await scene.shown()).toEqual(['keep.ova']);
  });

  it.each(['forbidden', 'redirected', 'status', 'truncated'] as const)(
    'asks no parent when the hinted collection could not be listed (%s)',
    async (failure) => {
      const scene = await createSyncScene('a/b/x.ova');
      await scene.sync();
      scene.storage.remove('a/b/x.ova');
      scene.storage.fail('a/b', failure);
      scene.storage.listed.length = 0;
      const outcome = await scene.sync({ targets: ['a/b'] });
      expect(outcome).toMatchObject({ counts: { failures: 1 }, warnings: [`/a/b: scripted: ${failure}`] });
      expect(scene.storage.listed).toEqual(['a/b']);
      expect(await scene.shown()).toEqual(['a/b/x.ova']);
    },
  );

  it('gives no second opinion on a removal too large to believe, nor on a sudden emptiness', async () => {
    const scene = await createSyncScene(...many(30, 'a'), 'b/x.ova', 'keep.ova');
    await scene.sync();
    for (const path of many(30, 'a')) scene.storage.remove(path);
    scene.storage.mkdir('a/rest');
    scene.storage.blank('b', true);
    for (let i = 0; i < 3; i++) {
      await scene.sync({ targets: ['a', 'b'] });
      expect(await scene.shown()).toHaveLength(32);
    }
    await scene.sync();
    // By now dates are known to move with names, and that of the emptied folder stands still.
    expect(await scene.shown()).toEqual(['b/x.ova', 'keep.ova']);
  });

  it('is taken in by a run under way, even for a collection that the run has listed before', async () => {
    const folders = Array.from({ length: 20 }, (_, i) => `f${i}`);
    const scene = await createSyncScene('first/x.ova', ...folders.map((folder) => `${folder}/x.ova`));
    scene.storage.onList = async (collection) => {
      if (collection !== 'f0') return;
      scene.storage.put('f19/late.ova'); // f19 is listed before f0: the walk takes the last child first
      running?.revisit(['f19' as never]);
    };
    let running: { revisit(collections: readonly never[]): boolean } | undefined;
    await scene.sync({
      onStart: (started) => {
        running = started;
      },
    });
    expect(scene.storage.listed.filter((path) => path === 'f19')).toHaveLength(2);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });
});
