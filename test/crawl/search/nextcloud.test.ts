import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCrawler } from '../../../src/app/crawler.js';
import { openIndexIfAny } from '../../../src/app/open-index.js';
import { loadConfig } from '../../../src/config/load.js';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { searchUseOf } from '../../../src/domain/model/search.js';
import { createNextcloud } from '../../support/nextcloud/cloud.js';
import { quietLogger } from '../../support/quiet-logger.js';

const MINUTE = 60_000;

/** A Nextcloud with 111 folders of one user, crawled by what the daemon is made of. */
async function startScene(search: 'auto' | 'off' = 'auto') {
  let onRequest: (path: string) => Promise<void> = async () => undefined;
  let now = Date.UTC(2026, 10, 23);
  const cloud = await createNextcloud({
    users: { jm: {}, lab: {} },
    now: () => now,
    interpose: async ({ path }) => {
      await onRequest(path);
      return null;
    },
  });
  const jm = cloud.user('jm');
  for (let n = 0; n < 100; n++) jm.put(`d${n % 10}/leaf${n}/x.ova`, { sizeBytes: 10 });
  now += MINUTE;
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-search-'));
  const file = join(directory, 'ovadex.yaml');
  const { secret: password } = jm.mintAppPassword();
  const auth = `{ type: basic, username: jm, password: ${JSON.stringify(password)} }`;
  const space = `{ user: jm, url: "${jm.url}", auth: ${auth} }`;
  writeFileSync(file, `data: { directory: "${directory}" }\nspaces: [ ${space} ]\ncrawl: { search: ${search} }\n`);
  const config = await loadConfig(file);
  const crawler = createCrawler(config, { logger: quietLogger, clock: () => now });
  onTestFinished(async () => {
    await crawler.stop();
    await cloud.close();
    rmSync(directory, { recursive: true });
  });
  const { signal } = new AbortController();

  const read = async () => {
    const index = openIndexIfAny(config);
    try {
      const list = await index?.catalogue.images('jm', { nameContains: [], sort: DEFAULT_SORT });
      if (list === null || list === undefined) throw new Error('there is no list');
      return { space: list.space, shown: list.images.map(({ path }): string => path).toSorted(inOrder) };
    } finally {
      index?.close();
    }
  };
  /** Changes the files, and returns what the storage was asked to know of it. */
  const askedAfter = async (change: () => void, mode: 'incremental' | 'full' = 'incremental') => {
    change();
    now += 15 * MINUTE;
    cloud.forgetRequests();
    const [sync] = await crawler.syncNow({ users: 'all', mode, signal, onProgress: () => undefined });
    expect(sync).toMatchObject({ status: 'PROCESSED', warnings: [] });
    const { requests, byMethod, cpuMs } = cloud.costs;
    expect(sync?.counts.requests).toBe(requests);
    return { ...byMethod, cpuMs };
  };
  const isTrue = async () => expect((await read()).shown).toEqual(jm.images().toSorted(inOrder));
  const listen = (listener: typeof onRequest) => {
    onRequest = listener;
  };
  return { cloud, jm, read, askedAfter, isTrue, listen };
}
const inOrder = (a: string, b: string) => (a < b ? -1 : 1);

it('what a space of 111 folders costs', { timeout: 60_000 }, async () => {
  const { jm, askedAfter, isTrue } = await startScene();
  expect(await askedAfter(() => undefined)).toMatchObject({ OPTIONS: 1, SEARCH: 2, PROPFIND: 111 });
  await isTrue();
  // Two requests while there is still something to learn, and one for each level to learn it.
  expect(await askedAfter(() => undefined)).toMatchObject({ SEARCH: 1, PROPFIND: 1 });
  expect(await askedAfter(() => jm.put('d3/leaf3/lesson.ova'))).toMatchObject({ SEARCH: 1, PROPFIND: 4 });
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

it('shows the list before anything but the root was listed', { timeout: 60_000 }, async () => {
  const { listen, read, askedAfter } = await startScene();
  let shownAtFirst = 0;
  let listed = 0;
  listen(async (path) => {
    if (path.includes('/jm/d') && ++listed === 1) shownAtFirst = (await read()).shown.length;
  });
  await askedAfter(() => undefined);
  expect([shownAtFirst, listed]).toEqual([100, 110]);
});

it('no search at all where the configuration says so', { timeout: 60_000 }, async () => {
  const { askedAfter, read } = await startScene('off');
  expect(await askedAfter(() => undefined)).toEqual({ PROPFIND: 111, cpuMs: expect.any(Number) });
  expect(searchUseOf((await read()).space.search)).toBe('none');
});

it.each([
  ['is cut by a limit', { cutAt: 20 }],
  ['has lost a folder', { hidden: ['d2'] }],
  ['answers 500', { fails: true }],
  ['is stale', { isStale: true }],
  ['is no longer offered', { isOff: true }],
] as const)(
  'the list is true, and no removal is held, though the search %s',
  { timeout: 60_000 },
  async (_, faults) => {
    const { cloud, jm, read, askedAfter, isTrue } = await startScene();
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
  },
);

it('finds what others put into a team folder and a share', { timeout: 60_000 }, async () => {
  const { cloud, jm, askedAfter, isTrue } = await startScene();
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

it('a share that ends gives the folder above it the marker back that it had before', { timeout: 60_000 }, async () => {
  const { cloud, jm, read, askedAfter, isTrue } = await startScene();
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
