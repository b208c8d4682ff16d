import { describe, expect, it } from 'vitest';
import type { ListingFailure } from '../../../src/domain/model/listing.js';
import { createSyncScene, type SceneSync, type SyncScene } from '../../support/sync-scene.js';

const many = (count: number, folder: string) => Array.from({ length: count }, (_, i) => `${folder}/${i}.ova`);
const incremental = { mode: 'incremental' } as const;
const idsOf = async ({ ports }: SyncScene) =>
  (await ports.catalogue.images('jm', { nameContains: [], sort: [] }))?.images.map(({ id, path }) => [path, id]);
const accept = async (scene: SyncScene) => scene.ports.spaces.acceptRemovals((await scene.space()).id);

describe('a disk that is away', () => {
  const places: [string, string, boolean][] = [
    ['below a folder', 'usb', false],
    ['below a folder, which shows a stray file', 'usb', true],
    ['three folders down', 'usb/inner/deepest', false],
    ['that was the whole space', '', false],
    ['that was the whole space, which shows a stray file', '', true],
  ];
  it.each(places)('%s takes nothing from the list, for any number of syncs', async (_case, place, stray) => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'usb/inner/deepest'), 'usb/b.ova');
    await scene.sync();
    const before = await idsOf(scene);
    scene.storage.detach(place, { stray });
    for (const mode of ['incremental', 'incremental', 'full', 'full'] as const) {
      await scene.sync({ mode });
      expect(await idsOf(scene)).toEqual(before);
      const { heldRemovals, heldReasons } = await scene.space();
      expect(heldRemovals).toBeGreaterThan(0);
      expect(heldReasons).toEqual([expect.stringContaining(`/${place}: `)]);
    }
    scene.storage.detach(place, null);
    expect(await scene.sync(incremental)).toMatchObject({ warnings: [], heldRemovals: null, counts: { failures: 0 } });
    expect(await idsOf(scene)).toEqual(before);
    expect((await scene.space()).heldRemovals).toBeNull();
  });

  it.each([
    ['away', 'usb/a.ova'],
    ['away', 'usb/sub/a.ova'],
    ['shut', 'usb/a.ova'],
    ['shut', 'usb/sub/a.ova'],
  ] as const)('does not become a deletion by other rules for what is listed: %s, with %s', async (how, path) => {
    const scene = await createSyncScene('kept.ova', path);
    await scene.sync();
    scene.storage.put('kept2.ova');
    await scene.sync();
    const all = await scene.shown();
    if (how === 'away') scene.storage.detach('usb', { stray: false });
    else scene.storage.blank('usb', true);
    await scene.sync();
    await scene.ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'other rules', 0);
    for (let i = 0; i < 3; i++) {
      await scene.sync();
      expect(await scene.shown()).toEqual(all);
    }
    expect(await scene.space()).toMatchObject({ heldRemovals: 1 });
  });

  it('does not become a deletion when somebody puts a file into its place', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'usb'));
    await scene.sync();
    const all = await scene.shown();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    scene.storage.detach('usb', null);
    for (const path of many(3, 'usb')) scene.storage.remove(path);
    scene.storage.put('usb/note.txt');
    for (let i = 0; i < 3; i++) await scene.sync();
    expect(await scene.shown()).toEqual(all);
    await accept(scene);
    await scene.sync();
    expect(await scene.shown()).toEqual(['kept.ova']);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, heldReasons: [] });
  });

  it('is not back because a file has taken the name of the folder that was all of it', async () => {
    const scene = await createSyncScene('d.ova/x.ova');
    await scene.sync();
    scene.storage.remove('d.ova');
    await scene.sync();
    scene.storage.put('d.ova');
    for (let i = 0; i < 3; i++) {
      await scene.sync();
      expect(await scene.shown()).toEqual(['d.ova', 'd.ova/x.ova']);
      expect((await scene.space()).heldRemovals).toBe(1);
    }
    await accept(scene);
    await scene.sync();
    expect(await scene.shown()).toEqual(['d.ova']);
    expect((await scene.space()).heldRemovals).toBeNull();
  });

  it('is not back because other files have taken the names of some of its own', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'usb'));
    await scene.sync();
    const all = await scene.shown();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    scene.storage.detach('usb', null);
    for (const path of many(3, 'usb')) scene.storage.remove(path);
    scene.storage.put('usb/0.ova', 99);
    for (let i = 0; i < 3; i++) await scene.sync(i === 0 ? incremental : {});
    expect(await scene.shown()).toEqual(all);
  });

  const full = { mode: 'full' } as const;
  it.each<[string, SceneSync, readonly string[]]>([
    ['usb', full, ['usb/a.ova', 'usb/sub/b.ova', 'usb/sub/deep/c.ova']],
    ['usb/sub', { mode: 'hint', targets: ['usb/sub'] }, ['usb/a.ova', 'usb/sub/b.ova', 'usb/sub/deep/c.ova']],
    ['usb, where all lay in that', full, ['usb/sub/b.ova', 'usb/sub/c.ova']],
    ['usb, where all lay deeper', full, ['usb/sub/deep/c.ova']],
  ])(
    'is not back because somebody makes a folder of a name that it had, nor is what lay in that gone: %s',
    async (_, look, held) => {
      const scene = await createSyncScene('kept.ova', ...held);
      await scene.sync();
      const all = await scene.shown();
      scene.storage.detach('usb', { stray: false });
      await scene.sync();
      scene.storage.detach('usb', null);
      for (const path of [...all.filter((each) => each.startsWith('usb/')), 'usb/sub']) scene.storage.remove(path);
      scene.storage.put('usb/sub/deep/note.txt');
      for (let i = 0; i < 4; i++) {
        await scene.sync(look);
        expect(await scene.shown()).toEqual(all);
      }
      await accept(scene);
      await scene.sync();
      await scene.sync();
      expect(await scene.shown()).toEqual(['kept.ova']);
    },
  );

  it.each([
    ['loses nothing by it where its date stands still, whatever full syncs agree', false],
    ['loses what two full syncs miss where no date tells', true],
  ])('that shows none but names that nobody can read %s', async (_, areDatesStill) => {
    const scene = await createSyncScene('kept.ova', 'usb/a.ova', 'other/b.ova');
    if (areDatesStill) scene.storage.useMarkers('still');
    await scene.sync();
    // Seen for the first time in the very sync that misses the image.
    scene.storage.put('other/c.ova');
    scene.storage.garble('usb');
    for (let i = 0; i < 3; i++) await scene.sync({ mode: 'full' });
    const others = ['kept.ova', 'other/b.ova', 'other/c.ova'];
    expect(await scene.shown()).toEqual(areDatesStill ? others : [...others, 'usb/a.ova']);
  });

  it('is back with an image far below, too, though all that lay above it has gone', async () => {
    const scene = await createSyncScene('kept.ova', 'usb/a.ova', 'usb/sub/b.ova', 'usb/sub/gone.ova');
    await scene.sync();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    scene.storage.detach('usb', null);
    scene.storage.remove('usb/a.ova');
    scene.storage.remove('usb/sub/gone.ova');
    for (let i = 0; i < 3; i++) await scene.sync();
    expect(await scene.shown()).toEqual(['kept.ova', 'usb/sub/b.ova']);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, heldReasons: [] });
  });

  it.each(['usb', 'usb/sub'])(
    'that comes back with little of what it held has its losses weighed anew: %s',
    async (folder) => {
      const scene = await createSyncScene('kept.ova', 'usb/a.ova', ...many(60, folder));
      await scene.sync();
      scene.storage.detach('usb', { stray: false });
      await scene.sync();
      scene.storage.detach('usb', null);
      for (const path of many(60, folder).slice(1)) scene.storage.remove(path);
      expect(await scene.sync()).toMatchObject({ heldRemovals: 59, counts: { removed: 0 } });
      expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { removed: 59 } });
    },
  );

  it.each([
    ['usb/a.ova', ['usb/b.ova', 'usb/sub/c.ova']],
    ['usb/sub', ['usb/a.ova', 'usb/b.ova']],
  ])('that comes back without %s shows so with the second sync, and not before', async (missing, kept) => {
    const scene = await createSyncScene('kept.ova', 'usb/a.ova', 'usb/b.ova', 'usb/sub/c.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    scene.storage.detach('usb', null);
    scene.storage.remove(missing);
    expect(await scene.sync(incremental)).toMatchObject({
      heldRemovals: 1,
      heldReasons: [expect.stringContaining('/usb: part of what was held is back')],
    });
    expect(await scene.shown()).toEqual(all);
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(['kept.ova', ...kept]);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, heldReasons: [], trouble: null });
  });

  it('holds nothing once other files have all the names that it held', async () => {
    const scene = await createSyncScene('a.ova');
    await scene.sync();
    scene.storage.blank('', true);
    await scene.sync();
    scene.storage.blank('', false);
    scene.storage.put('a.ova', 99);
    scene.storage.put('b.ova');
    await scene.sync();
    scene.storage.remove('b.ova');
    await scene.sync();
    expect(await scene.shown()).toEqual(['a.ova']);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, heldReasons: [] });
  });

  it('is not back because what came since comes and goes', async () => {
    const scene = await createSyncScene('kept.ova', 'usb/a.ova');
    await scene.sync();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    scene.storage.detach('usb', null);
    scene.storage.remove('usb/a.ova');
    scene.storage.put('usb/new.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.blank('usb', true);
    await scene.sync();
    scene.storage.blank('usb', false);
    for (let i = 0; i < 3; i++) {
      await scene.sync();
      expect(await scene.shown()).toEqual(all);
    }
  });

  it('that comes back with a folder whose names nobody can read loses nothing of it where its date stands still', async () => {
    const scene = await createSyncScene('kept.ova', 'usb/a.ova', 'usb/sub/b.ova');
    await scene.sync();
    scene.storage.put('kept2.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    scene.storage.detach('usb', null);
    scene.storage.garble('usb/sub');
    for (let i = 0; i < 3; i++) {
      await scene.sync();
      expect(await scene.shown()).toEqual(all);
    }
  });

  it('keeps nothing of the rest of the space from going', async () => {
    const scene = await createSyncScene(...many(3, 'usb'), ...many(8, 'home'));
    await scene.sync();
    scene.storage.detach('usb', { stray: false });
    scene.storage.remove('home/3.ova');
    scene.storage.put('home/new.ova');
    expect(await scene.sync(incremental)).toMatchObject({ heldRemovals: 3, counts: { removed: 1, added: 1 } });
  });

  it('is told from a deletion though its place has a name in common with it', async () => {
    const scene = await createSyncScene('usb/images/a.ova', 'usb/iso/b.ova', 'usb/c.ova', 'kept.ova');
    await scene.sync();
    const before = await scene.shown();
    const older = scene.storage.list.bind(scene.storage);
    scene.storage.list = async (path, signal) => {
      const listing = await older(path, signal);
      if (path !== 'usb') return listing;
      const collections = listing.collections.filter((each) => each.path === 'usb/images');
      return { ...listing, collections, images: [], memberCount: 1, modifiedAt: 1_000, marker: 'etag:bare' };
    };
    for (let i = 0; i < 3; i++) await scene.sync();
    expect(await scene.shown()).toEqual(before);
    expect((await scene.space()).heldReasons[0]).toContain('/usb: some of what it held is gone');
    scene.storage.list = older;
    expect(await scene.sync()).toMatchObject({ warnings: [], heldRemovals: null });
  });

  it('is accepted alone: what is lost later is another matter', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'usb'), ...many(4, 'other'));
    await scene.sync();
    scene.storage.detach('usb', { stray: false });
    await scene.sync();
    await accept(scene);
    scene.storage.detach('other', { stray: false });
    expect(await scene.sync()).toMatchObject({ heldRemovals: 4, counts: { removed: 3 } });
  });

  it('protects what lies below it from a hint, too', async () => {
    const scene = await createSyncScene('a/b.ovf', 'a/c/d.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.blank('', true);
    await scene.sync();
    scene.storage.blank('a', true);
    scene.storage.blank('a/c', true);
    await scene.sync({ targets: ['a', 'a/c'] });
    expect(await scene.shown()).toEqual(all);
  });

  it('removes nothing below a root that shows nothing, though a hint finds a folder there as it was', async () => {
    const scene = await createSyncScene('a/b.ova', 'a/c.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.blank('', true);
    await scene.sync();
    scene.storage.remove('a/b.ova');
    for (const targets of [
      ['a', ''],
      ['', 'a'],
    ]) {
      await scene.sync({ targets });
      expect(await scene.shown()).toEqual(all);
    }
    // The folder has another marker by now, so that it takes a second sync to tell.
    scene.storage.blank('', false);
    for (let i = 0; i < 2; i++) await scene.sync();
    expect(await scene.shown()).toEqual(['a/c.ova']);
    expect(await scene.space()).toMatchObject({ heldRemovals: null });
  });

  it('and is back takes no hold from what was found emptied below it in the meantime', async () => {
    const scene = await createSyncScene('kept.ova', 'a/b.ova');
    await scene.sync();
    scene.storage.put('kept2.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.blank('', true);
    await scene.sync();
    scene.storage.blank('a', true);
    await scene.sync({ targets: ['a'] });
    scene.storage.blank('', false);
    await scene.sync({ targets: [''] });
    for (let i = 0; i < 3; i++) {
      await scene.sync();
      expect(await scene.shown()).toEqual(all);
    }
    scene.storage.blank('a', false);
    expect(await scene.sync()).toMatchObject({ warnings: [], heldRemovals: null });
    expect(await scene.space()).toMatchObject({ heldRemovals: null, heldReasons: [] });
  });

  it('may come and go', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'usb'));
    await scene.sync();
    const before = await idsOf(scene);
    for (let i = 0; i < 4; i++) {
      scene.storage.detach('usb', i % 2 === 0 ? { stray: i === 2 } : null);
      await scene.sync(incremental);
      expect(await idsOf(scene)).toEqual(before);
    }
    expect(await scene.space()).toMatchObject({ heldRemovals: null, trouble: null });
  });

  it.each(['full', 'incremental'] as const)(
    'is kept image by image where an administrator has refused: a %s sync',
    async (mode) => {
      const scene = await createSyncScene('a/b/c.ova', 'a/b/d.ova', 'a/e/f.ova');
      await scene.sync();
      scene.storage.put('kept.ova');
      await scene.sync();
      expect((await scene.space()).evidence.names).toBe('seen');
      scene.storage.blank('', true);
      await scene.sync();
      await scene.ports.spaces.refuseRemovals((await scene.space()).id);
      scene.storage.blank('', false);
      scene.storage.remove('a/b/d.ova');
      for (let i = 0; i < 3; i++) {
        await scene.sync({ mode });
        expect(await scene.shown()).toEqual(['a/b/c.ova', 'a/b/d.ova', 'a/e/f.ova', 'kept.ova']);
        expect(await scene.space()).toMatchObject({ heldRemovals: 1, isRemovalRefused: true });
      }
      scene.storage.put('a/b/d.ova');
      await scene.sync({ mode });
      expect(await scene.space()).toMatchObject({ heldRemovals: null, isRemovalRefused: false });
    },
  );

  it('without any image on it holds nothing up', async () => {
    const scene = await createSyncScene('kept.ova', 'usb/photos/a.jpg');
    await scene.sync();
    scene.storage.detach('usb', { stray: false });
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, warnings: [] });
  });
});

