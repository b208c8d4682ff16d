import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { READER } from '../../src/domain/description/reading.js';
import { compareImages, matchesImage, parseImageFilter, parseSort } from '../../src/domain/lists/image-list.js';
import { SEARCH_LIST } from '../../src/domain/lists/image-search.js';
import { parseFilter } from '../../src/domain/lists/parse-filter.js';
import { SPACE_LIST, type SpaceQuery } from '../../src/domain/lists/space-list.js';
import { parseSpaceSort } from '../../src/domain/lists/space-states.js';
import type { ImageResource } from '../../src/domain/model/image.js';
import type { Listing } from '../../src/domain/model/listing.js';
import type { ImageToRead } from '../../src/domain/ports/description-store.js';
import { anyImageQuery } from '../support/image-queries.js';
import type { ReadIndexPorts } from '../support/memory-index/memory-index.js';
import { broken, described, file } from '../support/readings.js';
import { runsOf, someOf } from '../support/thorough.js';
import {
  ALL,
  at,
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  image,
  listing,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

type ReadIndex = IndexUnderTest & ReadIndexPorts;

const COST = { requests: 1, bytes: 32_768 };
const ABORT = new AbortController().signal;

export function describeDescriptionStore(name: string, make: () => Promise<ReadIndex>, runs = runsOf): void {
  describe(`description store: ${name}`, () => {
    let index: ReadIndex;
    let space: number;
    beforeEach(async () => {
      index = await make();
      const [jm] = await configure(index, 'jm', 'lab');
      space = jm?.id ?? 0;
    });
    afterEach(() => index.close());

    const waiting = async (spaceId = space) =>
      (await index.descriptions.toRead(spaceId, 100)).map(({ path }) => `${path}`);
    const toRead = async (path: string): Promise<ImageToRead> => {
      const found = (await index.descriptions.toRead(space, 100)).find((each) => each.path === path);
      if (found === undefined) throw new Error(`${path} doesn't wait for being read`);
      return found;
    };
    const read = async (path: string, reading = described()) =>
      index.descriptions.store(space, await toRead(path), reading, COST);
    const listed = async (query: Partial<typeof ALL> = {}) =>
      (await index.catalogue.images('jm', { ...ALL, ...query }))?.images ?? [];
    const states = async () => Object.fromEntries((await listed()).map(({ path, state }) => [path, state]));
    const paths = async (filter: string) =>
      (await listed({ filter: parseImageFilter(filter) })).map(({ path }) => `${path}`);
    const counts = async () => {
      const space = await spaceOf(index, 'jm');
      return [space.describedImages, space.waitingImages, space.incompleteImages, space.brokenImages];
    };
    const bytes = async () => (await spaceOf(index, 'jm')).readBytes;
    const revision = async () => (await spaceOf(index, 'jm')).revision;
    const whatIs = async (path: string) => {
      const id = (await listed()).find((each) => each.path === path)?.id ?? 0;
      return index.catalogue.description('jm', id);
    };
    /** A listing of a folder with an `.ovf` and these files beside it. */
    const withFiles = (
      files: Record<string, number>,
      images: readonly (ImageResource | string)[] = ['x.ovf'],
    ): Listing => ({
      ...listing('', images),
      siblings: Object.entries(files).map(([name, sizeBytes]) => ({ name, sizeBytes })),
    });

    it('asks for images that are shown and settled, the newest first', async () => {
      const { lease } = await begin(index, 'jm');
      const young = { ...listing('', [image('young.ova', { modifiedAt: 9_000 })]), askedAt: 9_100 };
      await commit(index, lease, {
        ...young,
        images: [
          image('old.ova', { modifiedAt: 2_000 }),
          ...young.images,
          image('none.ova', { modifiedAt: null, etag: 'a' }),
          image('older.ovf', { modifiedAt: 1_000 }),
        ],
        askedAt: 64_000,
      });
      expect(await waiting()).not.toContain('young.ova');
      expect((await waiting()).filter((path) => path !== 'none.ova')).toEqual(['old.ova', 'older.ovf']);
      expect((await states())['young.ova']).toBe('uploading');
    });

    it('gives an image as it was listed, and no more than asked for', async () => {
      await syncOnce(index, 'jm', listing('', [image('x.ova', { sizeBytes: 7, modifiedAt: 5_000 }), 'y.ova', 'z.ova']));
      const [first, ...others] = await index.descriptions.toRead(space, 2);
      expect(first).toEqual({ id: expect.any(Number), path: 'x.ova', sizeBytes: 7, etag: null, modifiedAt: 5_000 });
      expect(others).toHaveLength(1);
    });

    it('tells which of some spaces may have an image to read', async () => {
      const lab = (await spaceOf(index, 'lab')).id;
      expect(await index.descriptions.spacesToRead([space, lab])).toEqual(new Set());
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      await syncOnce(index, 'lab', listing('', ['x.ova']));
      expect(await index.descriptions.spacesToRead([space, lab, 4_711])).toEqual(new Set([space, lab]));
      expect(await index.descriptions.spacesToRead([lab])).toEqual(new Set([lab]));
      await read('x.ova');
      expect(await waiting()).toEqual([]);
      expect(await index.descriptions.spacesToRead([space, lab])).toEqual(new Set([lab]));
    });

    it.each<[string, boolean, readonly (ImageResource | string)[]]>([
      ['an image that appears', true, ['x.ova', 'y.ova', 'z.ova']],
      ['an image that is altered', true, ['x.ova', image('y.ova', { sizeBytes: 101 })]],
      ['nothing new', false, ['x.ova', 'y.ova']],
      ['an image that is gone', false, ['x.ova']],
    ])('after all was read, a listing with %s makes it ask again: %s', async (_, isAsked, images) => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      for (const path of ['x.ova', 'y.ova']) await read(path);
      expect(await waiting()).toEqual([]);
      expect(await index.descriptions.spacesToRead([space])).toEqual(new Set());
      await syncOnce(index, 'jm', listing('', images));
      expect(await index.descriptions.spacesToRead([space])).toEqual(new Set(isAsked ? [space] : []));
    });

    it('asks for an image that settles after nothing was found to wait', async () => {
      const { lease } = await begin(index, 'jm');
      const young = { ...listing('', [image('x.ova', { modifiedAt: 9_000 })]), askedAt: 9_100 };
      await commit(index, lease, young);
      expect(await waiting()).toEqual([]);
      expect(await index.descriptions.spacesToRead([space])).toEqual(new Set());
      index.clock.now += 3_600_000;
      await commit(index, lease, { ...young, askedAt: 3_600_000 });
      expect(await index.descriptions.spacesToRead([space])).toEqual(new Set([space]));
      expect(await waiting()).toEqual(['x.ova']);
    });

    it('shows what was read, and asks for it no more', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      expect(await states()).toEqual({ 'x.ova': 'unknown', 'y.ova': 'unknown' });
      index.clock.now = 77_000;
      expect(await read('x.ova', described({ memoryMib: 4_096 }))).toBe(true);
      expect(await waiting()).toEqual(['y.ova']);
      expect(await states()).toEqual({ 'x.ova': 'ok', 'y.ova': 'unknown' });
      const [x, y] = await listed({ withShort: true });
      expect(x?.short).toEqual({
        product: 'Ubuntu Server',
        version: '24.04',
        os: 'ubuntu64Guest',
        family: 'linux',
        cpus: 2,
        memoryMib: 4_096,
        diskCount: 1,
        capacityBytes: 8_589_934_592,
      });
      expect(y?.short).toBeNull();
      expect((await listed())[0]).not.toHaveProperty('short');
      expect(await whatIs('x.ova')).toEqual({
        state: 'ok',
        reasons: [],
        notes: [],
        reading: described({ memoryMib: 4_096 }),
        cost: COST,
        readAt: 77_000,
      });
      expect(await whatIs('y.ova')).toEqual({
        state: 'unknown',
        reasons: [],
        notes: [],
        reading: null,
        cost: null,
        readAt: null,
      });
      expect(await spaceOf(index, 'jm')).toMatchObject({ changedAt: 77_000 });
    });

    it('knows nothing of what is in spaces of others, gone, or nowhere', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      await read('x.ova');
      const id = (await listed())[0]?.id ?? 0;
      expect(await index.catalogue.description('lab', id)).toBeNull();
      expect(await index.catalogue.description('jm', 4_711)).toBeNull();
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      expect(await index.catalogue.description('jm', id)).toBeNull();
    });

    it('shows what is broken, and has no short form of it', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      await read('x.ova', broken('not-an-ova: gzip'));
      expect(await listed({ withShort: true })).toMatchObject([{ state: 'broken', short: null }]);
      expect(await whatIs('x.ova')).toMatchObject({ state: 'broken', reasons: ['not-an-ova: gzip'] });
      expect(await waiting()).toEqual([]);
    });

    it('raises the revision for a difference that lists show, and for no other', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      const asked = await toRead('x.ova');
      const start = await revision();
      const store = async (reading = described()) => index.descriptions.store(space, asked, reading, COST);
      await store();
      expect(await revision()).toBe(start + 1);
      await store();
      await store(described({ annotation: 'of no matter to lists' }));
      expect(await revision()).toBe(start + 1);
      await store(described({ cpus: 4 }));
      expect(await revision()).toBe(start + 2);
      await store(described({ cpus: 4 }, ['missing-member: disk1.vmdk']));
      expect(await revision()).toBe(start + 3);
      expect(await states()).toEqual({ 'x.ova': 'incomplete' });
    });

    it.each<[string, readonly (ImageResource | string)[]]>([
      ['another size', [image('x.ova', { sizeBytes: 101 }), 'y.ova']],
      ['another date', [image('x.ova', { modifiedAt: 1_001 }), 'y.ova']],
      ['none any more', ['y.ova']],
    ])('stores nothing of an image that has %s since', async (_, images) => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      const asked = await toRead('x.ova');
      await syncOnce(index, 'jm', listing('', images));
      const before = await revision();
      expect(await index.descriptions.store(space, asked, described(), COST)).toBe(false);
      expect((await counts())[0]).toBe(0);
      expect(await revision()).toBe(before);
    });

    it('stores nothing of an image in another space', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      const { id: lab } = await spaceOf(index, 'lab');
      expect(await index.descriptions.store(lab, await toRead('x.ova'), described(), COST)).toBe(false);
    });

    it('forgets what an image was once its content is another', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      await read('x.ova');
      await read('y.ova');
      await syncOnce(index, 'jm', listing('', [image('x.ova', { sizeBytes: 101 }), 'y.ova']));
      expect(await waiting()).toEqual([]);
      expect(await states()).toEqual({ 'x.ova': 'uploading', 'y.ova': 'ok' });
      index.clock.now += 3_600_000;
      await syncOnce(index, 'jm', listing('', [image('x.ova', { sizeBytes: 101 }), 'y.ova']));
      expect(await waiting()).toEqual(['x.ova']);
      expect(await states()).toEqual({ 'x.ova': 'unknown', 'y.ova': 'ok' });
      expect(await whatIs('x.ova')).toMatchObject({ reading: null, cost: null });
      expect((await listed({ withShort: true }))[0]?.short).toBeNull();
      expect(await counts()).toEqual([1, 1, 0, 0]);
    });

    it.each<[string, ImageResource, ImageResource, string]>([
      ['the same content', image('x.ova'), image('x.ova'), 'ok'],
      ['another size', image('x.ova'), image('x.ova', { sizeBytes: 101 }), 'unknown'],
      ['another date', image('x.ova'), image('x.ova', { modifiedAt: 2_000 }), 'unknown'],
      [
        'the same ETag',
        image('x.ova', { modifiedAt: null, etag: 'a' }),
        image('x.ova', { modifiedAt: null, etag: 'a' }),
        'ok',
      ],
      [
        'another ETag',
        image('x.ova', { modifiedAt: null, etag: 'a' }),
        image('x.ova', { modifiedAt: null, etag: 'b' }),
        'unknown',
      ],
      ['its size alone', image('x.ova', { modifiedAt: null }), image('x.ova', { modifiedAt: null }), 'unknown'],
    ])('knows an image that returns with %s', async (_, before, after, state) => {
      await syncOnce(index, 'jm', listing('', [before, 'y.ova']));
      await syncOnce(index, 'jm', listing('', [before, 'y.ova']));
      index.clock.now += 3_600_000;
      await syncOnce(index, 'jm', listing('', [before, 'y.ova']));
      await read('x.ova');
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      expect(await waiting()).toEqual(['y.ova']);
      await syncOnce(index, 'jm', listing('', [after, 'y.ova']));
      index.clock.now += 3_600_000;
      await syncOnce(index, 'jm', listing('', [after, 'y.ova']));
      expect((await states())['x.ova']).toBe(state);
      expect((await whatIs('x.ova'))?.reading === null).toBe(state === 'unknown');
      expect((await listed({ withShort: true }))[0]?.short === null).toBe(state === 'unknown');
    });

    it('asks for images anew that a lesser reader read, after those that none has read', async () => {
      await syncOnce(index, 'jm', listing('', [image('x.ova', { modifiedAt: 9_000 }), 'y.ova']));
      await read('x.ova');
      const better = index.descriptionsBy(READER + 1);
      expect((await better.toRead(space, 100)).map(({ path }) => path)).toEqual(['y.ova', 'x.ova']);
      expect(await better.toRead(space, 1)).toHaveLength(1);
      expect(await counts()).toEqual([1, 1, 0, 0]);
      expect(await states()).toEqual({ 'x.ova': 'ok', 'y.ova': 'unknown' });
      for (const each of await better.toRead(space, 100)) await better.store(space, each, described(), COST);
      expect(await better.toRead(space, 100)).toEqual([]);
      expect(await better.spacesToRead([space])).toEqual(new Set());
      expect(await index.descriptionsBy(READER + 2).spacesToRead([space])).toEqual(new Set([space]));
    });

    it('counts what is described, waits, is incomplete and broken', async () => {
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova', 'd.ova', 'e.ova']));
      await read('a.ova');
      await read('b.ova', broken('empty'));
      await read('c.ova', broken('truncated'));
      expect(await counts()).toEqual([3, 2, 1, 1]);
      await syncOnce(index, 'jm', listing('', ['a.ova', image('b.ova', { sizeBytes: 7 }), 'd.ova']));
      expect(await counts()).toEqual([1, 1, 0, 0]);
      await syncOnce(index, 'jm', listing('', [], ['sub']), listing('sub', []));
      expect(await counts()).toEqual([0, 0, 0, 0]);
      expect(await bytes()).toBe(3 * COST.bytes);
      expect(await spaceOf(index, 'lab')).toMatchObject({ waitingImages: 0, readBytes: 0 });
    });

    it('counts an image that is being uploaded as nothing else', async () => {
      const { lease } = await begin(index, 'jm');
      const seen = (modifiedAt: number, askedAt: number) =>
        commit(index, lease, { ...listing('', [image('x.ova', { modifiedAt }), 'y.ova']), askedAt });
      await seen(63_000, 64_000);
      expect(await counts()).toEqual([0, 1, 0, 0]);
      await seen(64_500, 65_000);
      expect(await counts()).toEqual([0, 1, 0, 0]);
      index.clock.now += 3_600_000;
      await seen(64_500, 3_600_000);
      expect(await counts()).toEqual([0, 2, 0, 0]);
    });

    it('forgets readings with the tombstones that they belong to', async () => {
      await syncOnce(index, 'jm', listing('', [image('x.ova', { modifiedAt: 5_000 }), 'y.ova']));
      await read('x.ova');
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      expect(await counts()).toEqual([0, 1, 0, 0]);
      expect(await index.maintenance.forgetMissing(index.clock.now + 1, ABORT)).toBe(1);
      await syncOnce(index, 'jm', listing('', [image('x.ova', { modifiedAt: 5_000 }), 'y.ova']));
      expect(await counts()).toEqual([0, 2, 0, 0]);
    });

    it('counts an image that returns with what was read of it', async () => {
      const both = [image('x.ova', { modifiedAt: 5_000 }), 'y.ova'];
      await syncOnce(index, 'jm', listing('', both));
      await read('x.ova', broken('truncated'));
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      await syncOnce(index, 'jm', listing('', both));
      expect(await counts()).toEqual([1, 1, 1, 0]);
    });

    it('counts what is gone with a whole folder', async () => {
      await syncOnce(index, 'jm', listing('', ['y.ova'], ['sub']), listing('sub', ['sub/x.ova', 'sub/z.ova']));
      await read('sub/x.ova');
      expect(await counts()).toEqual([1, 2, 0, 0]);
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      expect(await counts()).toEqual([0, 1, 0, 0]);
    });

    it('filters and orders spaces by these counts', async () => {
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
      await syncOnce(index, 'lab', listing('', ['a.ova']));
      await read('a.ova', broken('empty'));
      const users = async (query: Partial<SpaceQuery>) => {
        const { spaces } = await index.catalogue.listSpaces({ sort: parseSpaceSort(''), ...query });
        return spaces.map(({ user }) => user);
      };
      const filter = parseFilter('broken_images,gt,0', SPACE_LIST.fields);
      expect(await users({ filter })).toEqual(['jm']);
      expect(await users({ sort: parseSpaceSort('described_images;user') })).toEqual(['lab', 'jm']);
    });

    it('judges an .ovf by the files beside it, anew with every listing that shows others', async () => {
      const reading = described({ files: [file('disk1.vmdk', 100)] });
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1 }));
      await read('x.ovf', reading);
      expect(await whatIs('x.ovf')).toMatchObject({ state: 'incomplete', reasons: ['missing-file: disk1.vmdk'] });
      const before = await revision();
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1 }));
      expect(await revision()).toBe(before);
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1, 'disk1.vmdk': 100_000_000 }));
      expect(await states()).toEqual({ 'x.ovf': 'ok' });
      expect(await counts()).toEqual([1, 0, 0, 0]);
      expect(await whatIs('x.ovf')).toMatchObject({ state: 'ok', reasons: [] });
      expect(await revision()).toBe(before + 1);
      await syncOnce(index, 'jm', withFiles({ 'disk1.vmdk': 100_000_000, 'x.ovf': 1, 'readme.txt': 3 }));
      expect(await revision()).toBe(before + 1);
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1, 'readme.txt': 3 }));
      expect(await states()).toEqual({ 'x.ovf': 'incomplete' });
      expect(await counts()).toEqual([1, 0, 1, 0]);
      expect(await revision()).toBe(before + 2);
      expect(await waiting()).toEqual([]);
    });

    it('tells the folders of an .ovf that lacks a file, the one that changed last first', async () => {
      const folders = () => index.index.incompleteFolders(space);
      expect(await folders()).toEqual([]);
      const reading = described({ files: [file('disk1.vmdk', 100)] });
      const inFolder = (folder: string, files: Record<string, number>): Listing => ({
        ...withFiles(files, [`${folder}/x.OVF`]),
        collection: at(folder),
      });
      const [old, young] = [inFolder('old', { 'x.OVF': 1 }), inFolder('young', { 'x.OVF': 1 })];
      await syncOnce(index, 'jm', listing('', ['t.ova'], ['old', 'young']), old);
      index.clock.now += 5_000;
      await syncOnce(index, 'jm', young);
      index.clock.now += 1_000;
      await read('old/x.OVF', reading);
      await read('young/x.OVF', reading);
      await read('t.ova', broken('truncated'));
      expect(await folders()).toEqual([
        { collection: 'young', unchangedMs: 1_000, listedAt: young.askedAt },
        { collection: 'old', unchangedMs: 6_000, listedAt: old.askedAt },
      ]);
      await syncOnce(index, 'jm', inFolder('young', { 'x.OVF': 1, 'disk1.vmdk': 100_000 }));
      expect((await folders()).map(({ collection }) => collection)).toEqual(['old']);
    });

    it('has a space searched again once an .ovf turns out to lack a file', async () => {
      const searchedMarker = async () => (await spaceOf(index, 'jm')).search.searchedMarker;
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, withFiles({ 'x.ovf': 1 }, ['x.ovf', 'y.ova']));
      const search = { found: 'matched', misses: 0, searchedMarker: 'e1', trouble: null } as const;
      await end(index, lease, { search });
      expect(await searchedMarker()).toBe('e1');
      await read('y.ova', broken('truncated'));
      expect(await searchedMarker()).toBe('e1');
      await read('x.ovf', described({ files: [file('disk1.vmdk')] }));
      expect(await searchedMarker()).toBeNull();
    });

    it('judges an .ovf that is described after its files have come', async () => {
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1, 'disk1.vmdk': 100_000_000 }));
      await read('x.ovf', described({ files: [file('disk1.vmdk')] }));
      expect(await states()).toEqual({ 'x.ovf': 'ok' });
    });

    it('keeps what it knows of the files while removals are held', async () => {
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1, 'disk1.vmdk': 100_000_000 }, ['x.ovf', 'y.ova']));
      await read('x.ovf', described({ files: [file('disk1.vmdk')] }));
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, { ...withFiles({ 'x.ovf': 1 }), siblings: null }, { removals: 'hold' });
      await end(index, lease);
      expect((await states())['x.ovf']).toBe('ok');
    });

    it('judges an .ovf that returns by the files that are beside it now', async () => {
      const reading = described({ files: [file('disk1.vmdk')] });
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1, 'disk1.vmdk': 100_000_000 }, ['x.ovf', 'y.ova']));
      await read('x.ovf', reading);
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      await syncOnce(index, 'jm', withFiles({ 'x.ovf': 1 }, ['x.ovf', 'y.ova']));
      expect((await states())['x.ovf']).toBe('incomplete');
    });

    it.each<[string, readonly string[]]>([
      ['family,eq,linux', ['a.ova', 'b.ova']],
      ['family,ne,linux', ['c.ova', 'd.ova', 'e.ova']],
      ['family,in,windows|bsd', ['c.ova']],
      ['os,like,%windows%', ['c.ova']],
      ['product,eq,Ubuntu Server', ['a.ova', 'b.ova']],
      ['version,ge,3', ['c.ova']],
      ['memory_mib,le,4096', ['a.ova', 'c.ova']],
      ['family,eq,linux;memory_mib,le,4096;state,eq,ok', ['a.ova']],
      ['cpus,gt,2', ['b.ova']],
      ['disk_count,eq,0', ['c.ova']],
      ['capacity_bytes,gt,9007199254740990', ['b.ova']],
      ['state,eq,ok', ['a.ova', 'b.ova', 'c.ova']],
      ['state,eq,broken', ['d.ova']],
      ['state,in,broken|unknown', ['d.ova', 'e.ova']],
      ['state,ne,ok', ['d.ova', 'e.ova']],
    ])('filters by %s', async (filter, expected) => {
      await fill();
      expect(await paths(filter)).toEqual(expected);
    });

    it.each<[string, readonly string[]]>([
      ['memory_mib', ['d.ova', 'e.ova', 'a.ova', 'c.ova', 'b.ova']],
      ['memory_mib,desc', ['b.ova', 'c.ova', 'a.ova', 'e.ova', 'd.ova']],
      ['capacity_bytes,desc;name', ['b.ova', 'a.ova', 'c.ova', 'd.ova', 'e.ova']],
      ['family;name,desc', ['e.ova', 'd.ova', 'b.ova', 'a.ova', 'c.ova']],
      ['os;cpus', ['d.ova', 'e.ova', 'c.ova', 'a.ova', 'b.ova']],
    ])('orders by %s', async (text, expected) => {
      await fill();
      const sort = parseSort(text);
      expect((await listed({ sort })).map(({ path }) => path)).toEqual(expected);
    });

    it('filters and orders by what images are as the plain definitions do', async () => {
      await fill();
      const all = await listed({ withShort: true });
      await fc.assert(
        fc.asyncProperty(anyImageQuery, async (query) => {
          const found = await listed({ ...query, withShort: true });
          const expected = all.filter((each) => matchesImage(query, each)).toSorted(compareImages(query.sort));
          expect(found).toEqual(expected);
          const page = await index.catalogue.images('jm', { ...query, page: { number: 1, size: 2, cursor: null } });
          expect(page?.place.total).toBe(expected.length);
        }),
        { numRuns: runs(200) },
      );
    });

    it.each(someOf(['memory_mib', 'family,desc', 'capacity_bytes;os,desc', 'version'], 2))(
      'pages by %s',
      async (text) => {
        await fill();
        const sort = parseSort(text);
        const whole = (await listed({ sort })).map(({ path }) => path);
        const paged: string[] = [];
        for (let number = 1; number <= 3; number++) {
          const part = await listed({ sort, page: { number, size: 2, cursor: null } });
          paged.push(...part.map(({ path }) => path));
        }
        expect(paged).toEqual(whole);
      },
    );

    it('finds what images are in all spaces', async () => {
      await fill();
      const search = async (filter: string) => {
        const query = { ...ALL, filter: parseFilter(filter, SEARCH_LIST.fields), withShort: true };
        return (await index.catalogue.search(query)).images.map(({ user, path, short }) => [user, path, short?.cpus]);
      };
      expect(await search('family,eq,linux')).toEqual([
        ['jm', 'a.ova', 2],
        ['jm', 'b.ova', 8],
      ]);
      expect(await search('state,eq,broken')).toEqual([['jm', 'd.ova', undefined]]);
      expect(await search('family,eq,linux;user,eq,lab')).toEqual([]);
    });

    async function fill() {
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova', 'd.ova', 'e.ova']));
      await read('a.ova');
      await read(
        'b.ova',
        described({ cpus: 8, memoryMib: 8_192, disks: { count: 2, capacityBytes: '9007199254740993' } }),
      );
      const os = { id: 1, description: 'Windows 11', version: null, vmwOsType: null, vboxOsType: null };
      await read(
        'c.ova',
        described({ os, family: 'windows', product: null, version: '3', disks: { count: 0, capacityBytes: null } }),
      );
      await read('d.ova', broken('invalid-xml'));
    }
  });
}
