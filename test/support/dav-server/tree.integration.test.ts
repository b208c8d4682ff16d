import { expect, onTestFinished, test } from 'vitest';
import { askPlainly, hrefsOf, propfindPlainly } from '../plain-http.js';
import { type DavServer, type DavServerOptions, startDavServer } from './dav-server.js';
import type { MarkerStyle } from './markers.js';
import type { DavTree } from './tree.js';

/** A server whose clock moves by an hour whenever the test says so. */
async function startServer(options: DavServerOptions = {}) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const dav = await startDavServer({ now: () => clock.now, ...options });
  onTestFinished(() => dav.close());
  dav.tree.put('a/b/x.ova', { content: 'x' });
  dav.tree.put('a/c/y.ova', { content: 'y' });
  const later = () => {
    clock.now += 3_600_000;
  };
  return { dav, later };
}

const COLLECTIONS = ['', 'a/', 'a/b/', 'a/c/'];

/** getetag and getlastmodified of a resource as a client sees them. */
async function seen(dav: DavServer, path: string): Promise<{ etag: string | undefined; date: string | undefined }> {
  const text = (await propfindPlainly(`${dav.url}${path}`, { depth: '0' })).body.toString();
  return {
    etag: /<lp1:getetag>(.*?)<\/lp1:getetag>/.exec(text)?.[1],
    date: /<lp1:getlastmodified>(.*?)<\/lp1:getlastmodified>/.exec(text)?.[1],
  };
}

/** Which collections' markers moved with a change. */
async function moved(style: MarkerStyle, change: (tree: DavTree) => void, mount?: string) {
  const { dav, later } = await startServer({ markers: style });
  if (mount !== undefined) dav.tree.setMount(mount, true);
  const before = await Promise.all(COLLECTIONS.map((path) => seen(dav, path)));
  later();
  change(dav.tree);
  const after = await Promise.all(COLLECTIONS.map((path) => seen(dav, path)));
  const isMoved = (i: number) => JSON.stringify(before[i]) !== JSON.stringify(after[i]);
  return COLLECTIONS.filter((_, i) => isMoved(i)).map((path) => `/${path}`);
}

const add = (tree: DavTree) => tree.put('a/b/new.ova');
const overwrite = (tree: DavTree) => tree.put('a/b/x.ova', { content: 'other' });
const replace = (tree: DavTree) => tree.replace('a/b/x.ova', { content: 'other' });
const remove = (tree: DavTree) => tree.remove('a/b');
const move = (tree: DavTree) => tree.move('a/b/x.ova', 'a/c/z.ova');
const quietly = (tree: DavTree) => tree.quietly(() => tree.put('a/b/new.ova'));
const restored = (tree: DavTree) => {
  const marker = tree.marker('a/b');
  tree.put('a/b/new.ova');
  tree.setMarker('a/b', marker);
};

test.for<[MarkerStyle, string, (tree: DavTree) => void, string[]]>([
  ['apache', 'what is added', add, ['/a/b/']],
  ['apache', 'what is overwritten in place', overwrite, []],
  ['apache', 'what is replaced', replace, ['/a/b/']],
  ['apache', 'what is moved', move, ['/a/b/', '/a/c/']],
  ['apache', 'a change whose marker is set back', restored, []],
  ['nginx', 'what is added', add, ['/a/b/']],
  ['nginx', 'what is overwritten in place', overwrite, []],
  ['nextcloud', 'what is added', add, ['/', '/a/', '/a/b/']],
  ['nextcloud', 'what is overwritten', overwrite, ['/', '/a/', '/a/b/']],
  ['nextcloud', 'what is moved', move, ['/', '/a/', '/a/b/', '/a/c/']],
  ['nextcloud', "what changes behind the server's back", quietly, []],
  ['still', 'what is added', add, []],
])('%s markers and %s: %s', async ([style, , change, expected]) => {
  expect(await moved(style, change)).toEqual(expected);
});

test('removing a collection moves the marker of its parent', async () => {
  expect((await moved('apache', remove)).filter((path) => path !== '/a/b/')).toEqual(['/a/']);
});

