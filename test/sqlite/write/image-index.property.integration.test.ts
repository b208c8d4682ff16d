import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Listing } from '../../../src/domain/model/listing.js';
import { isWithin, parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import { ALL, at, begin, commit, configure, image, listing, spaceOf } from '../../contract/index-under-test.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

const COLLECTIONS = ['', 'a', 'a/b', 'a/b/c', 'a!', 'x.ova'];
const childrenOf = (collection: string) =>
  COLLECTIONS.filter((path) => path !== '' && parentOf(at(path)) === collection);
const inside = (collection: string, name: string) => (collection === '' ? name : `${collection}/${name}`);

interface Step {
  readonly seen: Listing;
  readonly removals: 'apply' | 'hold';
}

/** Any listing of any collection; a path may be an image today and a collection tomorrow. */
const anyStep: fc.Arbitrary<Step> = fc.constantFrom(...COLLECTIONS).chain((collection) =>
  fc.record({
    seen: fc
      .tuple(
        fc.dictionary(fc.constantFrom('x.ova', 'X.ova', 'b'), fc.integer({ min: 1, max: 2 })),
        fc.subarray(childrenOf(collection)),
      )
      .map(([sizes, children]) => {
        const images = Object.entries(sizes).map(([name, sizeBytes]) => image(inside(collection, name), { sizeBytes }));
        const seen = listing(collection, images, children);
        // There is always another file, so an empty list of images is never a suspicious one.
        return { ...seen, memberCount: seen.memberCount + 1 };
      }),
    removals: fc.constantFrom('apply', 'apply', 'hold'),
  }),
);

/** Sizes of the images that should be shown, and the collections that should be known. */
interface Model {
  readonly images: Map<ResourcePath, number | null>;
  readonly collections: Set<ResourcePath>;
}

function follow({ images, collections }: Model, { seen, removals }: Step): void {
  const learn = (path: ResourcePath) => {
    if (path !== '') learn(parentOf(path));
    collections.add(path);
  };
  for (const path of [seen.collection, ...seen.collections.map((child) => child.path)]) learn(path);
  if (removals === 'apply') {
    const isMember = (path: ResourcePath) => path !== '' && parentOf(path) === seen.collection;
    const gone = [...collections].filter(
      (path) => isMember(path) && !seen.collections.some((child) => child.path === path),
    );
    const isBelowGone = (path: ResourcePath) => gone.some((root) => path !== root && isWithin(path, root));
    for (const path of images.keys()) if (isMember(path) || isBelowGone(path)) images.delete(path);
    for (const path of collections) if (gone.includes(path) || isBelowGone(path)) collections.delete(path);
  }
  for (const each of seen.images) images.set(each.path, each.sizeBytes);
}

it('shows exactly what the listings say, with stable ids and a revision that tells every visible change', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const index = await makeSqliteIndex();
      try {
        await configure(index, 'jm', 'bystander');
        const { lease } = await begin(index, 'jm');
        const model: Model = { images: new Map(), collections: new Set() };
        const ids = new Map<string, number>();
        let before = await index.catalogue.images('jm', ALL);
        // Nothing is suspicious to an administrator who has accepted all.
        const write = ({ seen, removals }: Step) => commit(index, lease, seen, { removals }, { isAccepted: true });
        for (const step of steps) {
          index.clock.now += 1;
          await write(step);
          follow(model, step);
          const after = await index.catalogue.images('jm', ALL);
          const images = after?.images ?? [];
          expect(new Map(images.map(({ path, sizeBytes }) => [path, sizeBytes]))).toEqual(model.images);
          for (const { path, id } of images) {
            expect(ids.get(path) ?? id).toBe(id);
            ids.set(path, id);
          }
          const isChanged = JSON.stringify(images) !== JSON.stringify(before?.images);
          const raised = (after?.space.revision ?? 0) - (before?.space.revision ?? 0);
          expect(raised).toBe(isChanged ? 1 : 0);
          expect(after?.space).toMatchObject({ images: model.images.size, collections: model.collections.size });
          // The same listing again finds nothing to do.
          expect(await write(step)).toEqual({
            added: 0,
            altered: 0,
            removed: 0,
          });
          before = await index.catalogue.images('jm', ALL);
          expect(before).toEqual(after);
        }
        expect(index.db.pragma('foreign_key_check')).toEqual([]);
        expect(index.db.pragma('integrity_check', { simple: true })).toBe('ok');
        expect(await spaceOf(index, 'bystander')).toMatchObject({ images: 0, collections: 0, revision: 0 });
      } finally {
        await index.close();
      }
    }),
    { numRuns: fewRunsOf(60) },
  );
});
