import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ListingFailure } from '../../src/domain/model/listing.js';
import { nameOf, type ResourcePath } from '../../src/domain/model/path.js';
import { failureOf, NEVER, openStore } from './open-store.js';

/** The images in the recorded directory of awkward names. */
const NAMES = [
  ' lead.ova',
  '.hidden.ova',
  '100%.ova',
  '@at$.ova',
  'UPPER.OVA',
  'a;b=c,d.ova',
  'amp&amp.ova',
  'back\\slash.ova',
  'br[ack]et.ova',
  'caret^{}|`.ova',
  'col:on.ova',
  'ctl-\u0001.ova',
  'emoji-😀.ova',
  'empty.ova',
  'e\u0301-nfd.ova',
  'hash#q?.ova',
  'latin1-\u201BE9.ova',
  'lt<gt>.ova',
  'nl-\n.ova',
  'plain.ova',
  'plus+plus.ova',
  'quo\'te"x.ova',
  'sp ace.ova',
  'tilde~.ova',
  'two%20words.ova',
  'upper.ova',
  '\u00e9-nfc.ova',
];
const DIRECTORIES = ['d1', 'emptydir', 'latin-\u201BE9-dir', 'sp dir%20+#'];
const without = (names: readonly string[], ...missing: string[]) => names.filter((name) => !missing.includes(name));
/** Servers in JavaScript leave out what isn't UTF-8. */
const UTF8_NAMES = without(NAMES, 'latin1-\u201BE9.ova');
const UTF8_DIRECTORIES = without(DIRECTORIES, 'latin-\u201BE9-dir');
/** rclone shows control characters as their pictures. */
const RCLONE_NAMES = [...without(NAMES, 'ctl-\u0001.ova', 'nl-\n.ova'), 'ctl-␁.ova', 'nl-␊.ova'];

interface Recorded {
  readonly name: string;
  /** Where the recording was made. */
  readonly collection: string;
}

function replay({ name }: Recorded): { status: number; headers: Record<string, string>; body: Buffer } {
  const folder = new URL('../fixtures/multistatus/', import.meta.url);
  const head = readFileSync(new URL(`${name}.h`, folder), 'utf8');
  const headers = Object.fromEntries(
    ['Content-Type', 'Location'].flatMap((field) => {
      const value = new RegExp(`^${field}: (.*?)\\r?$`, 'im').exec(head)?.[1];
      return value === undefined ? [] : [[field, value]];
    }),
  );
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  return { status, headers, body: readBody(new URL(`${name}.xml`, folder)) };
}

/** An answer without a body was recorded without a file. */
function readBody(file: URL): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

async function list(recorded: Recorded) {
  const { dav, store } = await openStore();
  dav.fault(recorded.collection, replay(recorded));
  return store.list(recorded.collection as ResourcePath, NEVER);
}

interface Complete extends Recorded {
  readonly images: readonly string[];
  readonly directories: readonly string[];
  readonly memberCount: number;
  readonly marker: string | null;
}

const sorted = (texts: readonly string[]) => texts.toSorted((a, b) => (a < b ? -1 : 1));
const MODIFIED = Date.UTC(2026, 10, 23, 20, 45, 55);

const complete: readonly Complete[] = [
  {
    name: 'apache-t1-d1',
    collection: 't1',
    images: NAMES,
    directories: DIRECTORIES,
    memberCount: 33,
    marker: 'etag:1000-660f7ae2d525c',
  },
  {
    name: 'apache-t2-d1',
    collection: 't2',
    images: NAMES,
    directories: DIRECTORIES,
    memberCount: 33,
    marker: 'etag:1000-660f7ae2f5ffb',
  },
  {
    name: 'apache-t3-d1',
    collection: 't3',
    images: NAMES,
    directories: [...DIRECTORIES, 'unread'],
    memberCount: 34,
    marker: 'etag:1000-660f7ae3185de',
  },
  {
    name: 'apache-t3-linkdir',
    collection: 't3/link-dir',
    images: ['a.ovf'],
    directories: ['d2'],
    memberCount: 2,
    marker: 'etag:1000-660f7ae318574',
  },
  {
    name: 'nginx-t1-d1',
    collection: 't1',
    images: without(NAMES, '.hidden.ova'),
    directories: DIRECTORIES,
    memberCount: 32,
    marker: `date:${MODIFIED}`,
  },
  {
    name: 'nginx-t1-d1-noslash',
    collection: 't1',
    images: without(NAMES, '.hidden.ova'),
    directories: DIRECTORIES,
    memberCount: 32,
    marker: `date:${MODIFIED}`,
  },
  {
    name: 'nginx-t2-d1',
    collection: 't2',
    images: [...without(NAMES, '.hidden.ova'), 'link-file.ova'],
    directories: [...DIRECTORIES, 'link-dir'],
    memberCount: 34,
    marker: `date:${MODIFIED}`,
  },
  {
    name: 'nginx-t2-loop',
    collection: 't2/d1/loop/d1/loop/d1',
    images: ['a.ovf'],
    directories: ['d2', 'loop'],
    memberCount: 3,
    marker: `date:${MODIFIED}`,
  },
  {
    name: 'lighttpd-t1-d1',
    collection: 't1',
    images: NAMES,
    directories: DIRECTORIES,
    memberCount: 33,
    marker: 'etag:2956342193',
  },
  {
    name: 'lighttpd-t1-noslash',
    collection: 't1',
    images: NAMES,
    directories: DIRECTORIES,
    memberCount: 33,
    marker: 'etag:2956342193',
  },
  {
    name: 'lighttpd-t2-d1',
    collection: 't2',
    images: [...NAMES, 'link-file.ova'],
    directories: DIRECTORIES,
    memberCount: 35,
    marker: 'etag:4277285923',
  },
  {
    name: 'nephele-t1-d1',
    collection: '',
    images: UTF8_NAMES,
    directories: UTF8_DIRECTORIES,
    memberCount: 31,
    marker: 'etag:3931e594',
  },
  {
    name: 'nephele-t1-noslash',
    collection: 'd1',
    images: ['a.ovf'],
    directories: ['d2'],
    memberCount: 2,
    marker: 'etag:-2b4bbc6a',
  },
  {
    name: 'wds-t1-d1',
    collection: '',
    images: without(UTF8_NAMES, 'back\\slash.ova'),
    directories: UTF8_DIRECTORIES,
    memberCount: 30,
    marker: 'etag:4463b18b4fae22b5b4a26786d999ff32',
  },
  {
    name: 'wds-t1-noslash',
    collection: 'd1',
    images: ['a.ovf'],
    directories: ['d2'],
    memberCount: 2,
    marker: 'etag:4463b18b4fae22b5b4a26786d999ff32',
  },
  {
    name: 'rclone-t3-d1',
    collection: '',
    images: RCLONE_NAMES,
    directories: [...DIRECTORIES, 'unread'],
    memberCount: 34,
    marker: `date:${Date.UTC(2026, 10, 23, 20, 48, 14)}`,
  },
  // An unreadable directory, byte for byte as an empty one: nothing in the answer tells the difference.
  {
    name: 'rclone-t3-unread',
    collection: 'unread',
    images: [],
    directories: [],
    memberCount: 0,
    marker: `date:${MODIFIED}`,
  },
];

