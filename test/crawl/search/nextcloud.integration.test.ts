import { expect, it } from 'vitest';
import { searchUseOf } from '../../../src/domain/model/search.js';
import { startCrawledCloud } from '../../support/nextcloud/crawled-cloud.js';
import { someOf } from '../../support/thorough.js';

it('what a space of many folders costs', { timeout: 60_000 }, async () => {
  const { jm, askedAfter, isTrue, folders } = await startCrawledCloud();
  expect(await askedAfter(() => undefined)).toEqual({ SEARCH: 2, PROPFIND: folders, cpuMs: expect.any(Number) });
  await isTrue();
  // One request while there is still something to learn, and one for each level to learn it.
  const once = { SEARCH: 1, cpuMs: expect.any(Number) };
  expect(await askedAfter(() => undefined)).toEqual(once);
  expect(await askedAfter(() => undefined)).toEqual(once);
  expect(await askedAfter(() => jm.put('d3/leaf3/lesson.ova'))).toMatchObject({ SEARCH: 2, PROPFIND: 3 });
  await isTrue();
  expect(await askedAfter(() => undefined)).toEqual({ PROPFIND: 1, cpuMs: expect.any(Number) });
  expect(await askedAfter(() => jm.put('d4/leaf4/new.ova'))).toMatchObject({ SEARCH: 1, PROPFIND: 2 });
  expect(await askedAfter(() => jm.delete('d4/leaf4/new.ova'))).toMatchObject({ SEARCH: 1, PROPFIND: 2 });
  await isTrue();
  expect(await askedAfter(() => jm.move('d5/leaf5', 'd6/moved'))).toMatchObject({ SEARCH: 1 });
  await isTrue();
  expect(await askedAfter(() => jm.delete('d7'))).toMatchObject({ SEARCH: 1 });
  await isTrue();
  expect(await askedAfter(() => jm.restore('d7'))).toMatchObject({ SEARCH: 1 });
  await isTrue();
  expect(await askedAfter(() => undefined, 'full')).toMatchObject({ SEARCH: 1 });
  await isTrue();
});

it('what a deletion costs while there is still something to learn', { timeout: 60_000 }, async () => {
  const { jm, askedAfter, isTrue } = await startCrawledCloud();
  jm.put('d3/leaf3/y.ova');
  await askedAfter(() => undefined);
  expect(await askedAfter(() => jm.delete('d3/leaf3/y.ova'))).toMatchObject({ SEARCH: 2, PROPFIND: 3 });
  await isTrue();
  expect(await askedAfter(() => undefined)).toEqual({ PROPFIND: 1, cpuMs: expect.any(Number) });
});

it('shows the list before anything but the root was listed', { timeout: 60_000 }, async () => {
  const { listen, read, askedAfter, leaves, folders } = await startCrawledCloud();
  let shownAtFirst = 0;
  let listed = 0;
  listen(async ({ path }) => {
    if (path.includes('/jm/d') && ++listed === 1) shownAtFirst = (await read()).shown.length;
    return null;
  });
  await askedAfter(() => undefined);
  expect([shownAtFirst, listed]).toEqual([leaves, folders - 1]);
});

it('no search at all where the configuration says so', { timeout: 60_000 }, async () => {
  const { askedAfter, read, folders } = await startCrawledCloud({ search: 'off' });
  expect(await askedAfter(() => undefined)).toEqual({ PROPFIND: folders, cpuMs: expect.any(Number) });
  expect(searchUseOf((await read()).space.search)).toBe('none');
});

