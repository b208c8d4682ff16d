import { describe, expect, it } from 'vitest';
import type { MarkerStyle } from '../../support/memory-store.js';
import { createSyncScene, type SyncScene } from '../../support/sync-scene.js';

/** Three inner collections (the root, `a` and `a/b`) and four leaves. */
const TREE = ['a/b/c/x.ova', 'a/b/d/y.ova', 'a/e/z.ova', 'f/w.ova'];
const INNER = ['', 'a', 'a/b'];
const incremental = { mode: 'incremental' } as const;

/** A space whose markers were seen to move with a change, and then synced once more. */
async function learnedScene(markers: MarkerStyle, ...more: readonly string[]): Promise<SyncScene> {
  const scene = await createSyncScene(...TREE, ...more);
  scene.storage.useMarkers(markers);
  await scene.sync(); // markers are known
  scene.storage.put('a/b/c/lesson.ova');
  await scene.sync(); // and have moved
  await scene.sync();
  forget(scene);
  return scene;
}

const forget = ({ storage }: SyncScene) => {
  storage.listed.length = 0;
  storage.probed.length = 0;
};
const listedBy = (scene: SyncScene) => scene.storage.listed.toSorted((a, b) => (a < b ? -1 : 1));
const evidence = async (scene: SyncScene) => (await scene.space()).evidence;