describe('a folder that shows nothing any more, though its date stands still', () => {
  it('keeps what it held where dates are known to move with names', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'shut'));
    await scene.sync();
    scene.storage.put('shut/new.ova');
    await scene.sync();
    const all = await scene.shown();
    scene.storage.blank('shut', true);
    for (let i = 0; i < 4; i++) {
      await scene.sync({ mode: i % 2 === 0 ? 'incremental' : 'full' });
      expect(await scene.shown()).toEqual(all);
    }
    expect((await scene.space()).heldReasons[0]).toMatch(/^\/shut: .*date has not changed/);
    scene.storage.blank('shut', false);
    expect(await scene.sync(incremental)).toMatchObject({ warnings: [], heldRemovals: null });
    expect((await scene.space()).evidence).toMatchObject({ names: 'seen', mismatches: 0 });
  });

  it('comes back with the next sync where an administrator had accepted it, however late', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'shut'));
    await scene.sync();
    scene.storage.put('shut/new.ova');
    await scene.sync();
    const before = await idsOf(scene);
    scene.storage.blank('shut', true);
    await scene.sync();
    await accept(scene);
    for (let i = 0; i < 3; i++) await scene.sync(incremental);
    expect(await scene.shown()).toEqual(['kept.ova']);
    expect(await scene.space()).toMatchObject({ heldRemovals: null, trouble: null });
    scene.storage.blank('shut', false);
    await scene.sync(incremental);
    expect(await idsOf(scene)).toEqual(before);
  });

  it('comes back with the next sync where a second look had believed it', async () => {
    const scene = await createSyncScene('kept.ova', ...many(3, 'shut'));
    await scene.sync();
    const before = await idsOf(scene);
    scene.storage.blank('shut', true);
    await scene.sync(incremental);
    expect(await scene.shown()).toHaveLength(4);
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(['kept.ova']);
    scene.storage.blank('shut', false);
    await scene.sync(incremental);
    expect(await idsOf(scene)).toEqual(before);
    expect((await scene.space()).evidence).toMatchObject({ mismatches: 0 });
  });
});

