import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListingFailure } from '../../../src/domain/model/listing.js';
import type { MarkerStyle } from '../../support/memory-store.js';
import { createSyncScene, type SyncScene } from '../../support/sync-scene.js';
import { runsOf } from '../../support/thorough.js';

/** One step of a history: what happens to the storage, or a sync that ends in some way. */
type Step =
  | { readonly do: 'put'; readonly path: string; readonly size: number }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'fail'; readonly path: string; readonly failure: ListingFailure }
  | { readonly do: 'heal'; readonly path: string }
  | { readonly do: 'blank'; readonly path: string }
  | { readonly do: 'mount'; readonly path: string }
  | { readonly do: 'age'; readonly areSettled: boolean }
  | { readonly do: 'sync'; readonly mode: 'full' | 'incremental' }
  | { readonly do: 'hint'; readonly path: string }
  | { readonly do: 'interrupt'; readonly afterListings: number }
  | { readonly do: 'kill'; readonly afterCommits: number };

const folder = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 0, maxLength: 3 }).map((names) => names.join('/'));
const file = fc
  .tuple(folder, fc.constantFrom('x.ova', 'y.ovf', 'z.OVA', 'n.txt', 'a'))
  .map(([at, name]) => (at === '' ? `${name}.ova` : `${at}/${name}`));
const failure = fc.constantFrom<ListingFailure>('unreachable', 'forbidden', 'not-found', 'truncated', 'unauthorized');

const step: fc.Arbitrary<Step> = fc.oneof(
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

async function perform(scene: SyncScene, now: Step, broken: Set<string>): Promise<void> {
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

describe('any history of changes, faults, interruptions and kills', () => {
  it('never loses an image that is there, never shows one that never was, and ends in the truth', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.constantFrom<MarkerStyle>('names', 'subtree', 'still'),
        async (steps, markers) => {
          const scene = await createSyncScene('a/x.ova', 'b/y.ova');
          scene.storage.useMarkers(markers);
          const ever = new Set<string>(scene.storage.images());
          const broken = new Set<string>();
          for (const now of steps) {
            if (now.do === 'blank' && markers !== 'still') continue; // an emptiness with a moved marker is believed
            const before = { shown: await scene.shown(), revision: (await scene.space()).revision };
            await perform(scene, now, broken);
            const truth = new Set(scene.storage.images());
            for (const path of truth) ever.add(path);
            const after = { shown: await scene.shown(), revision: (await scene.space()).revision };

            expect(after.shown).toEqual(expect.arrayContaining(before.shown.filter((path) => truth.has(path))));
            expect(after.shown.filter((path) => !ever.has(path))).toEqual([]);
            expect(after.revision).toBeGreaterThanOrEqual(before.revision);
            if (after.revision === before.revision) expect(after.shown).toEqual(before.shown);
          }

          for (const path of broken) scene.storage.fail(path, null);
          await scene.sync(); // ends what was interrupted
          await scene.sync();
          if ((await scene.space()).heldRemovals !== null) {
            await scene.ports.spaces.acceptRemovals((await scene.space()).id);
            await scene.sync();
          }
          await scene.sync(); // a second opinion on what stayed suspicious
          expect(await scene.shown()).toEqual(scene.storage.images());
        },
      ),
      { numRuns: runsOf(400) },
    );
  });

  it('ends in the truth by incremental syncs alone, where markers are honest', async () => {
    const change = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), path: file, size: fc.constant(1) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), path: fc.oneof(file, folder) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('age' as const), areSettled: fc.boolean() }) },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('sync' as const), mode: fc.constant('incremental' as const) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), afterCommits: fc.nat(1) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 40 }),
        fc.constantFrom<MarkerStyle>('names', 'subtree'),
        async (steps, markers) => {
          const scene = await createSyncScene('keep.ova', 'a/x.ova', 'b/y.ova');
          scene.storage.useMarkers(markers);
          for (const now of steps) await perform(scene, now, new Set());
          await scene.sync({ mode: 'incremental' }); // ends what was interrupted
          await scene.sync({ mode: 'incremental' });
          if ((await scene.space()).heldRemovals !== null) {
            await scene.ports.spaces.acceptRemovals((await scene.space()).id);
            await scene.sync({ mode: 'incremental' });
          }
          expect(await scene.shown()).toEqual(scene.storage.images());
          expect((await scene.space()).evidence.mismatches).toBe(0);
        },
      ),
      { numRuns: runsOf(400) },
    );
  });
});