describe('an incremental sync', () => {
  it('lists everything before any marker was seen to move', async () => {
    const scene = await createSyncScene(...TREE);
    await scene.sync(incremental);
    await scene.sync(incremental);
    expect(scene.storage.listed).toHaveLength(14);
    expect(await evidence(scene)).toMatchObject({ names: 'none', subtree: 'none' });
  });

  it('asks one question of an unchanged space whose markers stand for subtrees', async () => {
    const scene = await learnedScene('subtree');
    const outcome = await scene.sync(incremental);
    expect([scene.storage.probed, scene.storage.listed]).toEqual([[''], []]);
    expect(outcome).toMatchObject({ status: 'PROCESSED', counts: { requests: 1, collections: 0 } });
  });

  it('lists only the inner collections of one whose markers stand for names', async () => {
    const scene = await learnedScene('names');
    await scene.sync(incremental);
    expect(listedBy(scene)).toEqual(INNER);
    expect(scene.storage.probed).toEqual([]);
  });

  it('lists everything where markers never move, and says that they lied', async () => {
    const scene = await learnedScene('still');
    expect(await evidence(scene)).toMatchObject({ names: 'refuted', subtree: 'refuted', mismatches: 1 });
    scene.storage.put('f/new.ova');
    await scene.sync(incremental);
    expect(scene.storage.listed).toHaveLength(7);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it.each([
    ['subtree', 'a file deep down', ['', 'a', 'a/b', 'a/b/d']],
    ['names', 'a file deep down', [...INNER, 'a/b/d']],
  ] as const)('with markers for %s goes just to %s', async (markers, _what, expected) => {
    const scene = await learnedScene(markers);
    scene.storage.put('a/b/d/new.ova');
    await scene.sync(incremental);
    expect(listedBy(scene)).toEqual(expected);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it.each(['subtree', 'names'] as const)('with markers for %s follows whatever happens to names', async (markers) => {
    const scene = await learnedScene(markers, 'g/h/i/v.ova');
    scene.storage.remove('a/b/c');
    scene.storage.put('g/h/i/deeper/new.ova');
    scene.storage.remove('f/w.ova');
    scene.storage.put('j/k/l.ova');
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(scene.storage.images());
    expect(await evidence(scene)).toMatchObject({ mismatches: 0 });
    await scene.sync();
    forget(scene);
    await scene.sync(incremental);
    expect(scene.storage.listed).toHaveLength(markers === 'subtree' ? 0 : 7);
  });

  it('looks into mounts, which move no marker around them', async () => {
    const scene = await createSyncScene(...TREE, 'a/mount/in/side.ova');
    scene.storage.useMarkers('subtree');
    scene.storage.mount('a/mount');
    await scene.sync();
    scene.storage.put('a/b/c/lesson.ova');
    await scene.sync();
    await scene.sync();
    forget(scene);
    scene.storage.put('a/mount/in/new.ova');
    await scene.sync(incremental);
    expect([scene.storage.probed, listedBy(scene)]).toEqual([[''], ['a/mount', 'a/mount/in']]);
    expect(await scene.shown()).toEqual(scene.storage.images());
    expect(await evidence(scene)).toMatchObject({ subtree: 'seen', mismatches: 0 });

    scene.storage.put('a/e/beside.ova');
    forget(scene);
    await scene.sync(incremental);
    expect(listedBy(scene)).toEqual(['', 'a', 'a/e', 'a/mount', 'a/mount/in']);
  });

  it('looks into no mount that lies deeper than it may list', async () => {
    const scene = await createSyncScene('a/b/x.ova', 'a/e/y.ova', 'a/b/mount/side.ova');
    scene.storage.useMarkers('subtree');
    scene.storage.mount('a/b/mount');
    await scene.sync({ maxDepth: 2 });
    scene.storage.put('a/e/lesson.ova');
    await scene.sync({ maxDepth: 2 });
    await scene.sync({ maxDepth: 2 });
    forget(scene);
    await scene.sync({ ...incremental, maxDepth: 2 });
    expect([scene.storage.probed, listedBy(scene)]).toEqual([[''], []]);
    expect(await scene.shown()).not.toContain('a/b/mount/side.ova');
  });

  it('does not forget what was a mount and could not be listed when it had become a part of the space', async () => {
    const scene = await learnedScene('subtree', 'a/mount/in/side.ova');
    scene.storage.mount('a/mount');
    scene.storage.put('a/e/beside.ova');
    await scene.sync();
    scene.storage.unmount('a/mount');
    scene.storage.put('a/mount/new.ova');
    scene.storage.fail('a/mount', 'truncated');
    await scene.sync();
    scene.storage.fail('a/mount', null);
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('stays away from a space that refuses its credentials after a single question', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.fail('', 'unauthorized');
    const outcome = await scene.sync(incremental);
    expect(outcome).toMatchObject({ status: 'ERROR', isUnauthorized: true, counts: { requests: 1 } });
    expect([scene.storage.probed, scene.storage.listed]).toEqual([[''], []]);
  });

  it('lists the root when its question fails otherwise, and so says why', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.fail('', 'timeout');
    expect(await scene.sync(incremental)).toMatchObject({ status: 'ERROR', errors: ['scripted: timeout'] });
  });
});

describe('a marker is not trusted', () => {
  it('while it is too young', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.settleMarkers(false);
    scene.storage.put('a/b/d/new.ova');
    await scene.sync(incremental);
    forget(scene);
    await scene.sync(incremental);
    expect(listedBy(scene)).toEqual(['', 'a', 'a/b', 'a/b/d']);
    scene.storage.settleMarkers(true);
    await scene.sync(incremental);
    forget(scene);
    await scene.sync(incremental);
    expect(scene.storage.listed).toEqual([]);
  });

  it('above a collection that could not be listed', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.put('a/b/d/new.ova');
    scene.storage.fail('a/b/d', 'forbidden');
    await scene.sync(incremental);
    scene.storage.fail('a/b/d', null);
    forget(scene);
    await scene.sync(incremental);
    expect(listedBy(scene)).toEqual(['', 'a', 'a/b', 'a/b/d']);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('above a removal that is held, which gets its second opinion at the next sync', async () => {
    const many = Array.from({ length: 30 }, (_, n) => `a/many/${n}.ova`);
    const scene = await learnedScene('subtree', ...many);
    for (const path of many) scene.storage.remove(path);
    scene.storage.put('a/many/rest.ova');
    expect(await scene.sync(incremental)).toMatchObject({ heldRemovals: 30 });
    expect(await scene.sync(incremental)).toMatchObject({ heldRemovals: null, counts: { removed: 30 } });
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('where listings of its parent have hidden a change that it shows itself', async () => {
    const scene = await learnedScene('names');
    scene.storage.freezeShownMarkers();
    scene.storage.put('f/hidden.ova');
    await scene.sync(incremental);
    expect(await scene.shown()).not.toContain('f/hidden.ova');
    await scene.sync();
    expect(await evidence(scene)).toMatchObject({ names: 'refuted', mismatches: 1 });
    scene.storage.put('a/e/later.ova');
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it.each([true, false])(
    'less because a change came between a listing of its parent and its own (full: %s)',
    async (isFull) => {
      const scene = await learnedScene('names');
      scene.storage.onList = (collection) => {
        if (collection === 'f' || collection === 'a/b') scene.storage.put(`${collection}/amid.ova`);
      };
      await scene.sync(isFull ? {} : incremental);
      expect(await evidence(scene)).toMatchObject({ names: 'seen', mismatches: 0 });
    },
  );

  it('after it has hidden a change from a full sync: nothing is skipped in this space any more', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.useMarkers('still');
    scene.storage.put('a/e/hidden.ova');
    scene.storage.useMarkers('subtree');
    await scene.sync(incremental);
    expect(await scene.shown()).not.toContain('a/e/hidden.ova');
    await scene.sync();
    expect(await scene.shown()).toContain('a/e/hidden.ova');
    expect(await evidence(scene)).toMatchObject({ names: 'refuted', subtree: 'refuted' });
    expect((await evidence(scene)).mismatches).toBeGreaterThan(0);
    forget(scene);
    await scene.sync(incremental);
    expect(scene.storage.listed).toHaveLength(7);
  });

  it('for whole subtrees after one has hidden a file that was overwritten in place', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.overwrite('a/e/z.ova', 77);
    await scene.sync();
    expect(await evidence(scene)).toMatchObject({ names: 'seen', subtree: 'refuted', mismatches: 1 });
    await scene.sync(incremental); // looks whether it grows on
    forget(scene);
    await scene.sync(incremental);
    expect(listedBy(scene)).toEqual(INNER);
  });

  it('less for a file that was overwritten in place where it stands for names', async () => {
    const scene = await learnedScene('names');
    scene.storage.overwrite('a/e/z.ova', 77);
    await scene.sync();
    expect(await evidence(scene)).toMatchObject({ names: 'seen', mismatches: 0 });
  });

  it('less because of a change in the middle of a walk', async () => {
    const scene = await learnedScene('subtree');
    scene.storage.onList = (collection) => {
      if (collection !== 'a/b') return;
      scene.storage.onList = () => undefined;
      scene.storage.put('a/b/d/late.ova'); // the root and `a` were asked before that
    };
    await scene.sync();
    expect(await scene.shown()).toEqual(scene.storage.images());
    expect(await evidence(scene)).toMatchObject({ subtree: 'seen', mismatches: 0 });
    forget(scene);
    await scene.sync(incremental);
    expect(listedBy(scene)[0]).toBe('');
  });

  it('for what lay below a collection that a hint had listed anew in the middle of a walk', async () => {
    const scene = await learnedScene('subtree');
    let running: { revisit(collections: readonly never[]): boolean } | undefined;
    scene.storage.onList = (collection) => {
      if (collection !== 'a/b/c') return;
      scene.storage.onList = () => undefined;
      scene.storage.put('a/b/d/late.ova'); // `a/b/d` was listed before: the walk takes the last child first
      running?.revisit(['a/b' as never]);
    };
    await scene.sync({
      onStart: (started) => {
        running = started;
      },
    });
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });

  it('for what a hint had added, whose folders have the markers back that they had before', async () => {
    const scene = await learnedScene('subtree');
    const giveBack = scene.storage.keepMarkers();
    scene.storage.put('a/shared/new.ova');
    await scene.sync({ mode: 'hint', targets: ['a/shared'] });
    expect(await scene.shown()).toContain('a/shared/new.ova');
    scene.storage.remove('a/shared');
    giveBack();
    await scene.sync(incremental);
    expect(await scene.shown()).not.toContain('a/shared/new.ova');
    expect(await evidence(scene)).toMatchObject({ subtree: 'seen', mismatches: 0 });
  });
});

describe('an interrupted incremental sync', () => {
  it('goes on without asking for what it had skipped or listed', async () => {
    const scene = await learnedScene('names', 'g/h/i/v.ova', 'g/h/j/u.ova');
    scene.storage.put('a/b/c/new.ova');
    scene.storage.put('g/h/i/new.ova');
    const abort = new AbortController();
    scene.storage.onList = () => {
      if (scene.storage.listed.length === 4) abort.abort();
    };
    expect(await scene.sync({ ...incremental, signal: abort.signal })).toBeNull();
    scene.storage.onList = () => undefined;
    await scene.sync(incremental);
    // Five inner collections and two changed leaves; those in flight at the abort are asked twice.
    expect(scene.storage.listed.length).toBeLessThanOrEqual(7 + 3);
    expect(scene.storage.listed.filter((path) => path === '')).toHaveLength(1);
    expect(await scene.shown()).toEqual(scene.storage.images());
  });
});