describe('a folder that vanished from its parent', () => {
  const answers: ListingFailure[] = [
    'rejected',
    'forbidden',
    'status',
    'not-multistatus',
    'no-self',
    'malformed',
    'unreachable',
    'timeout',
  ];
  it.each(answers)('and answers as %s is gone after two full syncs, and not before', async (failure) => {
    const scene = await createSyncScene('kept.ova', 'gone/x.ova', 'gone/deep/y.ova');
    await scene.sync();
    scene.storage.remove('gone');
    scene.storage.fail('gone', failure);
    for (let i = 0; i < 3; i++) await scene.sync(incremental);
    expect(await scene.shown()).toHaveLength(3);
    expect(await scene.space()).toMatchObject({ heldRemovals: 2, heldReasons: [expect.stringContaining('/gone: ')] });
    await scene.sync();
    expect(await scene.shown()).toHaveLength(3);
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, warnings: [], counts: { removed: 2 } });
    expect(await scene.shown()).toEqual(['kept.ova']);
    expect((await scene.space()).evidence).toMatchObject({ mismatches: 0 });
  });

  it.each(answers)('and answers as %s is gone once an administrator accepts it', async (failure) => {
    const scene = await createSyncScene('kept.ova', 'gone/x.ova');
    await scene.sync();
    scene.storage.remove('gone');
    scene.storage.fail('gone', failure);
    await scene.sync(incremental);
    await accept(scene);
    expect(await scene.sync(incremental)).toMatchObject({ heldRemovals: null, counts: { removed: 1 } });
  });

  it('and was not asked by a busy host is not gone by that', async () => {
    const scene = await createSyncScene('kept.ova', 'gone/x.ova');
    await scene.sync();
    scene.storage.remove('gone');
    scene.storage.fail('gone', 'busy');
    for (let i = 0; i < 4; i++) expect(await scene.sync()).toMatchObject({ counts: { removed: 0, failures: 1 } });
  });

  it.each(answers)(
    'with all that its parent held, and answers as %s, is gone after two full syncs',
    async (failure) => {
      const scene = await createSyncScene('kept.ova', 'a/gone/x.ova');
      await scene.sync();
      scene.storage.put('kept2.ova');
      await scene.sync();
      scene.storage.remove('a/gone');
      scene.storage.fail('a/gone', failure);
      await scene.sync();
      expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { removed: 1 } });
    },
  );

  it('starts over when it was listed in between', async () => {
    const scene = await createSyncScene('kept.ova', 'off/x.ova');
    await scene.sync();
    const hide = (isHidden: boolean) => {
      if (isHidden) scene.storage.remove('off');
      else scene.storage.put('off/x.ova');
      scene.storage.fail('off', isHidden ? 'forbidden' : null);
    };
    for (const isHidden of [true, false, true, false, true]) {
      hide(isHidden);
      await scene.sync();
      expect(await scene.shown()).toEqual(['kept.ova', 'off/x.ova']);
    }
  });
});

