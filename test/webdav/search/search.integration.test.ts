import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../../src/domain/model/path.js';
import type { Search } from '../../../src/domain/model/search.js';
import type { WebdavOptions } from '../../../src/webdav/client.js';
import { type DavServerOptions, startDavServer } from '../../support/dav-server/dav-server.js';
import { createTestWebdav, NEVER } from '../open-store.js';

const NEXTCLOUD = { markers: 'nextcloud', basePath: '/remote.php/dav/files/jm/', hasSearch: true } as const;
const at = Date.UTC(2026, 10, 20);

/** A Nextcloud, a client, and a store on it that has listed the root. */
async function openNextcloud(server: DavServerOptions = {}, options: Partial<WebdavOptions> = {}) {
  const dav = await startDavServer({ ...NEXTCLOUD, ...server });
  onTestFinished(() => dav.close());
  const webdav = createTestWebdav(options);
  const openStore = async () => {
    const store = webdav.open({ url: dav.url, auth: { type: 'none' } });
    await store.list(ROOT, NEVER);
    return store;
  };
  const search = async () => await (await openStore()).search(NEVER);
  const asked = (method: string) => dav.requests.filter((request) => request.method === method).length;
  return { dav, webdav, search, asked };
}

function pathsOf(search: Search | null): readonly string[] {
  if (search?.kind !== 'found') throw new Error(`no images: ${search?.detail}`);
  return search.images.map(({ path }) => path).toSorted((a, b) => (a < b ? -1 : 1));
}

test('finds the images of the whole space by the rules of a listing, with what a listing shows of them', async () => {
  const { dav, search } = await openNextcloud({}, { exclude: (path) => path === 'bin' || path.endsWith('secret.ova') });
  dav.tree.put('x.ova', { size: 10, modifiedAt: at });
  dav.tree.put('a/b/Ünï & <c>.OVF', { size: 11, modifiedAt: at });
  for (const path of ['a/._x.ova', 'a/x.ova.part', 'bin/x.ova', 'bin/deep/x.ova', 'a/secret.ova']) dav.tree.put(path);
  dav.tree.mkdir('a/folder.ova');

  const found = await search();

  expect(found).toMatchObject({ kind: 'found', doubt: null });
  expect(pathsOf(found)).toEqual(['a/b/Ünï & <c>.OVF', 'x.ova']);
  const [x] = found?.kind === 'found' ? found.images.filter(({ path }) => path === 'x.ova') : [];
  expect(x).toEqual({ path: 'x.ova', sizeBytes: 10, modifiedAt: at, etag: null });
});

test('searches in one request, without asking first whether that is offered', async () => {
  const { dav, search, asked } = await openNextcloud();
  dav.tree.put('x.ova');
  expect(await search()).toMatchObject({ kind: 'found', requests: 1 });
  expect(await search()).toMatchObject({ kind: 'found', requests: 1 });
  expect([asked('OPTIONS'), asked('SEARCH')]).toEqual([0, 2]);
});

test('never asks a server twice that offers none', async () => {
  const { search, asked } = await openNextcloud({ hasSearch: false });
  expect(await search()).toMatchObject({ kind: 'unoffered', requests: 1, detail: expect.stringContaining('405') });
  expect(await search()).toMatchObject({ kind: 'unoffered', requests: 0 });
  expect([asked('OPTIONS'), asked('SEARCH')]).toEqual([0, 1]);
});

test.for([500, 404, 403, 429, 503, 301])(
  'a server that has answered %i and not said what it offers is asked again later, once for all of its spaces',
  async (optionsStatus) => {
    let now = at;
    const { dav, webdav, asked } = await openNextcloud({}, { clock: () => now });
    for (const name of ['a', 'b', 'c', 'd']) dav.tree.put(`${name}/x.ova`);
    const search = async (name: string) => {
      const store = webdav.open({ url: `${dav.url}${name}/`, auth: { type: 'none' } });
      await store.list(ROOT, NEVER);
      return await store.search(NEVER);
    };
    dav.setSearch({ status: 500, optionsStatus });
    await search('a');
    for (const name of ['b', 'c', 'd', 'b']) await search(name);
    expect([asked('SEARCH'), asked('OPTIONS')]).toEqual([1, 1]);
    const told = { kind: 'unoffered', requests: 0, detail: expect.stringContaining(`answered ${optionsStatus}`) };
    expect(await search('d')).toMatchObject(told);
    now += 60_000;
    for (const name of ['c', 'd']) await search(name);
    expect(asked('OPTIONS')).toBe(2);
    dav.setSearch({});
    now += 4 * 60_000;
    for (const name of ['b', 'c']) expect(pathsOf(await search(name))).toEqual(['x.ova']);
    expect(asked('OPTIONS')).toBe(3);
  },
);

