import { expect, it } from 'vitest';
import { startCrawledCloud } from '../../support/nextcloud/crawled-cloud.js';
import { createSyncScene } from '../../support/sync-scene.js';

const scene = async (...paths: readonly string[]) => {
  const made = await createSyncScene(...paths);
  made.storage.useMarkers('subtree');
  made.storage.share('own/share');
  made.storage.put('own/share/a/y.ova');
  await made.sync();
  return made;
};

it('believes at once that a share is gone, though the date of the folder goes back to its own', async () => {
  const { storage, sync, shown } = await scene('own/x.ova', 'z.ova');
  storage.unshare('own/share');
  expect(await sync({ mode: 'incremental' })).toMatchObject({ heldRemovals: null, warnings: [] });
  expect(await shown()).toEqual(['own/x.ova', 'z.ova']);
  storage.remove('own/x.ova');
  await sync({ mode: 'incremental' });
  expect(await shown()).toEqual(['z.ova']);
});

it('believes a second sync that nothing is left of a folder that showed only a share', async () => {
  const { storage, sync, shown } = await scene('z.ova');
  storage.unshare('own/share');
  expect(await sync()).toMatchObject({ heldRemovals: 1 });
  expect(await sync()).toMatchObject({ heldRemovals: null });
  expect(await shown()).toEqual(['z.ova']);
});

it('holds what else is gone from a folder with an older date', async () => {
  const { storage, sync, shown } = await scene('own/x.ova', 'own/b/x.ova', 'z.ova');
  storage.unshare('own/share');
  storage.useMarkers('still');
  storage.remove('own/b');
  for (let time = 0; time < 3; time++) expect(await sync()).toMatchObject({ heldRemovals: 2 });
  expect(await shown()).toEqual(['own/b/x.ova', 'own/share/a/y.ova', 'own/x.ova', 'z.ova']);
});

it('holds what is gone inside of a share whose date goes back', async () => {
  const { storage, sync, shown } = await scene('own/x.ova', 'z.ova');
  storage.detach('own/share', { stray: true });
  for (let time = 0; time < 3; time++) expect(await sync()).toMatchObject({ heldRemovals: 1 });
  expect(await shown()).toEqual(['own/share/a/y.ova', 'own/x.ova', 'z.ova']);
});

it.each(['share', 'team folder'])(
  'believes a Nextcloud at once that a %s is gone that was the newest of its home',
  { timeout: 60_000 },
  async (kind) => {
    const { cloud, jm, read, syncAfter, askedAfter, isTrue } = await startCrawledCloud();
    const lab = cloud.user('lab');
    jm.put('own.ova');
    if (kind === 'team folder') cloud.addTeamFolder('joined', ['jm', 'lab']);
    await askedAfter(() => lab.put('joined/a/y.ova'));
    if (kind === 'share') await askedAfter(() => lab.share('joined', jm));
    await askedAfter(() => lab.put('joined/a/z.ova'));
    await isTrue();
    const leave = () => (kind === 'share' ? lab.unshare('joined', jm) : cloud.loseMount('jm', 'joined'));
    expect(await syncAfter(leave)).toMatchObject({ warnings: [], counts: { removed: 2 } });
    expect((await read()).space.heldRemovals).toBeNull();
    await isTrue();
  },
);

it('holds what an external storage had that no longer shows and was the newest of its home', {
  timeout: 60_000,
}, async () => {
  const { cloud, jm, read, syncAfter, askedAfter } = await startCrawledCloud({ search: 'off' });
  jm.put('own.ova');
  const disk = cloud.addExternal('jm', 'disk');
  await askedAfter(() => disk.put('y.ova'));
  await askedAfter(() => disk.put('z.ova'), 'full');
  expect((await read()).shown).toContain('disk/z.ova');
  for (const mode of ['incremental', 'full', 'full'] as const) {
    await syncAfter(() => mode === 'incremental' && cloud.loseMount('jm', 'disk'), mode);
    expect((await read()).space.heldRemovals).toBe(2);
  }
  expect((await read()).shown).toContain('disk/z.ova');
});