describe('a folder that is spelled anew', () => {
  it.each([
    ['in another case', 'Images', 'images'],
    ['in another normal form', 'Cafe\u0301', 'Caf\u00e9'],
  ])('%s, on a storage that takes both spellings, is listed once', async (_case, old, spelling) => {
    const scene = await createSyncScene('kept.ova', `${old}/x.ova`, `${old}/deep/y.ova`);
    await scene.sync();
    scene.storage.respell(old, spelling);
    await scene.sync(incremental);
    await scene.sync();
    expect(await scene.shown()).toEqual(scene.storage.images());
    expect(await scene.sync()).toMatchObject({ warnings: [], counts: { added: 0, removed: 0 } });
    expect((await scene.space()).evidence).toMatchObject({ mismatches: 0 });
  });

  it('keeps its ids, and what is held or guarded below it', async () => {
    const scene = await createSyncScene('kept.ova', 'Data/a.ova', ...many(3, 'Data/usb'), ...many(2, 'Data/shut'));
    await scene.sync();
    const ids = (await idsOf(scene))?.map(([, id]) => id);
    scene.storage.detach('Data/usb', { stray: false });
    await scene.sync();
    scene.storage.detach('Data/usb', null);
    scene.storage.respell('Data', 'data');
    scene.storage.detach('data/usb', { stray: false });
    scene.storage.fail('data/shut', 'forbidden');
    for (const mode of ['incremental', 'full', 'full'] as const) {
      await scene.sync({ mode });
      expect(await scene.shown()).toEqual(scene.storage.images());
      expect(await scene.space()).toMatchObject({ heldRemovals: 3 });
    }
    expect((await idsOf(scene))?.map(([, id]) => id)).toEqual(ids);
    scene.storage.detach('data/usb', null);
    scene.storage.fail('data/shut', null);
    expect(await scene.sync()).toMatchObject({ warnings: [], heldRemovals: null });
  });

  it('is listed once also where an earlier program had both', async () => {
    const scene = await createSyncScene('kept.ova', 'Images/x.ova', 'images/x.ova');
    await scene.sync();
    scene.storage.remove('images');
    scene.storage.respell('Images', 'images');
    await scene.sync();
    expect(await scene.shown()).toEqual(['images/x.ova', 'kept.ova']);
  });

  it('is two where both were listed and one is merely hidden', async () => {
    const scene = await createSyncScene('kept.ova', 'Images/x.ova', 'images/y.ova');
    await scene.sync();
    scene.storage.remove('Images');
    scene.storage.fail('Images', 'forbidden');
    await scene.sync(incremental);
    expect(await scene.shown()).toEqual(['Images/x.ova', 'images/y.ova', 'kept.ova']);
  });
});

