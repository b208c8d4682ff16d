import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { ALL, begin, commit, configure, image, listing } from '../../contract/index-under-test.js';
import { AWKWARD_NAMES, anyImageQuery } from '../../support/image-queries.js';
import { makeSqliteIndex } from '../temporary-index.js';

const pathsOf = (list: { readonly images: readonly { readonly path: string }[] } | null) =>
  list === null ? null : list.images.map(({ path }) => path);

async function createScene(names: readonly string[] = ['a.ova', 'b.ova', 'c.ova']) {
  const index = await makeSqliteIndex();
  await configure(index, 'jm', 'lab');
  const { lease } = await begin(index, 'jm');
  const images = names.map((name, i) => image(name, { sizeBytes: i % 3 === 0 ? null : i % 5 }));
  await commit(index, lease, listing('', images));
  /** Asked twice: whoever asks once is answered by SQLite. */
  const keep = (version: number) => {
    index.catalogue.atHand('jm', ALL, version);
    return index.catalogue.atHand('jm', ALL, version);
  };
  return { ...index, lease, keep };
}

describe('a small space in memory', () => {
  it('answers every question as SQLite does', async () => {
    const { catalogue, db, keep, close } = await createScene(AWKWARD_NAMES);
    expect(keep(1)).not.toBeNull();
    await fc.assert(
      fc.asyncProperty(anyImageQuery, async (query) => {
        const whole = { nameContains: query.nameContains, filter: query.filter ?? [], sort: query.sort };
        const read = await createImageCatalogue(db).images('jm', whole);
        expect(catalogue.atHand('jm', whole, 1)).toEqual(read);
      }),
      { numRuns: 300 },
    );
    await close();
  });

  it('is read when a second question comes, and gives the same objects again', async () => {
    const { catalogue, close } = await createScene();
    expect(catalogue.atHand('jm', ALL, 1)).toBeNull();
    const first = catalogue.atHand('jm', ALL, 1);
    const second = catalogue.atHand('jm', { ...ALL, nameContains: ['b'] }, 1);
    expect(second?.images[0]).toBe(first?.images[1]);
    expect(second?.space).toBe(first?.space);
    await close();
  });

  it('is read anew at another revision', async () => {
    const { catalogue, lease, keep, close, ...index } = await createScene();
    expect(pathsOf(keep(1))).toEqual(['a.ova', 'b.ova', 'c.ova']);
    await commit({ ...index, catalogue, close }, lease, listing('', ['b.ova', 'd.ova']), { removals: 'apply' });
    expect(pathsOf(keep(2))).toEqual(['b.ova', 'd.ova']);
    await close();
  });

  it('is not taken for one that was written meanwhile: neither space nor images are newer than each other', async () => {
    const { catalogue, lease, keep, close, ...index } = await createScene();
    catalogue.atHand('jm', ALL, 1); // the space is known at version 1
    await commit({ ...index, catalogue, close }, lease, listing('', ['b.ova', 'd.ova']), { removals: 'apply' });
    expect(catalogue.atHand('jm', ALL, 1)).toBeNull();
    expect(pathsOf(keep(2))).toEqual(['b.ova', 'd.ova']);
    await close();
  });

  it('leaves pages, unknown users and large spaces to SQLite', async () => {
    const { catalogue, keep, close } = await createScene(Array.from({ length: 1_001 }, (_, i) => `${i}.ova`));
    expect(keep(1)).toBeNull();
    expect(catalogue.atHand('nobody', ALL, 1)).toBeNull();
    await close();
    const small = await createScene();
    small.keep(1);
    const page = { number: 1, size: 2, cursor: null };
    expect(small.catalogue.atHand('jm', { nameContains: [], sort: DEFAULT_SORT, page }, 1)).toBeNull();
    await small.close();
  });
});