test('a server that has said that it offers none is not asked again, one that has refused all is after a day', async () => {
  let now = at;
  const { dav, search, asked } = await openNextcloud({ hasSearch: false }, { clock: () => now });
  await search();
  now += 86_400_000;
  await search();
  expect([asked('SEARCH'), asked('OPTIONS')]).toEqual([2, 0]);
  dav.setSearch({ status: 500 });
  now += 86_400_000;
  await search();
  now += 86_400_000;
  expect(await search()).toMatchObject({ kind: 'unoffered', requests: 1 });
  now += 7 * 86_400_000;
  expect(await search()).toMatchObject({ kind: 'unoffered', requests: 0 });
  expect([asked('SEARCH'), asked('OPTIONS')]).toEqual([3, 1]);
});

test.for<[string, DavServerOptions]>([
  ['by its URL', { basePath: '/' }],
  ['by its properties', { markers: 'apache' }],
])('sends nothing to a storage that is of another kind %s', async ([, server]) => {
  const { dav, search } = await openNextcloud(server);
  expect(await search()).toBeNull();
  expect(dav.requests.map(({ method }) => method)).toEqual(['PROPFIND']);
});

test('a space of its own in a sub-folder is searched from the top, and has only its own', async () => {
  const { dav, search } = await openNextcloud({ basePath: '/cloud/remote.php/dav/files/jm/my%20images/' });
  dav.tree.put('a/x.ova');
  expect(pathsOf(await search())).toEqual(['a/x.ova']);
  expect(dav.requests.at(-1)).toMatchObject({ method: 'SEARCH', target: '/cloud/remote.php/dav/' });
  expect(dav.requests.at(-1)?.body).toContain('<d:href>/files/jm</d:href>');
});

test('/remote.php/webdav/ is searched as the user who logs in', async () => {
  const auth = { username: 'jm', password: 'secret-1' };
  const dav = await startDavServer({ ...NEXTCLOUD, basePath: '/remote.php/webdav/', auth });
  onTestFinished(() => dav.close());
  dav.tree.put('a/x.ova');
  const store = createTestWebdav().open({ url: dav.url, auth: { type: 'basic', ...auth } });
  await store.list(ROOT, NEVER);
  expect(pathsOf(await store.search(NEVER))).toEqual(['a/x.ova']);
});

test('goes on page by page, also past thousands of one date', async () => {
  const { dav, search, asked } = await openNextcloud();
  const paths: string[] = [];
  const put = (path: string, modifiedAt: number) => {
    dav.tree.put(path, { modifiedAt });
    paths.push(path);
  };
  for (let n = 0; n < 3_000; n++) put(`a/${n}.ova`, at + n * 1_000);
  for (let n = 0; n < 6_000; n++) put(`b/${n}.ova`, at + 3_000_000);
  for (let n = 0; n < 100; n++) put(`c/${n}.ova`, at + 4_000_000 + n);

  const found = await search();

  expect(found).toMatchObject({ kind: 'found', doubt: null });
  expect(pathsOf(found)).toEqual(paths.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(asked('SEARCH')).toBe(4);
});

test.for<[string, Parameters<Awaited<ReturnType<typeof startDavServer>>['setSearch']>[0], RegExp]>([
  ['entries of somebody else', { isForeign: true }, /lab\/x\.ova" lies outside of what was searched/],
  ['pages in no order', { isUnordered: true }, /not in the order/],
])('an answer with %s contradicts itself', async ([, fault, doubt]) => {
  const { dav, search } = await openNextcloud();
  for (let n = 0; n < 3_000; n++) dav.tree.put(`${n}.ova`, { modifiedAt: at - n * 1_000 });
  dav.setSearch(fault);
  expect(await search()).toMatchObject({ kind: 'found', doubt: expect.stringMatching(doubt) });
});

test('a refusal is asked about again a day later, trouble the next time', async () => {
  let now = at;
  const { dav, search, asked } = await openNextcloud({}, { clock: () => now });
  dav.setSearch({ status: 503 });
  expect(await search()).toMatchObject({ kind: 'failed', failure: 'status', requests: 1 });
  dav.setSearch({ status: 500 });
  expect(await search()).toMatchObject({ kind: 'failed', requests: 1, detail: expect.stringContaining('500') });
  expect(await search()).toMatchObject({ kind: 'unoffered', requests: 0, detail: expect.stringContaining('500') });
  now += 86_400_000;
  dav.setSearch({});
  expect(await search()).toMatchObject({ kind: 'found' });
  expect(asked('SEARCH')).toBe(3);
});

test('reads what a Nextcloud answered', async () => {
  const folder = new URL('../../fixtures/nextcloud/', import.meta.url);
  const recorded = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  const { dav, search } = await openNextcloud();
  expect(recorded('options-dav.h')).toMatch(/^DASL: <DAV:basicsearch>\r?$/m);
  dav.setSearch({ body: recorded('search-limit20.xml') });
  const found = await search();
  expect(found).toMatchObject({ kind: 'found', doubt: null });
  expect(pathsOf(found)).toHaveLength(20);
  expect(pathsOf(found)[0]).toMatch(/^data_1\/data_22-renamed\/f73c9a82/);
  dav.setSearch({ status: 500, body: recorded('search-other-user.xml') });
  expect(await search()).toMatchObject({
    kind: 'failed',
    detail: expect.stringContaining('Search is only supported on directories'),
  });
});
