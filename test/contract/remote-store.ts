import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pathFromBytes, type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import type { ReadableStore } from '../../src/domain/ports/remote-store.js';

/** A store and the storage behind it. Paths are below the space's root; parents come with their members. */
export interface RemoteStoreHarness {
  readonly store: ReadableStore;
  put(path: string, sizeBytes: number): void;
  mkdir(path: string): void;
  remove(path: string): void;
  /** From now on nobody answers. */
  unplug(): void;
  /** From now on requests are taken and never answered. */
  stall(): void;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;
const path = (text: string) => text as ResourcePath;
const sorted = (texts: readonly string[]) => texts.toSorted((a, b) => (a < b ? -1 : 1));

/** What every RemoteStore does, on a space that is empty at first. */
export function describeRemoteStore(name: string, makeHarness: () => Promise<RemoteStoreHarness>): void {
  describe(`${name} is a RemoteStore and`, () => {
    let harness: RemoteStoreHarness;
    beforeEach(async () => {
      harness = await makeHarness();
    });
    afterEach(() => harness.close());
    const list = (collection: string) => harness.store.list(path(collection), NEVER);

    test('lists the images and collections directly inside, and counts every member', async () => {
      harness.put('images/x.ova', 10);
      harness.put('images/Y.OVF', 0);
      harness.put('images/notes.txt', 5);
      harness.put('images/._x.ova', 5);
      harness.put('images/old/deep.ova', 5);

      const listing = await list('images');

      expect(listing.verdict).toEqual({ complete: true });
      expect(listing.collection).toBe('images');
      expect(listing.images.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
        { path: 'images/Y.OVF', sizeBytes: 0 },
        { path: 'images/x.ova', sizeBytes: 10 },
      ]);
      expect(listing.collections.map((child) => child.path)).toEqual(['images/old']);
      expect(listing.memberCount).toBe(5);
      expect(listing.guarded).toEqual([]);
      expect(listing.requests).toBeGreaterThanOrEqual(1);
    });

    test('lists the root', async () => {
      harness.put('x.ova', 1);
      const listing = await list(ROOT);
      expect(listing.verdict.complete).toBe(true);
      expect(listing.images.map((image) => image.path)).toEqual(['x.ova']);
    });

    test('lists an empty collection completely, without any member', async () => {
      harness.mkdir('empty');
      expect(await list('empty')).toMatchObject({ verdict: { complete: true }, memberCount: 0, images: [] });
    });

    test('shows changes at the next listing', async () => {
      harness.put('images/x.ova', 1);
      expect((await list('images')).images).toMatchObject([{ path: 'images/x.ova', sizeBytes: 1 }]);
      harness.put('images/x.ova', 2);
      expect((await list('images')).images).toMatchObject([{ path: 'images/x.ova', sizeBytes: 2 }]);
      harness.remove('images/x.ova');
      expect((await list('images')).images).toEqual([]);
    });

    test('shows the same marker of a collection inside and from its parent', async () => {
      harness.put('images/x.ova', 1);
      const parent = await list(ROOT);
      expect(parent.collections).toMatchObject([{ path: 'images', marker: (await list('images')).marker }]);
    });

    test('keeps every byte of a name', async () => {
      const names = [
        'sp ace',
        'pl+us',
        '100%',
        'two%20words',
        'hash#q?',
        'a&b',
        `quo'te"`,
        'br[ack]et',
        'é',
        'e\u0301',
        '😀',
      ];
      const collections = [...names, pathFromBytes(Buffer.from('latin-\u00e9', 'latin1'))];
      for (const each of collections) harness.put(`${each}/${each}.ova`, 1);

      const found = (await list(ROOT)).collections.map((child) => child.path);
      expect(sorted(found)).toEqual(sorted(collections));
      for (const collection of found) {
        const listing = await list(collection);
        expect(listing.images.map((image) => image.path)).toEqual([`${collection}/${collection}.ova`]);
      }
    });

    test('fails to list what is not there', async () => {
      const listing = await list('nowhere');
      expect(listing.verdict).toMatchObject({ complete: false, failure: 'not-found' });
      expect(listing).toMatchObject({ images: [], collections: [], guarded: [], memberCount: 0, marker: null });
    });

    test('probes what is there and what is not', async () => {
      harness.mkdir('images');
      expect(await harness.store.probe(path('images'), NEVER)).toMatchObject({ presence: 'present' });
      expect(await harness.store.probe(ROOT, NEVER)).toMatchObject({ presence: 'present' });
      expect(await harness.store.probe(path('nowhere'), NEVER)).toMatchObject({ presence: 'absent' });
    });

    const open = (file: string, sizeBytes: number, signal = NEVER) =>
      harness.store.read(path(file), { sizeBytes, etag: null, modifiedAt: null }, signal);

    test('reads the bytes of a file that are asked for, and no more than it has', async () => {
      harness.put('images/sp ace.ova', 10);
      const source = open('images/sp ace.ova', 10);
      expect(await source.read(0, 4)).toEqual({ kind: 'bytes', bytes: new Uint8Array(4), totalBytes: 10 });
      expect(await source.read(4, 20)).toEqual({ kind: 'bytes', bytes: new Uint8Array(6), totalBytes: 10 });
      expect(source.cost()).toEqual({ requests: 2, bytes: 10 });
      await source.close();
    });

    test('downloads a file from its beginning to its end, in one answer', async () => {
      harness.put('images/x.ova', 10);
      const listed = { sizeBytes: 10, etag: null, modifiedAt: null };
      const source = harness.store.download(path('images/x.ova'), listed, NEVER);
      expect(await source.read(0, 4)).toEqual({ kind: 'bytes', bytes: new Uint8Array(4), totalBytes: 10 });
      expect(await source.read(4, 20)).toEqual({ kind: 'bytes', bytes: new Uint8Array(6), totalBytes: 10 });
      expect(source.cost().bytes).toBe(10);
      await source.close();
      harness.remove('images/x.ova');
      const gone = harness.store.download(path('images/x.ova'), listed, NEVER);
      expect(await gone.read(0, 4)).toMatchObject({ kind: 'failed', failure: 'not-found' });
    });

    test('tells a file that has changed since it was listed, and one that is gone', async () => {
      harness.put('x.ova', 10);
      expect(await open('x.ova', 9).read(0, 4)).toMatchObject({ kind: 'changed' });
      harness.remove('x.ova');
      expect(await open('x.ova', 10).read(0, 4)).toMatchObject({ kind: 'failed', failure: 'not-found' });
    });

    test('says so when nobody answers, and rejects nothing', async () => {
      harness.mkdir('images');
      harness.unplug();
      const { verdict } = await list('images');
      expect(verdict).toMatchObject({ complete: false, failure: 'unreachable' });
      expect(verdict.complete ? '' : verdict.detail).not.toBe('');
      expect(await harness.store.probe(path('images'), NEVER)).toMatchObject({ presence: 'unknown' });
    });

    test('rejects with the reason of an aborted signal, before and in the middle', async () => {
      const reason = new Error('stopping');
      await expect(harness.store.list(ROOT, AbortSignal.abort(reason))).rejects.toBe(reason);
      await expect(harness.store.probe(ROOT, AbortSignal.abort(reason))).rejects.toBe(reason);
      await expect(open('x.ova', 10, AbortSignal.abort(reason)).read(0, 4)).rejects.toBe(reason);

      harness.stall();
      const controller = new AbortController();
      const listing = harness.store.list(ROOT, controller.signal);
      const probe = harness.store.probe(ROOT, controller.signal);
      controller.abort(reason);
      await expect(listing).rejects.toBe(reason);
      await expect(probe).rejects.toBe(reason);
    });
  });
}