test.for(complete)('$name lists every member', async ({ images, directories, memberCount, marker, ...recorded }) => {
  const below = (names: readonly string[]) =>
    sorted(names.map((name) => (recorded.collection === '' ? name : `${recorded.collection}/${name}`)));

  const listing = await list(recorded);

  expect(listing.verdict).toEqual({ complete: true });
  expect(sorted(listing.images.map((image) => image.path))).toEqual(below(images));
  expect(sorted(listing.images.map((image) => nameOf(image.path)))).toEqual(sorted(images));
  expect(sorted(listing.collections.map((child) => child.path))).toEqual(below(directories));
  expect(listing).toMatchObject({ guarded: [], memberCount, marker });
});

const failed: readonly (Recorded & { readonly failure: ListingFailure })[] = [
  { name: 'apache-infu-inf', collection: 'infu', failure: 'truncated' },
  { name: 'apache-t1-d1-noslash', collection: 't1', failure: 'redirected' },
  { name: 'apache-t1-inf', collection: 't1', failure: 'forbidden' },
  { name: 'apache-t3-unread', collection: 't3/unread', failure: 'forbidden' },
  { name: 'apache-t3-unread0', collection: 't3/unread', failure: 'forbidden' },
  { name: 'lighttpd-t3-unread', collection: 't3/unread', failure: 'no-self' },
  { name: 'nginx-t1-inf', collection: 't1', failure: 'forbidden' },
  { name: 'nginx-t3-d1', collection: 't3', failure: 'status' },
  { name: 'nginx-t3-unread', collection: 't3/unread', failure: 'status' },
  { name: 'wds-t1-inf', collection: '', failure: 'forbidden' },
];

/** Nobody asked for all that is below: what is directly inside is taken, and nothing is proven gone by it. */
const deep: readonly Recorded[] = [
  { name: 'apache-inf-inf', collection: 'inf' },
  { name: 'lighttpd-t1-inf', collection: 't1' },
  { name: 'lighttpd-t3-inf', collection: 't3' },
  { name: 'nephele-t1-inf', collection: '' },
  { name: 'rclone-t3-inf', collection: '' },
];

test.for(deep)('$name proves nothing gone', async (recorded) => {
  const listing = await list(recorded);
  expect(listing.verdict).toEqual({ complete: true });
  expect(listing).toMatchObject({
    isSettled: false,
    misfits: expect.arrayContaining([expect.stringContaining('deeper')]),
  });
});

test.for(failed)('$name is no listing: $failure', async ({ failure, ...recorded }) => {
  expect(failureOf(await list(recorded)).failure).toBe(failure);
});

test('reads the properties of an image as each server writes them', async () => {
  const plain = async (name: string, collection: string) =>
    (await list({ name, collection })).images.find((image) => nameOf(image.path) === 'plain.ova');

  const expected = { sizeBytes: 10, modifiedAt: MODIFIED };
  expect(await plain('apache-t1-d1', 't1')).toMatchObject({ ...expected, etag: null });
  expect(await plain('nginx-t1-d1', 't1')).toMatchObject({ ...expected, etag: null });
  expect(await plain('rclone-t3-d1', '')).toMatchObject({ ...expected, etag: null });
});
