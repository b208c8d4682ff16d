import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarkerStyle } from '../../support/memory-store.js';
import { file, folder, perform, type Step, searchStep, step } from '../../support/sync-histories.js';
import { createSyncScene } from '../../support/sync-scene.js';
import { fewRunsOf } from '../../support/thorough.js';

describe('any history of changes, faults, interruptions and kills', () => {
  it.each<[string, fc.Arbitrary<Step>, readonly MarkerStyle[]]>([
    ['lists', step, ['names', 'subtree', 'still']],
    [
      'is searched, whatever the search says',
      fc.oneof({ weight: 36, arbitrary: step }, { weight: 5, arbitrary: searchStep }),
      ['subtree'],
    ],
  ])(
    'never loses an image that is there, never shows one that never was, and ends in the truth, if it %s',
    async (_, steps, styles) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(steps, { minLength: 1, maxLength: 30 }),
          fc.constantFrom(...styles),
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
              // Presence is believed; only a listing says otherwise.
              if (now.do === 'search') for (const path of now.fault.phantoms ?? []) ever.add(path);
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
        { numRuns: fewRunsOf(400) },
      );
    },
  );

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
        fc.boolean(),
        async (steps, markers, isSearchable) => {
          const scene = await createSyncScene('keep.ova', 'a/x.ova', 'b/y.ova');
          scene.storage.useMarkers(markers);
          if (isSearchable) scene.storage.offerSearch();
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
      { numRuns: fewRunsOf(600) },
    );
  });
});
