import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { ALL, begin, commit, configure, image, listing } from '../../contract/index-under-test.js';
import { AWKWARD_NAMES, anyImageQuery } from '../../support/image-queries.js';
import { fewRunsOf } from '../../support/thorough.js';
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
  const keep = async () => {
    await index.catalogue.images('jm', ALL);
    return index.catalogue.images('jm', ALL);
  };
  const isKept = async () => {
    const [first, second] = [await index.catalogue.images('jm', ALL), await index.catalogue.images('jm', ALL)];
    return first !== null && first.images[0] === second?.images[0];
  };
  return { ...index, lease, keep, isKept };
}

describe('a small space in memory', () => {
  it('answers every question as SQLite does', async () => {
    const { catalogue, db, keep, isKept, close } = await createScene(AWKWARD_NAMES);
    await keep();
    expect(await isKept()).toBe(true);
    await fc.assert(
      fc.asyncProperty(anyImageQuery, async (query) => {
        const whole = { nameContains: query.nameContains, filter: query.filter ?? [], sort: query.sort };
        const read = await createImageCatalogue(db).images('jm', whole);
        expect(await catalogue.images('jm', whole)).toEqual(read);
      }),
      { numRuns: fewRunsOf(300) },
    );
    await close();
  });

  it('is read when a second question comes, and gives the same objects again', async () => {
    const { catalogue, close } = await createScene();
    const alone = await catalogue.images('jm', ALL);
    const first = await catalogue.images('jm', ALL);
    const second = await catalogue.images('jm', { ...ALL, nameContains: ['b'] });
    expect(first?.images[1]).not.toBe(alone?.images[1]);
    expect(second?.images[0]).toBe(first?.images[1]);
    expect(second?.space).toBe(first?.space);
    await close();
  });

  it.each([
    ['this connection', false],
    ['another one', true],
  ])('is read anew at another revision, written over %s', async (_, isOther) => {
    const { lease, ...index } = await createScene();
    const reader = openDatabase(index.file, { readonly: true });
    const catalogue = isOther ? createImageCatalogue(reader) : index.catalogue;
    for (const names of [['b.ova', 'd.ova'], ['d.ova'], ['d.ova', 'e.ova', 'f.ova']]) {
      await commit(index, lease, listing('', names), { removals: 'apply' });
      for (let n = 0; n < 3; n++) expect(pathsOf(await catalogue.images('jm', ALL))).toEqual(names);
    }
    reader.close();
    await index.close();
  });

  it('is never older than the stamp under which it is asked for, whichever stamp that was read under', async () => {
    const { lease, ...index } = await createScene();
    const { catalogue, changes } = index;
    const before = changes.current();
    for (let n = 0; n < 3; n++) await catalogue.images('jm', ALL, undefined, before);
    await commit(index, lease, listing('', ['b.ova', 'd.ova']), { removals: 'apply' });
    const after = changes.current();
    for (let n = 0; n < 3; n++) {
      expect(pathsOf(await catalogue.images('jm', ALL, undefined, after))).toEqual(['b.ova', 'd.ova']);
      await catalogue.images('jm', ALL, undefined, before);
      expect(pathsOf(await catalogue.images('jm', ALL))).toEqual(['b.ova', 'd.ova']);
    }
    await index.close();
  });

  it('leaves pages, unknown users and large spaces to SQLite', async () => {
    const { catalogue, keep, isKept, close } = await createScene(Array.from({ length: 1_001 }, (_, i) => `${i}.ova`));
    await keep();
    expect(await isKept()).toBe(false);
    expect(await catalogue.images('nobody', ALL)).toBeNull();
    await close();
    const small = await createScene();
    const kept = await small.keep();
    const page = { number: 1, size: 2, cursor: null };
    const paged = await small.catalogue.images('jm', { nameContains: [], sort: DEFAULT_SORT, page });
    expect(pathsOf(paged)).toEqual(['a.ova', 'b.ova']);
    expect(paged?.images[0]).not.toBe(kept?.images[0]);
    await small.close();
  });
});
