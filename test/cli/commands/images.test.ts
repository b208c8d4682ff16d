import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type ImagesOptions, images } from '../../../src/cli/commands/images.js';
import { UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import type { Image } from '../../../src/domain/model/image.js';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { nameOf, type ResourcePath } from '../../../src/domain/model/path.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import type { Space } from '../../../src/domain/model/space.js';
import type { ImageCatalogue } from '../../../src/domain/ports/image-catalogue.js';
import { configFolder } from '../../config/config-folder.js';
import { A_SHORT } from '../../wire/samples.js';
import { captureIo } from '../captured-io.js';

const SPACE: Space = {
  id: 1,
  user: 'jm',
  url: 'http://127.0.0.1/jm/',
  revision: 7,
  changedAt: null,
  images: 3,
  describedImages: 0,
  waitingImages: 0,
  incompleteImages: 0,
  brokenImages: 0,
  readBytes: 0,
  collections: 2,
  addedAt: 0,
  lastSuccessAt: 60_000,
  lastSyncAt: 60_000,
  trouble: null,
  heldRemovals: null,
  heldReasons: [],
  isRemovalRefused: false,
  nextSyncAt: null,
  evidence: NO_EVIDENCE,
  search: NO_SEARCH,
  rate: UNKNOWN_RATE,
};

function image(id: number, path: string, sizeBytes: number | null): Image {
  return {
    id,
    path: path as ResourcePath,
    name: nameOf(path as ResourcePath),
    sizeBytes,
    createdAt: 0,
    updatedAt: 1_000,
    modifiedAt: id === 1 ? 500 : null,
    isSettled: id !== 1,
    state: id === 1 ? 'uploading' : 'unknown',
  };
}

async function runImages(options: Partial<ImagesOptions>) {
  const folder = await configFolder({ 'ovadex.yaml': 'data: { directory: x }' });
  const ask = vi.fn<ImageCatalogue['images']>((user) =>
    Promise.resolve(
      user === 'jm'
        ? {
            space: SPACE,
            images: [{ ...image(1, 'a/one.ova', 2048), short: A_SHORT }, image(2, 'two\t.ovf', null)],
            place: { total: 2, hasBefore: false, hasAfter: false },
          }
        : null,
    ),
  );
  const unused = () => Promise.reject(new Error('not asked for'));
  const close = vi.fn();
  const open = vi.fn(async () => ({
    catalogue: {
      images: ask,
      image: unused,
      description: unused,
      space: unused,
      listSpaces: unused,
      spaceContext: unused,
      search: unused,
      held: unused,
      changes: unused,
      spacesOf: unused,
    },
    close,
  }));
  const io = captureIo();
  const run = images({ config: join(folder, 'ovadex.yaml'), user: 'jm', ...options }, io, open);
  return { run, ask, open, close, io };
}

describe('ovadex images', () => {
  test('reads the index without writing to it', async () => {
    const { run, open, close } = await runImages({});
    expect(await run).toBe(0);
    expect(open).toHaveBeenCalledExactlyOnceWith(expect.anything(), { readonly: true });
    expect(close).toHaveBeenCalledOnce();
  });

  test('shows a table, and beside it how old it is', async () => {
    const { run, io } = await runImages({});
    await run;
    expect(
      io
        .out()
        .split('\n')
        .map((line) => line.split(/\s{2,}/)),
    ).toEqual([
      ['NAME', 'SIZE', 'UPDATED', 'STATE', 'PATH'],
      ['one.ova', '2.0 KiB', '1970-01-01T00:00:01Z', 'uploading', 'a/one.ova'],
      ['two\\u{9}.ovf', '-', '1970-01-01T00:00:01Z', 'unknown', 'two\\u{9}.ovf'],
      [''],
    ]);
    expect(io.err()).toBe('2 of 3 images, synced 1970-01-01T00:01:00Z\n');
  });

  test('answers one JSON document with the names as they are', async () => {
    const { run, io } = await runImages({ json: true });
    await run;
    expect(JSON.parse(io.out())).toEqual({
      user: 'jm',
      revision: 7,
      synced_on: '1970-01-01T00:01:00Z',
      count: 2,
      images: [
        expect.objectContaining({ id: 1, name: 'one.ova', path: 'a/one.ova', size: 2048, settled: false }),
        expect.objectContaining({ id: 2, name: 'two\t.ovf', size: null }),
      ],
    });
  });

  test('filters and orders as the API does', async () => {
    const { run, ask } = await runImages({ name: ['ub', '', '%'], filter: ['size,gt,5', ''], sort: 'size,desc;name' });
    await run;
    expect(ask).toHaveBeenCalledExactlyOnceWith('jm', {
      nameContains: ['ub', '%'],
      filter: [{ field: 'size', operator: 'gt', value: 5 }],
      sort: [
        { field: 'size', direction: 'desc' },
        { field: 'name', direction: 'asc' },
      ],
    });
  });

  test('lists images in some states', async () => {
    const { run, ask } = await runImages({ filter: ['size,gt,5'], state: ['broken, Incomplete', 'unknown'] });
    await run;
    expect(ask.mock.calls[0]?.[1].filter).toEqual([
      { field: 'size', operator: 'gt', value: 5 },
      { field: 'state', operator: 'in', values: ['broken', 'incomplete', 'unknown'] },
    ]);
  });

  test('shows what images are if that is included', async () => {
    const { run, io, ask } = await runImages({ include: 'ovf' });
    await run;
    expect(ask.mock.calls[0]?.[1].withShort).toBe(true);
    const [head, one, two] = io.out().split('\n');
    expect(head?.split(/\s{2,}/)).toEqual([
      'NAME',
      'SIZE',
      'UPDATED',
      'STATE',
      'OS',
      'CPUS',
      'MEMORY',
      'DISKS',
      'PATH',
    ]);
    expect(one?.split(/\s{2,}/).slice(4)).toEqual(['ubuntu64Guest', '2', '2.0 GiB', '10.0 GiB', 'a/one.ova']);
    expect(two?.split(/\s{2,}/).slice(4)).toEqual(['-', '-', '-', '-', 'two\\u{9}.ovf']);
    const asJson = await runImages({ include: 'ovf', json: true });
    await asJson.run;
    expect(JSON.parse(asJson.io.out())).toMatchObject({
      images: [{ ovf: { os: 'ubuntu64Guest', memory_mib: 2_048 } }, { ovf: null }],
    });
  });

  test.each<[Partial<ImagesOptions>, string]>([
    [{ state: ['brokn'] }, 'state: "brokn" is not a state of an image; use one or more of ok, incomplete, uploading'],
    [{ include: 'disks' }, 'include: "disks" can\'t be included; allowed is ovf'],
  ])('refuses %j, naming what is allowed', async (options, message) => {
    const { run, open } = await runImages(options);
    await expect(run).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) as string });
    expect(open).not.toHaveBeenCalled();
  });

  test('refuses an unknown order, naming what is allowed', async () => {
    const { run, open } = await runImages({ sort: 'colour' });
    await expect(run).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('updated_on') as string,
    });
    expect(open).not.toHaveBeenCalled();
  });

  test('tells an unknown user from an empty space', async () => {
    const { run, close } = await runImages({ user: 'nobody' });
    await expect(run).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('"nobody"') as string,
    });
    expect(close).toHaveBeenCalledOnce();
  });
});