describe('the root', () => {
  it('of a space that moved to another URL removes nothing at first sight', async () => {
    const scene = await createSyncScene('a.ova', 'b.ova', 'c.ova');
    await scene.sync();
    await scene.ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/elsewhere/' }], 'rules', 0);
    scene.storage.remove('a.ova');
    expect(await scene.sync()).toMatchObject({ heldRemovals: 1, counts: { removed: 0 } });
    expect((await scene.space()).heldReasons[0]).toContain('URL');
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { removed: 1 } });
    scene.storage.remove('b.ova');
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { removed: 1 } });
  });

  it('of a small space that loses all of its images waits for a second opinion', async () => {
    const scene = await createSyncScene(...many(6, 'a'), 'readme.txt');
    await scene.sync();
    for (const path of many(6, 'a')) scene.storage.remove(path);
    expect(await scene.sync()).toMatchObject({ heldRemovals: 6, counts: { removed: 0 } });
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { removed: 6 } });
  });

  it('of a space whose images are all renamed where they are is nothing to hold', async () => {
    const scene = await createSyncScene(...many(40, 'a'));
    await scene.sync();
    for (const path of many(40, 'a')) {
      scene.storage.remove(path);
      scene.storage.put(path.replace('.ova', '-new.ova'));
    }
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { added: 40, removed: 40 } });
  });

  it('of a space whose images all move to another folder is nothing to hold', async () => {
    const scene = await createSyncScene(...many(40, 'a'));
    await scene.sync();
    scene.storage.remove('a');
    for (const path of many(40, 'b')) scene.storage.put(path);
    expect(await scene.sync()).toMatchObject({ heldRemovals: null, counts: { added: 40, removed: 40 } });
  });
});