test('inside of a mount a change moves no marker outside, and the mount itself shows', async () => {
  expect(await moved('nextcloud', add, 'a')).toEqual(['/a/', '/a/b/']);
  expect(await moved('nextcloud', (tree) => tree.setMount('a/b', true))).toEqual(['/', '/a/']);
});

test('inside of a still mount a change moves no marker at all, until it is mounted or unmounted', async () => {
  const { dav, later } = await startServer({ markers: 'nextcloud', areMountsStill: true });
  const look = async () => JSON.stringify(await Promise.all(COLLECTIONS.map((path) => seen(dav, path))));
  dav.tree.setMount('a', true);
  const mounted = await look();
  later();
  add(dav.tree);
  expect(await look()).toBe(mounted);
  const before = await seen(dav, 'a/b/');
  dav.tree.setMount('a', false);
  expect(await seen(dav, 'a/b/')).not.toEqual(before);
});

test('what is moved out of a still mount is made anew', async () => {
  const { dav } = await startServer({ markers: 'nextcloud', areMountsStill: true });
  dav.tree.setMount('a', true);
  const before = await seen(dav, 'a/b/');
  dav.tree.move('a/b', 'b');
  expect(await seen(dav, 'b/')).not.toEqual(before);
});

test('nginx shows no ETag, of files either; others do', async () => {
  const { dav: nginx } = await startServer({ markers: 'nginx' });
  expect((await seen(nginx, 'a/b/x.ova')).etag).toBeUndefined();
  const { dav: apache } = await startServer();
  expect((await seen(apache, 'a/b/x.ova')).etag).toMatch(/^"1-[0-9a-f]+"$/);
});

test('a change within the same second is invisible to nginx', async () => {
  const { dav } = await startServer({ markers: 'nginx' });
  const before = await seen(dav, 'a/b/');
  dav.tree.put('a/b/new.ova');
  expect(await seen(dav, 'a/b/')).toEqual(before);
});

test('shows what was moved in its new place, with the same fileid', async () => {
  const { dav } = await startServer();
  const { id } = dav.tree.find('a') ?? { id: 0 };
  dav.tree.move('a', 'd/e');
  expect(dav.tree.files()).toEqual(['d/e/b/x.ova', 'd/e/c/y.ova']);
  expect(dav.tree.find('d/e')).toMatchObject({ id, name: 'e' });
  expect((await askPlainly(`${dav.url}d/e/b/x.ova`)).body.toString()).toBe('x');
  expect(() => dav.tree.move('d', 'd/e/f')).toThrow('below itself');
});

test('a link above itself is an endless tree, of which the tree itself tells each file once', async () => {
  const { dav } = await startServer();
  dav.tree.link('a/b/loop', 'a');
  const inside = await propfindPlainly(`${dav.url}a/b/loop/b/loop/`);
  expect(hrefsOf(inside)).toEqual(['/a/b/loop/b/loop/', '/a/b/loop/b/loop/b/', '/a/b/loop/b/loop/c/']);
  expect(dav.tree.files()).toEqual(['a/b/x.ova', 'a/c/y.ova']);
  expect(dav.tree.collections()).toEqual(['a', 'a/b', 'a/b/loop', 'a/c']);
  expect(await seen(dav, 'a/b/loop/')).toEqual(await seen(dav, 'a/'));
});

test('keeps names apart that differ in their bytes alone', async () => {
  const { dav } = await startServer();
  dav.tree.put('\u00e9.ova', { content: 'NFC' });
  dav.tree.put('e\u0301.ova', { content: 'NFD' });
  dav.tree.put('\u201bE9.ova', { content: 'Latin-1' });
  for (const [target, content] of [
    ['%C3%A9.ova', 'NFC'],
    ['e%cc%81.ova', 'NFD'],
    ['%E9.ova', 'Latin-1'],
  ]) {
    expect((await askPlainly(`${dav.url}${target}`)).body.toString()).toBe(content);
  }
});