it.each(
  someOf(
    [
      ['is cut by a limit', { cutAt: 15 }],
      ['has lost a folder', { hidden: ['d2'] }],
      ['answers 500', { fails: true }],
      ['is stale', { isStale: true }],
      ['is no longer offered', { isOff: true }],
    ] as const,
    2,
  ),
)('the list is true, and no removal is held, though the search %s', { timeout: 60_000 }, async (_, faults) => {
  const { cloud, jm, read, askedAfter, isTrue } = await startCrawledCloud();
  await askedAfter(() => undefined);
  await askedAfter(() => jm.put('d3/leaf3/lesson.ova'));
  cloud.setSearch(faults);
  await askedAfter(() => jm.delete('d1/leaf1/x.ova'));
  const there = jm.images();
  const { shown } = await read();
  expect(shown.filter((path) => !there.includes(path)).length).toBeLessThanOrEqual('isStale' in faults ? 1 : 0);
  expect(there.filter((path) => !shown.includes(path))).toEqual([]);
  await askedAfter(() => jm.put('d8/leaf8/new.ova'), 'full');
  await isTrue();
  expect((await read()).space).toMatchObject({ heldRemovals: null, trouble: null });
  const isBlamed = 'cutAt' in faults || 'hidden' in faults || 'isStale' in faults;
  expect(searchUseOf((await read()).space.search)).toBe(isBlamed ? 'off' : 'none');
  await askedAfter(() => jm.put('d9/leaf9/newer.ova'));
  await isTrue();
});

it('finds what others put into a team folder and a share', { timeout: 60_000 }, async () => {
  const { cloud, jm, askedAfter, isTrue } = await startCrawledCloud();
  const lab = cloud.user('lab');
  cloud.addTeamFolder('team', ['jm', 'lab']);
  lab.put('team/a/b/x.ova');
  lab.put('mine/shared/y.ova');
  lab.share('mine', jm);
  await askedAfter(() => undefined);
  await askedAfter(() => jm.put('d3/leaf3/lesson.ova'));
  await isTrue();
  await askedAfter(() => lab.put('team/a/b/new.ova'));
  await isTrue();
  await askedAfter(() => lab.put('mine/shared/new.ova'));
  await isTrue();
  await askedAfter(() => lab.unshare('mine', jm));
  await isTrue();
});

it('finds an external storage that is new and that Nextcloud has not looked into', { timeout: 60_000 }, async () => {
  const { cloud, jm, askedAfter, isTrue } = await startCrawledCloud();
  await askedAfter(() => undefined);
  await askedAfter(() => jm.put('d3/leaf3/lesson.ova'));
  const disk = cloud.addExternal('jm', 'disk');
  disk.put('a/b/x.ova');
  // The probe and the root, then the mount and what lies in it.
  expect(await askedAfter(() => undefined)).toMatchObject({ SEARCH: 1, PROPFIND: 5 });
  expect(cloud.user('jm').images()).toContain('disk/a/b/x.ova');
  await isTrue();
  await askedAfter(() => disk.put('a/b/y.ova'));
  await isTrue();
  expect(cloud.user('jm').images()).toContain('disk/a/b/y.ova');
});

it('one listing more where something has changed that a search does not show', { timeout: 60_000 }, async () => {
  const { jm, askedAfter } = await startCrawledCloud();
  await askedAfter(() => undefined);
  expect(await askedAfter(() => undefined)).toEqual({ SEARCH: 1, cpuMs: expect.any(Number) });
  await askedAfter(() => jm.put('d3/leaf3/lesson.ova'));
  for (const name of ['report.odt', 'table.ods']) {
    expect(await askedAfter(() => jm.put(`d5/leaf5/${name}`))).toMatchObject({ SEARCH: 1, PROPFIND: 2 });
    expect(await askedAfter(() => undefined)).toEqual({ PROPFIND: 1, cpuMs: expect.any(Number) });
  }
  expect(await askedAfter(() => jm.put('d4/leaf4/new.ova'))).toMatchObject({ SEARCH: 1, PROPFIND: 2 });
});

it('a share that ends gives the folder above it the marker back that it had before', { timeout: 60_000 }, async () => {
  const { cloud, jm, read, askedAfter, isTrue } = await startCrawledCloud();
  const lab = cloud.user('lab');
  lab.put('mine/shared/y.ova');
  await askedAfter(() => undefined);
  await askedAfter(() => jm.put('d3/leaf3/lesson.ova'));
  await askedAfter(() => undefined, 'full');
  await askedAfter(() => lab.share('mine', jm));
  await isTrue();
  expect(await askedAfter(() => undefined)).toMatchObject({ PROPFIND: 1 });
  await askedAfter(() => lab.unshare('mine', jm));
  await isTrue();
  expect((await read()).space.evidence).toMatchObject({ names: 'seen', subtree: 'seen', mismatches: 0 });
  expect(await askedAfter(() => undefined)).toEqual({ PROPFIND: 1, cpuMs: expect.any(Number) });
});
