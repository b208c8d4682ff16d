import fc from 'fast-check';
import { expect } from 'vitest';
import type { ListingFailure } from '../../src/domain/model/listing.js';
import type { MemorySearchFault } from './memory-search.js';
import type { SyncScene } from './sync-scene.js';

/** One step of a history: what happens to the storage, or a sync that ends in some way. */
export type Step =
  | { readonly do: 'put'; readonly path: string; readonly size: number }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'fail'; readonly path: string; readonly failure: ListingFailure }
  | { readonly do: 'heal'; readonly path: string }
  | { readonly do: 'blank'; readonly path: string }
  | { readonly do: 'mount'; readonly path: string }
  | { readonly do: 'age'; readonly areSettled: boolean }
  | { readonly do: 'search'; readonly fault: MemorySearchFault }
  | { readonly do: 'sync'; readonly mode: 'full' | 'incremental' }
  | { readonly do: 'hint'; readonly path: string }
  | { readonly do: 'interrupt'; readonly afterListings: number }
  | { readonly do: 'kill'; readonly afterCommits: number };

export const folder = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 0, maxLength: 3 })
  .map((names) => names.join('/'));
export const file = fc
  .tuple(folder, fc.constantFrom('x.ova', 'y.ovf', 'z.OVA', 'n.txt', 'a'))
  .map(([at, name]) => (at === '' ? `${name}.ova` : `${at}/${name}`));
const failure = fc.constantFrom<ListingFailure>('unreachable', 'forbidden', 'not-found', 'truncated', 'unauthorized');

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('put' as const), path: file, size: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), path: fc.oneof(file, folder) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fail' as const), path: folder, failure }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('heal' as const), path: folder }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('blank' as const), path: folder }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mount' as const), path: folder }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('age' as const), areSettled: fc.boolean() }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('sync' as const),
      mode: fc.constantFrom('full' as const, 'incremental' as const, 'incremental' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hint' as const), path: folder }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('interrupt' as const), afterListings: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), afterCommits: fc.nat(1) }) },
);

export async function perform(scene: SyncScene, now: Step, broken: Set<string>): Promise<void> {
  const { storage } = scene;
  switch (now.do) {
    case 'put':
      return storage.put(now.path, now.size);
    case 'remove':
      return now.path === '' ? undefined : storage.remove(now.path);
    case 'fail':
      broken.add(now.path);
      return storage.fail(now.path, now.failure);
    case 'heal':
      broken.delete(now.path);
      return storage.fail(now.path, null);
    case 'blank':
      // Shown empty to a single sync: that is what a second opinion protects from.
      storage.blank(now.path, true);
      await scene.sync();
      return storage.blank(now.path, false);
    case 'mount':
      return now.path === '' ? undefined : storage.mount(now.path);
    case 'age':
      return storage.settleMarkers(now.areSettled);
    case 'search':
      return storage.offerSearch(now.fault);
    case 'sync':
      await scene.sync({ mode: now.mode });
      return;
    case 'hint':
      await scene.sync({ targets: [await scene.ports.index.nearestKnown(1, now.path as never)] });
      return;
    case 'interrupt':
      return interrupt(scene, now.afterListings);
    case 'kill':
      return kill(scene, now.afterCommits);
  }
}

async function interrupt(scene: SyncScene, afterListings: number): Promise<void> {
  const abort = new AbortController();
  const until = scene.storage.listed.length + afterListings;
  scene.storage.onList = () => {
    if (scene.storage.listed.length >= until) abort.abort();
  };
  await scene.sync({ mode: afterListings % 2 === 0 ? 'full' : 'incremental', signal: abort.signal });
  scene.storage.onList = () => undefined;
}

async function kill(scene: SyncScene, afterCommits: number): Promise<void> {
  const { commit } = scene.ports.index;
  let commits = 0;
  scene.ports.index.commit = async (...batch) => {
    if (commits++ >= afterCommits) throw new Error('killed');
    return commit(...batch);
  };
  await scene
    .sync({ mode: afterCommits === 0 ? 'full' : 'incremental' })
    .catch((error: unknown) => expect(error).toMatchObject({ message: 'killed' }));
  scene.ports.index.commit = commit;
}

/** Searches that go wrong in every way, from now on. */
export const searchStep: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('search' as const),
  fault: fc.oneof(
    fc.constant({}),
    fc.record({ cutAt: fc.nat(3) }),
    fc.record({ forget: fc.array(file, { maxLength: 4 }) }),
    fc.record({ phantoms: fc.array(file, { maxLength: 3 }) }),
    fc.record({ failure }),
    fc.record({ doubt: fc.constant('it is not in the order that was asked for') }),
  ),
});
