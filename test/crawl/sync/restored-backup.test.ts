import { describe, expect, it } from 'vitest';
import { createSyncScene, type SyncScene } from '../../support/sync-scene.js';

const TREE = ['a/x.ova', 'a/y.ova', 'b/z.ova', 'w.ova'];
const incremental = { mode: 'incremental' } as const;

/** A storage with a fingerprint that is known. */
async function createScene(): Promise<SyncScene> {
  const scene = await createSyncScene(...TREE);
  scene.storage.setFingerprint('');
  await scene.sync();
  return scene;
}

/** What a backup of last night lacks. */
function restore({ storage }: SyncScene): void {
  storage.setFingerprint('b7f1');
  storage.remove('a/x.ova');
}

const heldOf = async (scene: SyncScene) => {
  const { heldRemovals, heldReasons } = await scene.space();
  return { heldRemovals, heldReasons };
};
const WHY =
  '1 of 4 images is gone from the storage since it was restored from a backup, as its data fingerprint says; it is not removed until a later full sync agrees or an administrator accepts it';

describe('a storage that was restored from a backup', () => {
  it('loses not even a single image until a later full sync agrees', async () => {
    const scene = await createScene();
    restore(scene);
    await scene.sync(incremental);
    expect(await heldOf(scene)).toEqual({ heldRemovals: 1, heldReasons: [WHY] });
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(TREE.toSorted());
    await scene.sync();
    expect(await scene.shown()).toEqual(['a/y.ova', 'b/z.ova', 'w.ova']);
    expect(await heldOf(scene)).toEqual({ heldRemovals: null, heldReasons: [] });
  });

  it('is held by a first full sync, too', async () => {
    const scene = await createScene();
    restore(scene);
    await scene.sync();
    expect(await scene.shown()).toEqual(TREE.toSorted());
    expect(await heldOf(scene)).toEqual({ heldRemovals: 1, heldReasons: [WHY] });
  });

  it('loses what an administrator accepts', async () => {
    const scene = await createScene();
    restore(scene);
    await scene.sync(incremental);
    await scene.ports.spaces.acceptRemovals((await scene.space()).id);
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(['a/y.ova', 'b/z.ova', 'w.ova']);
  });

  it('shows additions as usual, and again what returns', async () => {
    const scene = await createScene();
    restore(scene);
    scene.storage.put('b/new.ova');
    await scene.sync(incremental);
    scene.storage.put('a/x.ova');
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual([...TREE, 'b/new.ova'].toSorted());
    expect(await heldOf(scene)).toEqual({ heldRemovals: null, heldReasons: [] });
  });

  it('is noticed by a hint, too, which asks the root before it removes anything', async () => {
    const scene = await createScene();
    restore(scene);
    scene.storage.probed.length = 0;
    await scene.sync({ targets: ['a'] });
    expect(scene.storage.probed).toEqual(['']);
    expect(await scene.shown()).toEqual(TREE.toSorted());
    scene.storage.put('b/new.ova');
    scene.storage.probed.length = 0;
    await scene.sync({ targets: ['b'] });
    expect(scene.storage.probed).toEqual([]); // nothing is to be removed there
  });

  it.each([
    ['full', [], 60],
    ['full', [''], 70],
    ['incremental', [''], 70],
  ] as const)(
    'is noticed although a %s sync had seen the root before: asked again %j after %i s',
    async (mode, asked, s) => {
      const scene = await createScene();
      const { storage } = scene;
      storage.remove('a/x.ova');
      storage.onList = (collection) => {
        if (collection !== 'a') return;
        storage.onList = () => undefined;
        // Each change takes ten seconds; the last one is what the backup lacks.
        for (let n = 0; n < s / 10; n++) storage.put(`b/${n}.ova`);
        if (asked.length > 0) storage.setFingerprint('b7f1');
      };
      storage.probed.length = 0;
      await scene.sync({ mode });
      expect(storage.probed).toEqual(asked);
      expect((await scene.shown()).includes('a/x.ova')).toBe(asked.length > 0);
    },
  );

  it('is as any other again after a full sync that finds all in order', async () => {
    const scene = await createScene();
    scene.storage.setFingerprint('b7f1');
    await scene.sync();
    scene.storage.remove('a/x.ova');
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(['a/y.ova', 'b/z.ova', 'w.ova']);
  });

  it('is told by nothing where there is no fingerprint', async () => {
    const scene = await createSyncScene(...TREE);
    await scene.sync();
    scene.storage.remove('a/x.ova');
    await scene.sync({ targets: ['a'] });
    expect(scene.storage.probed).toEqual([]);
    expect(await scene.shown()).toEqual(['a/y.ova', 'b/z.ova', 'w.ova']);
  });
});