describe('markers', () => {
  it('are not refuted by two folders that were swapped', async () => {
    const scene = await createSyncScene('a/x.ova', 'b/y.ova', 'c/z.ova');
    await scene.sync();
    scene.storage.put('c/new.ova');
    await scene.sync(incremental);
    scene.storage.swap('a', 'b');
    await scene.sync();
    expect((await scene.space()).evidence).toMatchObject({ names: 'seen', mismatches: 0 });
    // What either held stays until somebody says so: a replaced folder looks like a disk that is away.
    await accept(scene);
    await scene.sync();
    expect(await scene.shown()).toEqual(scene.storage.images());
  });
});

describe('a folder that could not be listed', () => {
  it('is told of where its parent goes on showing it, also by a hint', async () => {
    const scene = await createSyncScene('a/x.ova', 'c/y.ova');
    await scene.sync();
    scene.storage.fail('a', 'not-found');
    expect(await scene.sync({ targets: ['a'] })).toMatchObject({ counts: { failures: 1 } });
    expect(await scene.space()).toMatchObject({ trouble: { kind: 'incomplete' } });
    expect(await scene.shown()).toHaveLength(2);
  });

  it.each(['full', 'hint'] as const)(
    'in a %s sync is looked at again by the next, whatever its marker says',
    async (mode) => {
      const scene = await createSyncScene('a/b/x.ova', 'c/y.ova');
      scene.storage.useMarkers('subtree');
      await scene.sync();
      scene.storage.put('a/b/new.ova');
      await scene.sync(incremental);
      await scene.sync(incremental);
      scene.storage.fail('a/b', 'forbidden');
      await scene.sync(mode === 'hint' ? { targets: ['a/b'] } : { mode });
      expect(await scene.sync(incremental)).toMatchObject({ counts: { failures: 1 } });
      expect(await scene.space()).toMatchObject({ trouble: { kind: 'incomplete' } });
      scene.storage.fail('a/b', null);
      expect(await scene.sync(incremental)).toMatchObject({ warnings: [] });
    },
  );
});
