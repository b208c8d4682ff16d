import { expect, it } from 'vitest';
import { createReach } from '../../../src/crawl/sync/reach.js';
import { failedListing } from '../../../src/domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { createSyncScene } from '../../support/sync-scene.js';

const at = (path: string) => path as ResourcePath;

it('reaches as deep as it is told', () => {
  const reach = createReach(2);
  expect([ROOT, at('a'), at('a/b'), at('a/b/c')].map((path) => reach.has(path))).toEqual([true, true, true, false]);
  expect(reach.message).toBe('deeper than 2 collections (crawl.maxDepth); not listed');
});

it('lets a sync end where two links lead back to their folder, and tells of it', async () => {
  const scene = await createSyncScene('other/y.ova');
  const list = scene.storage.list;
  const below = (collection: ResourcePath, name: string) => at(collection === ROOT ? name : `${collection}/${name}`);
  scene.storage.list = async (collection, signal) => {
    if (/^other/.test(collection)) return await list(collection, signal);
    const collections = ['other', 'a', 'b'].filter((name) => collection === ROOT || name !== 'other');
    return {
      ...failedListing(collection, 'status', '', 1),
      verdict: { complete: true },
      marker: '"1"',
      isSettled: true,
      mayPropagate: true,
      collections: collections.map((name) => ({ path: below(collection, name), marker: '"1"', isMount: false })),
      images: [{ path: below(collection, 'x.ova'), sizeBytes: 1, etag: null, modifiedAt: 0 }],
      memberCount: collections.length + 1,
    };
  };
  const outcome = await scene.sync({ maxDepth: 1_000, mostCollections: 200 });
  expect(outcome).toMatchObject({ status: 'PROCESSED' });
  expect(outcome?.counts.collections).toBeLessThan(500);
  expect(outcome?.warnings[0]).toMatch(
    /^\/[ab/]+: the sync has listed 200 collections; what is in those of this one is not listed$/,
  );
});
