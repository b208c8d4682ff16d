import { describe, expect, it, vi } from 'vitest';
import type { ImageQuery } from '../../src/domain/query.js';
import { createPreparedLists } from '../../src/http/prepared-lists.js';
import { createApiScene } from './api-scene.js';

const ALL: ImageQuery = { nameContains: [], sort: [] };

describe('createPreparedLists', () => {
  const createScene = async () => {
    const scene = createApiScene();
    for (const user of ['jm', 'lab']) await scene.addSpace(user);
    await scene.sync('jm', ['a.ova', 'b.ova']);
    await scene.sync('lab', ['theirs.ova']);
    const images = vi.spyOn(scene.index.catalogue, 'images');
    const list = createPreparedLists(scene.index.catalogue);
    const names = async (user: string, query = ALL, key = '') => {
      const found = await list(user, query, key);
      return (JSON.parse(found?.list.text ?? 'null') as { name: string }[]).map(({ name }) => name);
    };
    return { scene, images, list, names };
  };

  it('asks the index once for the same question at the same revision', async () => {
    const { images, names } = await createScene();
    expect(await names('jm')).toEqual(['a.ova', 'b.ova']);
    expect(await names('jm')).toEqual(['a.ova', 'b.ova']);
    expect(images).toHaveBeenCalledTimes(1);
  });

  it('never gives what was prepared before a commit', async () => {
    const { scene, names } = await createScene();
    await names('jm');
    await scene.sync('jm', ['c.ova']);
    expect(await names('jm')).toEqual(['a.ova', 'b.ova', 'c.ova']);
  });

  it('keeps users and questions apart', async () => {
    const { names } = await createScene();
    expect(await names('jm')).toEqual(['a.ova', 'b.ova']);
    expect(await names('lab')).toEqual(['theirs.ova']);
    expect(await names('jm', { ...ALL, nameContains: ['b'] }, 'name=b')).toEqual(['b.ova']);
  });

  it('files a list under its own revision, not under the one read before it', async () => {
    const { scene, images, names } = await createScene();
    images.mockImplementationOnce(async (user, query) => {
      await scene.sync('jm', ['late.ova']); // between the two reads
      return scene.index.catalogue.images(user, query);
    });
    expect(await names('jm')).toEqual(['a.ova', 'b.ova', 'late.ova']);
    images.mockClear();
    expect(await names('jm')).toEqual(['a.ova', 'b.ova', 'late.ova']);
    expect(images).not.toHaveBeenCalled();
  });

  it('has nothing for a user without a space', async () => {
    const { list } = await createScene();
    expect(await list('nobody', ALL, '')).toBeNull();
  });
});
