import { expect, it } from 'vitest';
import { ROOT } from '../../src/domain/model/path.js';
import { createSyncScene, type SyncScene } from '../support/sync-scene.js';

const many = (count: number, at = '') => Array.from({ length: count }, (_, n) => `${at}f${n}/x.ova`);

/** From now on each sync may list so many collections, then nothing more. */
function setQuota({ storage }: SyncScene, quota: number): () => void {
  let left = quota;
  storage.onList = () => {
    if (left-- > 0) return;
    for (const path of ['', ...folders(storage.images())]) storage.fail(path, 'busy');
  };
  return () => {
    left = quota;
    for (const path of ['', ...folders(storage.images())]) storage.fail(path, null);
  };
}

function folders(images: readonly string[]): Set<string> {
  return new Set(images.flatMap((image) => image.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))));
}

it('each sync begins with what the last one left unlisted, and the last of them is complete', async () => {
  const scene = await createSyncScene(...many(149));
  const newWindow = setQuota(scene, 40);
  const shown: number[] = [];
  for (let n = 0; n < 4; n++) {
    newWindow();
    const outcome = await scene.sync();
    shown.push((await scene.shown()).length);
    expect(outcome?.status).toBe(n < 3 ? 'ERROR' : 'PROCESSED');
    expect((await scene.space()).trouble?.kind).toBe(n < 3 ? 'failed' : undefined);
  }
  // What is on its way when a sync is given up is asked for again.
  for (const [n, count] of [39, 77, 115, 149].entries()) expect(shown[n]).toBeGreaterThanOrEqual(count);
  expect((await scene.space()).lastSuccessAt).not.toBeNull();
});

it('gets on whatever the shape of the tree, also where every folder lies on the way to others', async () => {
  const deep = Array.from(
    { length: 18 },
    (_, n) => `${Array.from({ length: n + 1 }, (_, k) => `d${k}`).join('/')}/x.ova`,
  );
  const scene = await createSyncScene(...deep, ...many(30, 'wide/'));
  const newWindow = setQuota(scene, 7);
  for (let n = 0; n < 14; n++) {
    newWindow();
    await scene.sync();
  }
  expect(await scene.shown()).toEqual(scene.storage.images());
});

it('a folder that has said that it is gone is gone, though the storage is too busy to say so again', async () => {
  const scene = await createSyncScene('d/x.ova', 'y.ova');
  await scene.sync();
  scene.storage.remove('d');
  scene.storage.onList = (collection) => {
    if (collection === ROOT) scene.storage.fail('d', 'busy');
  };
  await scene.sync({ targets: ['d'] });
  expect(scene.storage.probed).toEqual(['d']);
  expect(await scene.shown()).toEqual(['y.ova']);
});

it('lists everything where the storage has the time, what was listed before last', async () => {
  const scene = await createSyncScene(...many(20));
  const newWindow = setQuota(scene, 8);
  newWindow();
  await scene.sync();
  const before = [...folders(await scene.shown())];
  scene.storage.listed.length = 0;
  scene.storage.onList = () => undefined;
  for (const path of ['', ...folders(scene.storage.images())]) scene.storage.fail(path, null);
  for (const path of before.filter((folder) => folder !== '')) scene.storage.put(`${path}/new.ova`);
  scene.storage.put('after/y.ova');
  expect((await scene.sync())?.status).toBe('PROCESSED');
  expect(await scene.shown()).toEqual(scene.storage.images());
  const { listed } = scene.storage;
  expect(new Set(listed.slice(-1 - before.length))).toEqual(new Set([...before, 'after']));
});

it('loses nothing that it has not listed, and removes what is gone', async () => {
  const scene = await createSyncScene(...many(60));
  await scene.sync();
  scene.storage.remove('f3/x.ova');
  scene.storage.remove('f50');
  const newWindow = setQuota(scene, 20);
  for (let n = 0; n < 8; n++) {
    newWindow();
    await scene.sync();
    const shown = await scene.shown();
    expect(shown).toEqual(expect.arrayContaining([...scene.storage.images()]));
  }
  for (const path of ['', ...folders(scene.storage.images())]) scene.storage.fail(path, null);
  scene.storage.onList = () => undefined;
  await scene.sync();
  expect(await scene.shown()).toEqual(scene.storage.images());
});

it('a full sync does not rely on what an incremental one was to pass over', async () => {
  const scene = await createSyncScene(...many(20));
  const newWindow = setQuota(scene, 5);
  newWindow();
  await scene.sync({ mode: 'incremental' });
  scene.storage.listed.length = 0;
  newWindow();
  await scene.sync({ mode: 'full' });
  expect(scene.storage.listed[0]).toBe(ROOT);
});
